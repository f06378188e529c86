package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// DB is a database that is open. One connection writes, and the others read.
type DB struct {
	File
	readers, writers *sql.DB
	writes           writes
	log              statement.Log
	closers          []func() error // the last is called first
}

// Open implements dialect.Source.
func (f File) Open(ctx context.Context, o dialect.Options) (_ dialect.Database, err error) {
	f.files = &openFiles{logger: o.Logger}
	db := &DB{File: f, log: o.Statements}
	defer func() {
		if err != nil {
			db.files.untouched = isDamage(err)
			err = errors.Join(err, db.Close())
		}
	}()
	if err := f.usable(); err != nil {
		return nil, err
	}
	// By its own name, so that whoever comes by a link meets the same lock.
	if own, err := filepath.EvalSymlinks(f.path); err == nil {
		db.path = own
	}
	lock, err := db.lock()
	if err != nil {
		return nil, err
	}
	db.files.lock = lock
	db.onClose(db.files.unlock)
	if err := db.create(); err != nil {
		return nil, err
	}
	if err := db.connect(ctx, f.path, o.MaxConnections); err != nil {
		return nil, err
	}
	if err := db.markUsed(lock); err != nil {
		return nil, err
	}
	return db, nil
}

// connect opens the pools, and has the files watched that they have open. On Close, what is under way ends first, then what is
// open is compared with the paths, and then connections are closed.
func (d *DB) connect(ctx context.Context, given string, readers int) error {
	database, err := newOpenFile(d.path)
	if err != nil {
		return err
	}
	if d.writers, err = d.openPool(d.dsn("_txlock=immediate", "_journal_mode=WAL", checkpointAfter), 1, provesWritable, waitsForNoLock); err != nil {
		return err
	}
	if err := d.writers.PingContext(ctx); err != nil {
		return unusable(d.path, err)
	}
	if err := d.checkOpen(ctx, d.writers); err != nil {
		return err
	}
	d.writes = newWrites(d.writers, d.log)
	if d.readers, err = d.openPool(d.dsn("_query_only=on"), readers); err != nil {
		return err
	}
	if err := d.readers.PingContext(ctx); err != nil {
		return unusable(d.path, err)
	}
	keeper, err := d.openPool(d.dsn(), 1)
	if err != nil {
		return err
	}
	if _, err := keeper.ExecContext(ctx, "SELECT 1 FROM sqlite_schema"); err != nil { // opens the log
		return unusable(d.path, err)
	}
	if err := d.files.watch(given, database, keeper); err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	d.onClose(d.files.settle)
	d.onClose(d.awaitWriter)
	return nil
}

func (d *DB) openPool(dsn string, connections int, first ...string) (*sql.DB, error) {
	pool, err := openPool(dsn, connections, d.files, first...)
	if err == nil {
		d.onClose(d.files.closing(pool))
	}
	return pool, err
}

func (d *DB) onClose(closer func() error) { d.closers = append(d.closers, closer) }

// Close implements dialect.Database.
func (d *DB) Close() error {
	var errs []error
	for _, closer := range slices.Backward(d.closers) {
		errs = append(errs, closer())
	}
	return errors.Join(errs...)
}

// awaitWriter returns when no transaction is under way: when the connection that writes is free.
func (d *DB) awaitWriter() error {
	if conn, err := d.writers.Conn(context.Background()); err == nil {
		return conn.Close()
	}
	return nil // there is none
}

// Engine implements dialect.Database.
func (*DB) Engine() dialect.Engine {
	return dialect.Engine{
		Name: "SQLite", Tuples: "VALUES ", OneWriter: true,
		BlockLock: dialect.LockForUpdate, // of which its one writer needs none
		UseIndex:  " INDEXED BY %s", UsePrimary: " NOT INDEXED",
	}
}

// Readers implements dialect.Database.
func (d *DB) Readers() *sql.DB { return d.readers }

// Writers implements dialect.Database.
func (d *DB) Writers() *sql.DB { return d.writers }

// Pools implements dialect.Database.
func (d *DB) Pools() map[string]*sql.DB {
	return map[string]*sql.DB{"read": d.readers, "write": d.writers}
}

// Usable implements dialect.Database.
func (d *DB) Usable() error { return d.files.noticedBefore() }

// Verify implements dialect.Database.
func (d *DB) Verify() error { return d.files.check() }

// WrongSettings implements dialect.Database: a file has none but those of its connections.
func (*DB) WrongSettings(context.Context) ([]string, error) { return nil, nil }

// LeaveServer implements dialect.Database.
func (*DB) LeaveServer() {}

// inTransaction calls do in a transaction, which is undone on an error and on a panic. The statements that do runs are prepared
// first, since the transaction has the one connection. A caller whose context is done is told so at once, whatever the disk
// does: the transaction may yet be committed.
func (d *DB) inTransaction(ctx context.Context, statements []*statement.Prepared, do func(context.Context, *sql.Tx) error) error {
	if err := d.Usable(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- cause.Fixed(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		done <- d.transactNow(ctx, statements, do)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transactNow waits for no one but the disk, once it has the connection: not even for the lock (waitsForNoLock). To watch a
// context would take longer than a statement.
func (d *DB) transactNow(ctx context.Context, statements []*statement.Prepared, do func(context.Context, *sql.Tx) error) error {
	for _, s := range statements {
		if _, err := s.Ready(ctx); err != nil {
			return err
		}
	}
	conn, err := d.writers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	ctx = context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing after Commit, and else the error that counts is another
	if err := do(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}
