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
	if len(commands) == 0 {
		return nil
	}
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

// Query runs commands of which the one at an index is a SELECT, in one round trip where the engine lets them, and calls scan for
// each of its rows.
func (c Conn) Query(ctx context.Context, scan func(*sql.Rows) error, at int, commands ...Command) error {
	if !c.apart {
		all := joined(commands...)
		return statement.Query(ctx, c.conn, c.log, scan, all.Text, all.Values...)
	}
	if err := c.Exec(ctx, commands[:at]...); err != nil {
		return err
	}
	if err := statement.Query(ctx, c.conn, c.log, scan, commands[at].Text, commands[at].Values...); err != nil {
		return err
	}
	return c.Exec(ctx, commands[at+1:]...)
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
