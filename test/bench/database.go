package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

func mariadbOn(server *databases.Server) engine {
	return engine{"MariaDB", func(string) (string, func() error, error) { return server.CreateDatabase() }}
}

// memory is the register that is kept nowhere.
var memory = engine{"memory", func(string) (string, func() error, error) {
	return "memory:", func() error { return nil }, nil
}}

// verify checks that a database has the registrations that were acknowledged, each with its row of the log, and no other.
func verify(ctx context.Context, url string, acknowledged int) (err error) {
	db, err := tables.Connect(url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for what, query := range map[string]string{
		"apartments": "SELECT COUNT(*) FROM apartments WHERE registration_id IS NOT NULL",
		"log rows":   "SELECT COUNT(*) FROM logs",
		"apartments with their log row": `SELECT COUNT(*) FROM apartments AS a JOIN logs AS l
			ON l.registration_id = a.registration_id AND l.record_id = a.id AND l.block_id = a.block_id AND l.user_id = a.registered_by`,
	} {
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
