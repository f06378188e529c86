package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
)

// beginning executes statements on each connection that it opens. Unlike settings of a DSN, they wait no longer than
// whoever needs the connection.
type beginning struct {
	driver.Connector
	statements []string
}

func (b beginning) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, connectError{err}
	}
	for _, statement := range b.statements {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, connectError{errors.Join(err, conn.Close())}
		}
	}
	return conn, nil
}
