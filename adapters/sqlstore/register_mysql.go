package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// What costs on MySQL is round trips: one takes along every statement up to the next answer that is needed. All of them are
// made of constants alone, and values go through the driver.

const (
	starting = "START TRANSACTION; "
	ending   = "; COMMIT"
	// logOfNthValues are of the log row of the nth apartment that the statement before inserted. InnoDB gives the rows of one
	// INSERT whose number it knows ids without a gap, in their order, and LAST_INSERT_ID is the first (MySQL manual,
	// AUTO_INCREMENT Handling in InnoDB).
	logOfNthValues = "(?, ?, ?, ?, ?, LAST_INSERT_ID() + ? * @@auto_increment_increment, ?, ?, ?)"
)

// insert is one round trip.
func (mysqlServer) insert(ctx context.Context, s *Store, r domain.Registration, anew bool) error {
	if !anew {
		return s.insertAll(ctx, "", nil, r)
	}
	id := r.ID()
	return s.insertAll(ctx, forgetLog+"; ", []any{id[:]}, r)
}

// insertTogether is one round trip too, however many the registrations, where none of their keys is taken. Else it is undone,
// and made with two more.
func (mysqlServer) insertTogether(ctx context.Context, s *Store, registrations []domain.Registration) ([]result, error) {
	err := s.insertAll(ctx, "", nil, registrations...)
	switch {
	case violatedKey(err) != keyNone:
		return s.insertWhatIsFree(ctx, registrations)
	case err != nil:
		return nil, err
	}
	results := make([]result, len(registrations))
	for i := range results {
		results[i].value = application.Registered
	}
	return results, nil
}

// insertAll writes both rows of each registration, after a first statement.
func (s *Store) insertAll(ctx context.Context, first string, values []any, registrations ...domain.Registration) error {
	n := len(registrations)
	text := starting + first + insertApartments + list(apartmentValues, n) + "; " + insertLogs + list(logOfNthValues, n) + ending
	for _, r := range registrations {
		apartment, _ := rowsOf(r)
		values = append(values, apartment.values()...)
	}
	for i, r := range registrations {
		_, entry := rowsOf(r)
		entry.RecordID = int64(i)
		values = append(values, entry.values()...)
	}
	return s.travel(ctx, func(t trip) error { return t.exec(text, values...) })
}

// insertWhatIsFree is two round trips: one inserts the apartments whose keys are free, and reads back whose they are and which
// of them are logged; the other logs those that are not. It needs no RETURNING, which MySQL does not have.
func (s *Store) insertWhatIsFree(ctx context.Context, registrations []domain.Registration) (results []result, err error) {
	err = s.travel(ctx, func(t trip) error {
		kept, err := t.insertFree(registrations)
		if err != nil {
			return err
		}
		var fresh []logRow
		results, fresh, err = judge(registrations, kept)
		if err != nil {
			return err
		}
		return t.logAll(fresh)
	})
	return results, err
}

// keptRow is an apartment as kept, and the record that the log has under its registration id.
type keptRow struct {
	apartmentRow
	logged sql.NullInt64
}

// insertFree inserts the apartments whose keys are free, and returns those that are kept under the registrations' ids.
func (t trip) insertFree(registrations []domain.Registration) (map[domain.RegistrationID]keptRow, error) {
	var values, ids []any
	for _, r := range registrations {
		apartment, _ := rowsOf(r)
		values, ids = append(values, apartment.values()...), append(ids, apartment.RegistrationID)
	}
	kept := make(map[domain.RegistrationID]keptRow, len(registrations))
	// A duplicate of either key is left out, and every other error is one: unlike INSERT IGNORE, this hides none.
	err := t.query(starting+insertApartments+list(apartmentValues, len(registrations))+" ON DUPLICATE KEY UPDATE id = id; "+
		"SELECT a.id, a.registration_id, a.block_id, a.floor, a.number, l.record_id FROM apartments AS a "+
		"LEFT JOIN logs AS l ON l.registration_id = a.registration_id WHERE a.registration_id IN ("+list("?", len(ids))+")",
		func(rows *sql.Rows) error {
			var row keptRow
			err := rows.Scan(&row.ID, &row.RegistrationID, &row.BlockID, &row.Floor, &row.Number, &row.logged)
			if err == nil && len(row.RegistrationID) != len(domain.RegistrationID{}) {
				err = unforeseen(errors.New("a registration id as kept is not 16 bytes long"))
			}
			if err == nil {
				kept[domain.RegistrationID(row.RegistrationID)] = row
			}
			return err
		}, append(values, ids...)...)
	return kept, err
}

// judge tells what came of each registration, and which rows the log lacks.
func judge(registrations []domain.Registration, kept map[domain.RegistrationID]keptRow) (results []result, fresh []logRow, err error) {
	results = make([]result, len(registrations))
	for i, r := range registrations {
		row, found := kept[r.ID()]
		if !found {
			results[i].err = domain.NumberTaken
			continue
		}
		apartment, err := row.apartment()
		if err != nil {
			return nil, nil, unforeseen(err)
		}
		asked := r.AskedAgain(apartment)
		switch {
		case asked != nil:
			results[i].err = asked
		case !row.logged.Valid:
			results[i].value = application.Registered
			_, entry := rowsOf(r)
			entry.RecordID = row.ID
			fresh = append(fresh, entry)
		case row.logged.Int64 == row.ID:
			results[i].value = application.Replayed
		default:
			return nil, nil, errStaleLog
		}
	}
	return results, fresh, nil
}

// logAll writes rows of the log, and commits.
func (t trip) logAll(entries []logRow) error {
	if len(entries) == 0 {
		return t.exec("COMMIT")
	}
	var values []any
	for _, e := range entries {
		values = append(values, e.values()...)
	}
	return t.exec(insertLogs+list(logValues, len(entries))+ending, values...)
}

// list returns so many of a text, with commas between them.
func list(text string, n int) string {
	return strings.Repeat(text+", ", n-1) + text
}

// trip is a connection on which a transaction is to be made.
type trip struct {
	*sql.Conn
	ctx context.Context
	log statementLog
}

// travel calls do with a connection, and undoes what has begun on it on an error and on a panic.
func (s *Store) travel(ctx context.Context, do func(trip) error) error {
	conn, err := s.writers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	done := false
	defer func() {
		if !done {
			undo(ctx, conn)
		}
	}()
	err = do(trip{conn, ctx, s.statements})
	done = err == nil
	return err
}

// undo rolls back. A connection on which that fails is given up, and its transaction with it.
func undo(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

const undoTimeout = time.Second

func (t trip) exec(text string, values ...any) error {
	began := time.Now()
	_, err := t.ExecContext(t.ctx, text, values...)
	t.log.ran(t.ctx, text, began, err)
	return err
}

func (t trip) query(text string, scan func(*sql.Rows) error, values ...any) error {
	began := time.Now()
	rows, err := t.QueryContext(t.ctx, text, values...)
	if err == nil {
		err = scanEach(rows, scan)
	}
	t.log.ran(t.ctx, text, began, err)
	return err
}
