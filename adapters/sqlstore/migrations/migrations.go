// Package migrations holds the numbered migrations of the schema, one list a database: SQL files and, where SQL alone does not do,
// steps in Go. One that was released never changes; what follows gets the next number.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"
)

// Files holds the folders mysql and sqlite, with the migrations that are SQL.
//
//go:embed mysql/*.sql sqlite/*.sql
var Files embed.FS

// step is a migration in Go. It has no transaction of its own, and may run again after a crash.
type step struct {
	name string
	up   func(ctx context.Context, db *sql.DB, p *Progress) error
}

var steps = map[string][]step{"mysql": mysqlSteps, "sqlite": sqliteSteps}

// InGo returns the migrations of a folder that are in Go, which report to p.
func InGo(folder string, p *Progress) []*goose.Migration {
	var all []*goose.Migration
	for _, s := range steps[folder] {
		up := func(ctx context.Context, db *sql.DB) error {
			p.Begin("apply " + s.name)
			return s.up(ctx, db, p)
		}
		m := goose.NewGoMigration(version(s.name), &goose.GoFunc{RunDB: up}, nil)
		m.Source = s.name
		all = append(all, m)
	}
	return all
}

// Names returns the names of all migrations of a folder, in their order.
func Names(folder string) []string {
	var names []string
	files, _ := Files.ReadDir(folder) // they are embedded
	for _, file := range files {
		names = append(names, file.Name())
	}
	for _, s := range steps[folder] {
		names = append(names, s.name)
	}
	slices.Sort(names)
	return names
}

// Latest returns the number of the last migration of a folder.
func Latest(folder string) int64 {
	names := Names(folder)
	return version(names[len(names)-1])
}

// version is the number that a name begins with.
func version(name string) int64 {
	number, err := goose.NumericComponent(name)
	if err != nil {
		panic(fmt.Sprintf("the migration %s has no number", name))
	}
	return number
}
