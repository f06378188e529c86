package sqlstore

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// statement is one of a request's. It is prepared once on each connection that it runs on: GORM would build it anew each time,
// and the database parse it.
type statement struct {
	text     string
	pool     *sql.DB
	log      statementLog
	prepared atomic.Pointer[sql.Stmt]
}

// ready returns the statement prepared.
func (s *statement) ready(ctx context.Context) (*sql.Stmt, error) {
	if stmt := s.prepared.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := s.pool.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, err
	}
	if !s.prepared.CompareAndSwap(nil, stmt) { // another caller was faster
		_ = stmt.Close() // and its own is there
	}
	return s.prepared.Load(), nil
}

// query runs the statement and calls scan for each row.
func (s *statement) query(ctx context.Context, scan func(*sql.Rows) error, values ...any) error {
	began := time.Now()
	stmt, err := s.ready(ctx)
	var rows *sql.Rows
	if err == nil {
		rows, err = stmt.QueryContext(ctx, values...)
	}
	if err == nil {
		err = scanEach(rows, scan)
	}
	s.log.ran(ctx, s.text, began, err)
	return err
}

// execIn runs the statement in a transaction. It has to be ready before that begins, whose connection may be the only one.
func (s *statement) execIn(ctx context.Context, tx *sql.Tx, values ...any) (sql.Result, error) {
	began := time.Now()
	done, err := tx.StmtContext(ctx, s.prepared.Load()).ExecContext(ctx, values...)
	s.log.ran(ctx, s.text, began, err)
	return done, err
}

// scanEach calls scan for each row of a query, and ends it.
func scanEach(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
