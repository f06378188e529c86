package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// The statements around a transaction.
const (
	Begin    = "START TRANSACTION"
	Commit   = "COMMIT"
	Rollback = "ROLLBACK"
)

// rollbackTimeout bounds a rollback, which is not the caller's to wait for.
const rollbackTimeout = time.Second

// Command is a statement with its values. The text is made of constants alone, so that several may be one text.
type Command struct {
	Text   string
	Values []any
}

// Conn is a connection on which a transaction is made.
type Conn struct {
	conn  *sql.Conn
	apart bool
	log   statement.Log
}

// WithConn calls do with a connection, and rolls back what has begun on it on an error and on a panic.
func (d *DB) WithConn(ctx context.Context, do func(Conn) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	done := false
	defer func() {
		if !done {
			rollBack(ctx, conn)
		}
	}()
	err = do(Conn{conn, d.engine.Apart, d.statements})
	done = err == nil
	return err
}

// rollBack gives up a connection on which it fails, and its transaction with it.
func rollBack(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, Rollback); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// Exec runs commands in one round trip, where the engine lets them.
func (c Conn) Exec(ctx context.Context, commands ...Command) error {
	if !c.apart {
		commands = []Command{joined(commands...)}
	}
	for _, command := range commands {
		began := time.Now()
		_, err := c.conn.ExecContext(ctx, command.Text, command.Values...)
		c.log.Ran(ctx, command.Text, began, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// Query runs a first command and a SELECT, in one round trip where the engine lets them, and calls scan for each row.
func (c Conn) Query(ctx context.Context, first, selects Command, scan func(*sql.Rows) error) error {
	if c.apart {
		if err := c.Exec(ctx, first); err != nil {
			return err
		}
	} else {
		selects = joined(first, selects)
	}
	began := time.Now()
	rows, err := c.conn.QueryContext(ctx, selects.Text, selects.Values...)
	if err == nil {
		err = statement.ScanEach(rows, scan)
	}
	c.log.Ran(ctx, selects.Text, began, err)
	return err
}

// joined is one text of several commands, of which the server runs none after one that fails.
func joined(commands ...Command) (all Command) {
	texts := make([]string, len(commands))
	for i, c := range commands {
		texts[i] = c.Text
		all.Values = append(all.Values, c.Values...)
	}
	all.Text = strings.Join(texts, "; ")
	return all
}
