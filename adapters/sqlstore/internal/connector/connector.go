// Package connector runs statements on each new connection of a pool.
package connector

import (
	"context"
	"database/sql/driver"
	"errors"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
)

// initConnector runs statements on each connection that it opens. Unlike settings of a DSN, they wait no longer than whoever
// needs the connection.
type initConnector struct {
	driver.Connector
	statements []string
}

// WithInit returns a connector that runs the statements on each connection. Its errors are a cause.ConnectError.
func WithInit(c driver.Connector, statements ...string) driver.Connector {
	return initConnector{c, statements}
}

func (c initConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, cause.ConnectError{Err: err}
	}
	for _, statement := range c.statements {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, cause.ConnectError{Err: errors.Join(err, conn.Close())}
		}
	}
	return conn, nil
}
