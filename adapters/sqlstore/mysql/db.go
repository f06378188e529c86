package mysql

import (
	"database/sql"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// DB is a database that is open.
type DB struct {
	Server
	pool           *sql.DB
	maxConnections int
	engine         dialect.Engine
	statements     statement.Log
	endWatch       func()
}

// Engine implements dialect.Database.
func (d *DB) Engine() dialect.Engine { return d.engine }

// Readers implements dialect.Database.
func (d *DB) Readers() *sql.DB { return d.pool }

// Writers implements dialect.Database.
func (d *DB) Writers() *sql.DB { return d.pool }

// Pools implements dialect.Database.
func (d *DB) Pools() map[string]*sql.DB { return map[string]*sql.DB{"mysql": d.pool} }

// Usable implements dialect.Database.
func (*DB) Usable() error { return nil }

// Verify implements dialect.Database.
func (*DB) Verify() error { return nil }

// LeaveServer implements dialect.Database.
func (d *DB) LeaveServer() {
	d.pool.SetMaxIdleConns(0) // what is idle is closed at once
	d.pool.SetMaxIdleConns(d.maxConnections)
}

// Close implements dialect.Database.
func (d *DB) Close() error {
	err := d.pool.Close()
	d.endWatch()
	return err
}
