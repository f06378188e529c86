// Package dialect says what the store needs from a database, which the packages mysql and sqlite implement.
package dialect

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"gorm.io/gorm"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// Source is what a database URL names. Its String holds no secret.
type Source interface {
	fmt.Stringer
	Errors
	// Open opens it, ready to be migrated.
	Open(ctx context.Context, o Options) (Database, error)
	// OpenReadOnly opens it to be read beside whoever writes to it, without a lock. Verify tells whether what was read is sound.
	OpenReadOnly(ctx context.Context, o Options) (Database, error)
	Schema() Schema
	// ConnectToMigrate returns a pool for the migrations alone, without the timeouts that requests have, and what goose needs.
	ConnectToMigrate(ctx context.Context, readOnly bool) (*sql.DB, []goose.ProviderOption, error)
	// Dialector returns what GORM uses a pool with.
	Dialector(pool *sql.DB) gorm.Dialector
}

// Database is a source that is open.
type Database interface {
	Source
	Writer
	Engine() Engine
	// Readers and Writers are the pools of connections. They may be one.
	Readers() *sql.DB
	Writers() *sql.DB
	// Pools returns them by name.
	Pools() map[string]*sql.DB
	// Usable returns an error once it was noticed that what is open is not what its paths name any more. It looks at nothing.
	Usable() error
	// Verify looks whether it is. Whoever has written verifies before it says so.
	Verify() error
	// WrongSettings says which settings of a session are not as the store needs them.
	WrongSettings(ctx context.Context) ([]string, error)
	// LeaveServer closes the connections that nobody uses, once one was lost: the others may be of a server that is gone, or
	// takes no writes any more.
	LeaveServer()
	// Close ends the connections. What is under way ends first.
	Close() error
}

// Errors tells what the errors of a database mean.
type Errors interface {
	CauseOf(err error) cause.Cause
	ViolatedKey(err error) cause.Key
	// WithoutValues keeps the values of a statement out of an error's text.
	WithoutValues(err error) error
}

// Options are how a database is opened.
type Options struct {
	MaxConnections int
	AnyEngine      bool
	Logger         *slog.Logger
	Statements     statement.Log
}

// LockForUpdate is a BlockLock.
const LockForUpdate = "UPDATE"

// Engine is a kind of database, and what the store does otherwise on one than on another.
type Engine struct {
	Name string
	// OneWriter says that one transaction at a time writes.
	OneWriter bool
	// SharesLookups says that lookups which wait gain from sharing a query.
	SharesLookups bool
	// Apart sends each statement of a transaction by itself. Where Galera aborts a transaction between two statements that were sent
	// together, the server runs those that are left, each by itself, and answers that all is well. It tells the next that is
	// sent. MySQL, where Group Replication aborts one, tells the next statement too.
	Apart bool
	// Current stands before a SELECT that has to see what was acknowledged by any server of a cluster.
	Current string
	// Tuples stands before a list of tuples that IN compares with.
	Tuples string
	// RowLock ends a SELECT that locks what it reads until its transaction ends.
	RowLock string
	// BlockLock is the lock that an import takes on the blocks of its scope, "" for none.
	BlockLock string
	// Snapshot is the isolation level of an import, which reads in several statements.
	Snapshot sql.IsolationLevel
	// UseIndex is what has a SELECT read a table by an index, with a verb for its name; UsePrimary by its primary key.
	UseIndex, UsePrimary string
	// JoinsRanges says that several ranges of an index are read in one statement, in the index's order.
	JoinsRanges bool
}

// Schema is what the tables and migrations of a database differ in.
type Schema struct {
	Dialect database.Dialect
	// Folder has its migrations, below the package migrations.
	Folder string
	// FindVersions counts goose's table of versions: 0 before the first migration.
	FindVersions string
	// SelectKeys reads the keys and tables that are there. Tables are those of them that only this database has.
	SelectKeys string
	Tables     []string
}
