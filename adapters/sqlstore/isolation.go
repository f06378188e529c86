package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
)

// isolated sets the isolation of each connection that it opens. A batch reads back what it wrote, and below READ COMMITTED
// it would see rows that another transaction is about to undo. The variable for it has one name on MySQL and another on
// MariaDB; the statement has one.
type isolated struct{ driver.Connector }

func (c isolated) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	const statement = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
