package sqlstore

import (
	"cmp"
	"context"
	"database/sql"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/adapters/sqlstore/sqlite"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// sqliteWriter has the statements of a registration on SQLite. What costs there, without a network between, is parsing.
type sqliteWriter struct {
	db                                              *sqlite.DB
	insertApartment, insertFreeApartment, insertLog *statement.Prepared
}

func newSQLiteWriter(db *sqlite.DB, log statement.Log) sqliteWriter {
	prepared := func(text string) *statement.Prepared { return statement.Prepare(db.Writers(), text, log) }
	return sqliteWriter{
		db:              db,
		insertApartment: prepared(insertApartments + apartmentValues),
		// Left out, where one of its keys is not free.
		insertFreeApartment: prepared(insertApartments + apartmentValues + " ON CONFLICT DO NOTHING"),
		insertLog:           prepared(insertLogs + logValues),
	}
}

func (w sqliteWriter) transact(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	return w.db.Transact(ctx, []*statement.Prepared{w.insertApartment, w.insertFreeApartment, w.insertLog}, do)
}

// insert writes both rows.
func (w sqliteWriter) insert(ctx context.Context, r domain.Registration, detachLog bool) error {
	return w.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		apartment, entry := rowsOf(r)
		inserted, err := w.insertApartment.ExecIn(ctx, tx, apartment.values()...)
		if err != nil {
			return err
		}
		if detachLog {
			if _, err := tx.ExecContext(ctx, forgetLog, entry.RegistrationID); err != nil {
				return err
			}
		}
		return w.logInserted(ctx, tx, inserted, entry)
	})
}

func (w sqliteWriter) logInserted(ctx context.Context, tx *sql.Tx, inserted sql.Result, entry logRow) (err error) {
	if entry.RecordID, err = inserted.LastInsertId(); err != nil {
		return err
	}
	_, err = w.insertLog.ExecIn(ctx, tx, entry.values()...)
	return err
}

// insertTogether writes the rows of one registration after the other.
func (w sqliteWriter) insertTogether(ctx context.Context, registrations []domain.Registration) ([]result, error) {
	results := make([]result, len(registrations))
	err := w.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for i, r := range registrations {
			done, err := w.insertIfFree(ctx, tx, r)
			if err != nil {
				return err
			}
			results[i] = done
		}
		return nil
	})
	return results, cmp.Or(err, w.db.Verify())
}

// insertIfFree writes both rows, unless the block has the number or the register the registration's id.
func (w sqliteWriter) insertIfFree(ctx context.Context, tx *sql.Tx, r domain.Registration) (result, error) {
	apartment, entry := rowsOf(r)
	inserted, err := w.insertFreeApartment.ExecIn(ctx, tx, apartment.values()...)
	if err != nil {
		return result{}, err
	}
	rows, err := inserted.RowsAffected()
	if err != nil {
		return result{}, err
	}
	if rows == 0 {
		return resolveDuplicateIn(ctx, tx, r)
	}
	return result{outcome: application.Registered}, w.logInserted(ctx, tx, inserted, entry)
}

// resolveDuplicateIn is resolveDuplicate, of what the transaction sees.
func resolveDuplicateIn(ctx context.Context, tx *sql.Tx, r domain.Registration) (result, error) {
	id := r.ID()
	told := result{err: domain.NumberTaken}
	rows, err := tx.QueryContext(ctx, "SELECT id, block_id, floor, number FROM apartments WHERE registration_id = ?", id[:])
	if err != nil {
		return result{}, err
	}
	err = statement.ScanEach(rows, func(rows *sql.Rows) error {
		var row apartmentRow
		if err := rows.Scan(&row.ID, &row.BlockID, &row.Floor, &row.Number); err != nil {
			return err
		}
		kept, err := row.apartment()
		if err != nil {
			return cause.Fixed(err)
		}
		told = result{application.Replayed, r.AskedAgain(kept)}
		return nil
	})
	return told, err
}
