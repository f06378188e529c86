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

// In returns the statement as it runs in a transaction. It has to be ready before that begins, whose connection may be the only
// one.
func (s *Prepared) In(ctx context.Context, tx *sql.Tx) *InTx {
	return &InTx{ctx, tx.StmtContext(ctx, s.prepared.Load()), s}
}

// InTx is a statement that runs in a transaction.
type InTx struct {
	ctx      context.Context
	stmt     *sql.Stmt
	prepared *Prepared
}

// Exec runs the statement.
func (s *InTx) Exec(values ...any) (sql.Result, error) {
	began := time.Now()
	done, err := s.stmt.ExecContext(s.ctx, values...)
	s.prepared.log.Ran(s.ctx, s.prepared.text, began, err)
	return done, err
}

// Query runs the statement and calls scan for each row.
func (s *InTx) Query(scan func(*sql.Rows) error, values ...any) error {
	began := time.Now()
	rows, err := s.stmt.QueryContext(s.ctx, values...)
	if err == nil {
		err = ScanEach(rows, scan)
	}
	s.prepared.log.Ran(s.ctx, s.prepared.text, began, err)
	return err
}

// ScanEach calls scan for each row of a query, and ends it. Of a text of several statements the first that returns rows is
// scanned, and the error is that of any.
func ScanEach(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	for rows.NextResultSet() { // until all have run
	}
	return rows.Err()
}
