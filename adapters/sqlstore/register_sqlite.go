package sqlstore

import (
	"cmp"
	"context"
	"database/sql"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// sqliteWrites are the statements of a registration on SQLite. What costs there, without a network between, is parsing.
type sqliteWrites struct {
	insertApartment, insertFreeApartment, insertLog *statement
	files                                           *openFiles
}

func newSQLiteWrites(pool *sql.DB, files *openFiles, log statementLog) *sqliteWrites {
	prepared := func(text string) *statement { return &statement{text: text, pool: pool, log: log} }
	return &sqliteWrites{
		files:           files,
		insertApartment: prepared(insertApartments + apartmentValues),
		// Left out, where one of its keys is not free.
		insertFreeApartment: prepared(insertApartments + apartmentValues + " ON CONFLICT DO NOTHING"),
		insertLog:           prepared(insertLogs + logValues),
	}
}

// transact calls do in a transaction, which is undone on an error and on a panic. A caller whose context is done is told so at
// once, whatever the disk does: the transaction may yet be committed.
func (w *sqliteWrites) transact(ctx context.Context, pool *sql.DB, do func(context.Context, *sql.Tx) error) error {
	if err := w.files.noticedBefore(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- panicked(p)
			}
		}()
		done <- w.transactNow(ctx, pool, do)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transactNow waits for no one but the disk, once it has the connection: not even for the lock (waitsForNoLock). To watch a
// context would take longer than a statement.
func (w *sqliteWrites) transactNow(ctx context.Context, pool *sql.DB, do func(context.Context, *sql.Tx) error) error {
	for _, statement := range []*statement{w.insertApartment, w.insertFreeApartment, w.insertLog} {
		if _, err := statement.ready(ctx); err != nil {
			return err
		}
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	ctx = context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing after Commit, and else the error that counts is another
	if err := do(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// end returns when no transaction is under way: when the connection that writes is free.
func (w *sqliteWrites) end() error {
	if conn, err := w.insertLog.pool.Conn(context.Background()); err == nil {
		return conn.Close()
	}
	return nil // there is none
}

// insert writes both rows.
func (sqliteFile) insert(ctx context.Context, s *Store, r domain.Registration, anew bool) error {
	return s.sqliteWrites.transact(ctx, s.writers, func(ctx context.Context, tx *sql.Tx) error {
		apartment, entry := rowsOf(r)
		inserted, err := s.insertApartment.execIn(ctx, tx, apartment.values()...)
		if err != nil {
			return err
		}
		if anew {
			if _, err := tx.ExecContext(ctx, forgetLog, entry.RegistrationID); err != nil {
				return err
			}
		}
		return s.logInserted(ctx, tx, inserted, entry)
	})
}

func (w *sqliteWrites) logInserted(ctx context.Context, tx *sql.Tx, inserted sql.Result, entry logRow) (err error) {
	if entry.RecordID, err = inserted.LastInsertId(); err != nil {
		return err
	}
	_, err = w.insertLog.execIn(ctx, tx, entry.values()...)
	return err
}

// insertTogether writes the rows of one registration after the other.
func (sqliteFile) insertTogether(ctx context.Context, s *Store, registrations []domain.Registration) ([]result, error) {
	results := make([]result, len(registrations))
	err := s.sqliteWrites.transact(ctx, s.writers, func(ctx context.Context, tx *sql.Tx) error {
		for i, r := range registrations {
			done, err := s.insertIfFree(ctx, tx, r)
			if err != nil {
				return err
			}
			results[i] = done
		}
		return nil
	})
	return results, cmp.Or(err, s.files.check())
}

// insertIfFree writes both rows, unless the block has the number or the register the registration's id.
func (w *sqliteWrites) insertIfFree(ctx context.Context, tx *sql.Tx, r domain.Registration) (result, error) {
	apartment, entry := rowsOf(r)
	inserted, err := w.insertFreeApartment.execIn(ctx, tx, apartment.values()...)
	if err != nil {
		return result{}, err
	}
	rows, err := inserted.RowsAffected()
	if err != nil {
		return result{}, err
	}
	if rows == 0 {
		return settleIn(ctx, tx, r)
	}
	return result{value: application.Registered}, w.logInserted(ctx, tx, inserted, entry)
}

// settleIn is settle, of what the transaction sees.
func settleIn(ctx context.Context, tx *sql.Tx, r domain.Registration) (result, error) {
	id := r.ID()
	told := result{err: domain.NumberTaken}
	rows, err := tx.QueryContext(ctx, "SELECT id, block_id, floor, number FROM apartments WHERE registration_id = ?", id[:])
	if err != nil {
		return result{}, err
	}
	err = scanEach(rows, func(rows *sql.Rows) error {
		var row apartmentRow
		if err := rows.Scan(&row.ID, &row.BlockID, &row.Floor, &row.Number); err != nil {
			return err
		}
		kept, err := row.apartment()
		if err != nil {
			return unforeseen(err)
		}
		told = result{application.Replayed, r.AskedAgain(kept)}
		return nil
	})
	return told, err
}
