package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
)

// Schema implements dialect.Source.
func (Server) Schema() dialect.Schema {
	return dialect.Schema{
		Dialect: goose.DialectMySQL,
		Folder:  "mysql",
		FindVersions: "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '" +
			goose.DefaultTablename + "'",
		SelectKeys: selectKeys,
		// InnoDB's transactions are what the store relies on.
		Tables: []string{"InnoDB table apartments", "InnoDB table blocks", "InnoDB table changes", "InnoDB table memberships"},
	}
}

const selectKeys = `SELECT CONCAT('unique key ', table_name, ' (', GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', '), ')')
	FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0 GROUP BY table_name, index_name
	UNION ALL SELECT CONCAT('foreign key ', table_name, ' (', column_name, ')')
	FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
	UNION ALL SELECT CONCAT(engine, ' table ', table_name) FROM information_schema.tables WHERE table_schema = DATABASE() AND engine IS NOT NULL`

// lockAttempts is a day: another process may be copying millions of rows.
const lockAttempts = 4 * 24 * 60 * 60

// ConnectToMigrate implements dialect.Source.
func (s Server) ConnectToMigrate(ctx context.Context, readOnly bool) (*sql.DB, []goose.ProviderOption, error) {
	config := s.config.Clone()
	config.ReadTimeout, config.WriteTimeout = 0, 0
	pool, _, err := s.connect(ctx, config, 4) // goose's own, that of a migration in Go, the lock and its heartbeat
	if err != nil {
		return nil, nil, err
	}
	if readOnly {
		return pool, nil, nil // the lock would be a row to write
	}
	locker, err := lock.NewMySQLTableLocker(lock.WithTableLockTimeout(250*time.Millisecond, lockAttempts))
	if err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	return pool, []goose.ProviderOption{goose.WithLocker(locker)}, nil
}

// neededSettings are what a session has to have: a proxy may drop what was set, and an operator change a server.
var neededSettings = map[string]string{
	"tx_isolation":          "READ-COMMITTED",
	"transaction_isolation": "READ-COMMITTED",
	"foreign_key_checks":    "ON",
	"unique_checks":         "ON",
}

// WrongSettings implements dialect.Database. Its error is errReadOnly where the server takes no writes.
func (d *DB) WrongSettings(ctx context.Context) (wrong []string, err error) {
	if _, err := d.pool.ExecContext(ctx, provesWrites+"; "+Rollback); err != nil {
		return nil, err
	}
	variables, err := readVariables(ctx, d.pool)
	for name, value := range variables {
		if needed, ok := neededSettings[name]; ok && needed != value {
			wrong = append(wrong, fmt.Sprintf("%s = %s (it is %s)", name, needed, value))
		}
	}
	if variables["log_bin"] == "ON" && variables["binlog_format"] == "STATEMENT" { // it refuses writes at this level (error 1665)
		wrong = append(wrong, "binlog_format = ROW or MIXED (it is STATEMENT)")
	}
	slices.Sort(wrong)
	return wrong, err
}

// checkedWrites are statements that need the privileges of a register's user. The ledger is never updated.
var checkedWrites = []string{
	"INSERT INTO blocks SELECT * FROM blocks WHERE FALSE", "UPDATE blocks SET version = version WHERE FALSE",
	"INSERT INTO apartments SELECT * FROM apartments WHERE FALSE", "UPDATE apartments SET version = version WHERE FALSE",
	"INSERT INTO memberships SELECT * FROM memberships WHERE FALSE", "UPDATE memberships SET status = status WHERE FALSE",
	"INSERT INTO changes SELECT * FROM changes WHERE FALSE",
}

// CheckWrites returns an error unless the user may write to the tables. EXPLAIN asks for the privileges of what it explains,
// and runs nothing.
func (d *DB) CheckWrites(ctx context.Context) error {
	for _, statement := range checkedWrites {
		rows, err := d.pool.QueryContext(ctx, "EXPLAIN "+statement)
		if err == nil {
			err = errors.Join(rows.Close(), rows.Err())
		}
		if err != nil {
			return fmt.Errorf("database %s cannot be written by this user: %w", d, err)
		}
	}
	return nil
}
