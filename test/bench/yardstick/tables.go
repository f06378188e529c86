package main

import (
	"context"
	_ "embed"
	"errors"
	"strings"
)

var (
	//go:embed sqlite.sql
	sqliteTables string
	//go:embed mysql.sql
	mysqlTables string
)

// fill are the statements that write a block, with apartment 1 and the manager who lives there. All three have the block's id.
var fill = []string{
	"INSERT INTO blocks (id, name, status) VALUES (?, 'Block', 'active')",
	"INSERT INTO apartments (id, block_id, floor, number, registered_at) VALUES (?, ?, 0, 1, '2026-01-01 00:00:00.000000')",
	"INSERT INTO memberships (user_id, block_id, apartment_id, role, status) VALUES (?, ?, ?, 'manager', 'active')",
}

// create makes the tables in an empty database, with so many blocks.
func create(ctx context.Context, database string, blocks int) (err error) {
	pool, onSQLite, err := connect(database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	tables := mysqlTables
	if onSQLite {
		tables = sqliteTables
	}
	for statement := range strings.SplitSeq(strings.TrimSpace(tables), ";\n") {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it does nothing after a commit
	for id := 1; id <= blocks; id++ {
		for _, statement := range fill {
			ids := make([]any, strings.Count(statement, "?"))
			for i := range ids {
				ids[i] = id
			}
			if _, err := tx.ExecContext(ctx, statement, ids...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}
