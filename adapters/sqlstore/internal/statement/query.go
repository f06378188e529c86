package statement

import (
	"context"
	"database/sql"
	"time"
)

// Queryer is what runs a SELECT: a pool, a connection or a transaction.
type Queryer interface {
	QueryContext(ctx context.Context, text string, values ...any) (*sql.Rows, error)
}

// Query runs a SELECT and calls scan for each row.
func Query(ctx context.Context, q Queryer, log Log, scan func(*sql.Rows) error, text string, values ...any) error {
	began := time.Now()
	rows, err := q.QueryContext(ctx, text, values...)
	if err == nil {
		err = ScanEach(rows, scan)
	}
	log.Ran(ctx, text, began, err)
	return err
}

// Execer is what runs a statement that returns no rows: a pool, a connection or a transaction.
type Execer interface {
	ExecContext(ctx context.Context, text string, values ...any) (sql.Result, error)
}

// Exec runs a statement that returns no rows.
func Exec(ctx context.Context, e Execer, log Log, text string, values ...any) error {
	began := time.Now()
	_, err := e.ExecContext(ctx, text, values...)
	log.Ran(ctx, text, began, err)
	return err
}
