package statement

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// Prepared is a statement of a request. It is prepared once on each connection that it runs on: GORM would build it anew each time,
// and the database parse it.
type Prepared struct {
	text     string
	pool     *sql.DB
	log      Log
	prepared atomic.Pointer[sql.Stmt]
}

// Prepare returns a statement that is prepared when it is first used.
func Prepare(pool *sql.DB, text string, log Log) *Prepared {
	return &Prepared{text: text, pool: pool, log: log}
}

// Ready returns the statement prepared.
func (s *Prepared) Ready(ctx context.Context) (*sql.Stmt, error) {
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

// Query runs the statement and calls scan for each row.
func (s *Prepared) Query(ctx context.Context, scan func(*sql.Rows) error, values ...any) error {
	began := time.Now()
	stmt, err := s.Ready(ctx)
	var rows *sql.Rows
	if err == nil {
		rows, err = stmt.QueryContext(ctx, values...)
	}
	if err == nil {
		err = ScanEach(rows, scan)
	}
	s.log.Ran(ctx, s.text, began, err)
	return err
}

// ExecIn runs the statement in a transaction. It has to be ready before that begins, whose connection may be the only one.
func (s *Prepared) ExecIn(ctx context.Context, tx *sql.Tx, values ...any) (sql.Result, error) {
	began := time.Now()
	done, err := tx.StmtContext(ctx, s.prepared.Load()).ExecContext(ctx, values...)
	s.log.Ran(ctx, s.text, began, err)
	return done, err
}

// ScanEach calls scan for each row of a query, and ends it.
func ScanEach(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
