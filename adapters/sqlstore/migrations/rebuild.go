package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// rowsAtOnce is how many rows one transaction of the rebuild copies.
const rowsAtOnce = 50_000

// columnsKept are those of apartments that are filled from what was there.
const columnsKept = "id, block_id, floor, number, registered_by, registered_at, version"

// rebuildApartments makes the table apartments anew, without registration_id and with keys over live: SQLite can change neither in
// place. A copy is filled in several transactions, and takes the table's place in a last one.
func rebuildApartments(ctx context.Context, db *sql.DB, p *Progress) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "PRAGMA cache_size = -16384"); err != nil { // an index is sorted in as much memory again
		return err
	}
	rebuilt, err := count(ctx, conn, "SELECT COUNT(*) FROM pragma_table_info('apartments') WHERE name = 'live'")
	if err != nil || rebuilt > 0 {
		return err
	}
	// AUTOINCREMENT: the ledger speaks of apartments by their ids, so none is ever used again.
	_, err = conn.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS apartments_new (
		id            INTEGER PRIMARY KEY AUTOINCREMENT,
		block_id      INTEGER NOT NULL REFERENCES blocks (id),
		floor         INTEGER NOT NULL,
		number        INTEGER NOT NULL,
		live          INTEGER NULL DEFAULT 1,
		registered_by INTEGER NULL,
		registered_at TEXT    NOT NULL,
		changed_at    TEXT    NULL,
		version       INTEGER NOT NULL
	) STRICT`)
	if err != nil {
		return err
	}
	if err := fillApartments(ctx, conn, p); err != nil {
		return err
	}
	p.Begin("make the keys of the apartments")
	return replaceApartments(ctx, conn)
}

// fillApartments goes on after the last row that is copied.
func fillApartments(ctx context.Context, conn *sql.Conn, p *Progress) error {
	after, err := count(ctx, conn, "SELECT COALESCE(MAX(id), -9223372036854775808) FROM apartments_new")
	if err != nil {
		return err
	}
	all, err := count(ctx, conn, "SELECT COUNT(*) FROM apartments")
	if err != nil {
		return err
	}
	left, err := count(ctx, conn, "SELECT COUNT(*) FROM apartments WHERE id > ?", after)
	if err != nil {
		return err
	}
	p.begin("make the table of apartments anew", "apartment", all)
	p.did(all-left, 0)
	for {
		result, err := conn.ExecContext(ctx, "INSERT INTO apartments_new ("+columnsKept+") SELECT "+columnsKept+
			" FROM apartments WHERE id > (SELECT COALESCE(MAX(id), -9223372036854775808) FROM apartments_new) ORDER BY id LIMIT ?", rowsAtOnce)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err != nil || rows == 0 {
			return err
		}
		p.did(rows, rows)
	}
}

// replaceApartments puts the copy in the table's place. Foreign keys are not looked at meanwhile: memberships refer to the table by
// its name.
func replaceApartments(ctx context.Context, conn *sql.Conn) (err error) {
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return err
	}
	defer func() {
		_, on := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = ON")
		err = errors.Join(err, on)
	}()
	return transaction(ctx, conn, func(tx *sql.Tx) error {
		var missing int64
		err := tx.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM apartments) - (SELECT COUNT(*) FROM apartments_new)").Scan(&missing)
		if err != nil {
			return err
		}
		if missing != 0 {
			return fmt.Errorf("the copy of apartments has %d rows less than the table, nothing was dropped: stop every program that writes, drop the table apartments_new, and migrate again", missing)
		}
		for _, statement := range []string{
			"INSERT INTO sqlite_sequence (name, seq) SELECT 'apartments_new', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'apartments_new')",
			"UPDATE sqlite_sequence SET seq = MAX(seq, COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'apartments'), 0)) WHERE name = 'apartments_new'",
			"DROP TABLE apartments",
			"ALTER TABLE apartments_new RENAME TO apartments",
			"CREATE UNIQUE INDEX apartments_number ON apartments (block_id, live, number)",
			"CREATE INDEX apartments_floor ON apartments (block_id, live, floor, number)",
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
