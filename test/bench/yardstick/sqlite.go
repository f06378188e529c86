package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteRegister has one connection that writes, and several that read.
type sqliteRegister struct {
	// turn is held by whoever writes. Those who wait for a channel are served in the order in which they came; a pool of one
	// connection takes any of them.
	turn        chan struct{}
	pool        *sql.DB
	writer      *sql.Conn
	begin       *sql.Stmt
	apartments  *sql.Stmt
	logs        *sql.Stmt
	commit      *sql.Stmt
	rollback    *sql.Stmt
	byID        *sql.Stmt
	memberships *sql.Stmt
}

const sqliteReaders = 8

func connectSQLite(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000")
}

func openSQLite(ctx context.Context, pool *sql.DB) (*sqliteRegister, error) {
	pool.SetMaxOpenConns(1 + sqliteReaders)
	pool.SetMaxIdleConns(1 + sqliteReaders)
	writer, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	r := &sqliteRegister{turn: make(chan struct{}, 1), pool: pool, writer: writer}
	err = errors.Join(
		prepareAll(ctx, pool, map[string]**sql.Stmt{selectMemberships: &r.memberships}),
		prepareAll(ctx, writer, map[string]**sql.Stmt{
			"BEGIN IMMEDIATE": &r.begin, "COMMIT": &r.commit, "ROLLBACK": &r.rollback,
			insertApartment: &r.apartments, insertLog: &r.logs, selectApartment: &r.byID,
		}))
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *sqliteRegister) close() error { return errors.Join(r.writer.Close(), r.pool.Close()) }

func (r *sqliteRegister) manages(ctx context.Context, user, block, apartment int64) (bool, error) {
	return managesBy(ctx, r.memberships, user, block, apartment)
}

func (r *sqliteRegister) add(ctx context.Context, a apartment) (replayed bool, err error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if _, err := r.begin.ExecContext(ctx); err != nil { // which may wait for a lock
		return false, err
	}
	ctx = context.WithoutCancel(ctx) // the transaction ends one way or the other
	err = insertBoth(ctx, r.apartments, r.logs, a)
	if err == nil {
		_, err = r.commit.ExecContext(ctx)
	}
	if err == nil {
		return false, nil
	}
	_, _ = r.rollback.ExecContext(ctx) // without a transaction, there is nothing to undo
	var refused *sqlite.Error
	if errors.As(err, &refused) && refused.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return settle(ctx, r.byID, a)
	}
	return false, err
}
