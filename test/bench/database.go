package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// engine is what a register can be kept in.
type engine struct {
	name string
	// create makes an empty database. Drop removes it.
	create func(folder string) (url string, drop func() error, err error)
}

var sqlite = engine{"SQLite", func(folder string) (string, func() error, error) {
	path := filepath.Join(folder, "register.db")
	return "sqlite://" + path, func() error { return nil }, nil // it goes with the folder
}}

// mariadbArguments make a server as one would be run for this: what is in use fits into its memory.
var mariadbArguments = []string{"--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"}

func startMariaDB() (engine, func() error, error) {
	server, err := databases.MariaDB.Start(mariadbArguments...)
	if err != nil {
		return engine{}, nil, err
	}
	return engine{"MariaDB", func(string) (string, func() error, error) { return server.CreateDatabase() }}, server.End, nil
}

// memory is the register that is kept nowhere.
var memory = engine{"memory", func(string) (string, func() error, error) {
	return "memory:", func() error { return nil }, nil
}}

// onDisk returns all engines but memory.
func onDisk(engines []engine) []engine {
	return slices.DeleteFunc(slices.Clone(engines), func(e engine) bool { return e.name == memory.name })
}

// keptCounts count the registrations in a database, in columns that every version has. Apartments 1 are those of the start.
var keptCounts = map[string]string{
	"apartments": "SELECT COUNT(*) FROM apartments WHERE number > 1",
	"log rows":   "SELECT COUNT(*) FROM logs",
	// Outer joins are made in the order in which they are written, of which one by one is the fast one.
	"apartments with their log row": `SELECT COUNT(DISTINCT CASE WHEN m.user_id IS NOT NULL THEN a.id END) FROM logs AS l
		LEFT JOIN apartments AS a ON a.id = l.record_id AND a.block_id = l.block_id AND a.number > 1
		LEFT JOIN memberships AS m ON m.user_id = l.user_id AND m.block_id = l.block_id`,
}

// withEngines calls use with the engines of these names, in this order. A server that is among them ends afterwards.
func withEngines(names []string, use func([]engine) error) (err error) {
	var engines []engine
	for _, name := range names {
		switch name {
		case "sqlite":
			engines = append(engines, sqlite)
		case "memory":
			engines = append(engines, memory)
		case "mariadb":
			mariadb, end, failed := startMariaDB()
			if failed != nil {
				return failed
			}
			defer func() { err = errors.Join(err, end()) }()
			engines = append(engines, mariadb)
		default:
			return fmt.Errorf("-engines: %q is none of sqlite, mariadb and memory", name)
		}
	}
	return use(engines)
}

// verify checks that a database has the registrations that were acknowledged, each with its row of the log by a manager of its
// block, and no other.
func verify(ctx context.Context, url string, acknowledged int) (err error) {
	db, err := tables.Connect(url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for what, query := range keptCounts {
		var rows int
		if err := db.QueryRowContext(ctx, query).Scan(&rows); err != nil {
			return err
		}
		if rows != acknowledged {
			return fmt.Errorf("%d registrations were acknowledged, and %d %s are kept", acknowledged, rows, what)
		}
	}
	return nil
}

// temporary calls use with a folder that is gone afterwards.
func temporary(use func(folder string) error) (err error) {
	folder, err := os.MkdirTemp("", "omarty-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	return use(folder)
}
