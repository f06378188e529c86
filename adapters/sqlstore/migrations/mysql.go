package migrations

import (
	"context"
	"database/sql"
)

// mysqlSteps are statements that cannot say IF NOT EXISTS: each looks first whether it has run.
var mysqlSteps = []step{
	// A server of the release before fails to insert from here on, since it gives no version: what it writes would not be in the ledger.
	{"00007_apartments.go", unless(hasColumn("apartments", "version"), `ALTER TABLE apartments
		ADD COLUMN live TINYINT NULL DEFAULT 1 AFTER number,
		ADD COLUMN changed_at DATETIME(6) NULL,
		ADD COLUMN version BIGINT NOT NULL,
		DROP KEY apartments_number,
		ADD UNIQUE KEY apartments_number (block_id, live, number),
		ADD KEY apartments_floor (block_id, live, floor, number)`)},
	{"00008_blocks.go", unless(hasColumn("blocks", "version"), `ALTER TABLE blocks
		ADD COLUMN version BIGINT NOT NULL DEFAULT 0,
		ADD COLUMN registered INT NOT NULL DEFAULT 0,
		ADD COLUMN retired INT NOT NULL DEFAULT 0`)},
	{"00009_ledger.go", mysqlCopy.run},
	{"00010_changes.go", unless(hasTable("changes"), "RENAME TABLE changes_new TO changes")},
	{"00012_logs.go", unless(isView("logs"), "RENAME TABLE logs TO logs_old, logs_new TO logs")},
	{"00014_registration_id.go", unless(lacksColumn("apartments", "registration_id"), "ALTER TABLE apartments DROP COLUMN registration_id")},
}

const (
	inThisDatabase = " WHERE table_schema = DATABASE() AND table_name = '"
	columns        = "FROM information_schema.columns" + inThisDatabase
)

func hasTable(table string) string {
	return "SELECT EXISTS (SELECT 1 FROM information_schema.tables" + inThisDatabase + table + "')"
}

func isView(name string) string {
	return "SELECT EXISTS (SELECT 1 FROM information_schema.views" + inThisDatabase + name + "')"
}

func hasColumn(table, column string) string {
	return "SELECT EXISTS (SELECT 1 " + columns + table + "' AND column_name = '" + column + "')"
}

func lacksColumn(table, column string) string { return "SELECT NOT (" + hasColumn(table, column) + ")" }

// unless runs a statement where a query says that it has not run yet. It asks again where the statement fails: the server may have
// gone on with that of a process that was killed.
func unless(query, statement string) func(context.Context, *sql.DB, *Progress) error {
	return func(ctx context.Context, db *sql.DB, _ *Progress) error {
		var done bool
		if err := db.QueryRowContext(ctx, query).Scan(&done); err != nil || done {
			return err
		}
		_, err := db.ExecContext(ctx, statement)
		if err != nil {
			if again := db.QueryRowContext(ctx, query).Scan(&done); again == nil && done {
				return nil
			}
		}
		return err
	}
}
