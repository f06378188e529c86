package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// What costs on MySQL is round trips: one takes along every statement up to the next answer that is needed. All of them are
// made of constants alone, and values go through the driver.

const (
	starting = "START TRANSACTION"
	ending   = "COMMIT"
	undoing  = "ROLLBACK"
	// orKeep leaves out a row of which a key is taken. Unlike INSERT IGNORE it hides no other error. Any column but the id will do,
	// which MySQL refuses where the row was inserted by the same statement (error 1869).
	orKeep = " ON DUPLICATE KEY UPDATE floor = floor"
	// nthInserted is the id of the nth apartment that the statement before inserted. InnoDB gives the rows of one INSERT whose
	// number it knows ids without a gap, in their order, and LAST_INSERT_ID is the first (MySQL manual, AUTO_INCREMENT
	// Handling in InnoDB).
	nthInserted = "LAST_INSERT_ID() + ? * @@auto_increment_increment"
	// lastInserted is the id of the last of several, or NULL, which no row may have, where it is not what the above makes it.
	lastInserted = "(SELECT id FROM apartments WHERE registration_id = ? AND id = " + nthInserted + ")"
)

func logValuesWith(recordID string) string { return "(?, ?, ?, ?, ?, " + recordID + ", ?, ?, ?)" }

// insert is one round trip.
func (mysqlServer) insert(ctx context.Context, s *Store, r domain.Registration, anew bool) error {
	return s.travel(ctx, func(t trip) error {
		if !anew {
			return t.insertAll(nil, nil, r)
		}
		id := r.ID()
		return t.insertAll([]string{forgetLog}, []any{id[:]}, r)
	})
}

// insertTogether is one round trip too, however many the registrations, where no key of theirs is taken. Else two more undo
// it, insert the apartments whose keys are free, read back whose they are and which of them are logged, and log those that
// are not. It needs no RETURNING, which MySQL does not have.
func (mysqlServer) insertTogether(ctx context.Context, s *Store, registrations []domain.Registration) (results []result, err error) {
	err = s.travel(ctx, func(t trip) error {
		err := t.insertAll(nil, nil, registrations...)
		switch violatedKey(err) {
		case keyNone:
			results = registered(len(registrations))
			return err
		case keyID, keyOther:
			return err
		}
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

func registered(n int) []result {
	results := make([]result, n)
	for i := range results {
		results[i].value = application.Registered
	}
	return results
}

// insertAll writes both rows of each registration, after first statements, if there are any.
func (t trip) insertAll(first []string, values []any, registrations ...domain.Registration) error {
	n := len(registrations)
	logged := list(logValuesWith(nthInserted), n)
	if n > 1 {
		logged = list(logValuesWith(nthInserted), n-1) + ", " + logValuesWith(lastInserted)
	}
	var logs []any
	for i, r := range registrations {
		apartment, e := rowsOf(r)
		values = append(values, apartment.values()...)
		logs = append(logs, e.RegistrationID, e.UserID, e.Action, e.BlockID, e.ApartmentID)
		if i > 0 && i == n-1 {
			logs = append(logs, e.RegistrationID)
		}
		logs = append(logs, i, e.Longitude, e.Latitude, e.At)
	}
	statements := slices.Concat([]string{starting}, first, []string{insertApartments + list(apartmentValues, n), insertLogs + logged, ending})
	return t.exec(t.engine.text(statements...), append(values, logs...)...)
}

// keptRow is an apartment as kept, and the record that the log has under its registration id.
type keptRow struct {
	apartmentRow
	logged sql.NullInt64
}

// keptRows are apartments by the two keys that a registration may meet.
type keptRows struct {
	byID    map[domain.RegistrationID]keptRow
	numbers map[placed]bool
}

type placed struct {
	block  int64
	number int
}

// insertFree undoes what has begun, inserts the apartments whose keys are free, and returns those that are kept under the
// registrations' ids and numbers.
func (t trip) insertFree(registrations []domain.Registration) (keptRows, error) {
	var values, ids, numbers []any
	for _, r := range registrations {
		row, _ := rowsOf(r)
		values, ids, numbers = append(values, row.values()...), append(ids, row.RegistrationID), append(numbers, row.BlockID, row.Number)
	}
	n := len(registrations)
	const read = "SELECT a.id, a.registration_id, a.block_id, a.floor, a.number, l.record_id FROM apartments AS a " +
		"LEFT JOIN logs AS l ON l.registration_id = a.registration_id WHERE "
	kept := keptRows{map[domain.RegistrationID]keptRow{}, map[placed]bool{}}
	err := t.query(t.engine.text(undoing, starting, insertApartments+list(apartmentValues, n)+orKeep,
		read+"a.registration_id IN ("+list("?", n)+") UNION ALL "+read+"(a.block_id, a.number) IN ("+list("(?, ?)", n)+")"),
		func(rows *sql.Rows) error {
			var row keptRow
			if err := rows.Scan(&row.ID, &row.RegistrationID, &row.BlockID, &row.Floor, &row.Number, &row.logged); err != nil {
				return err
			}
			kept.numbers[placed{row.BlockID, row.Number}] = true
			if row.RegistrationID == nil { // it was imported
				return nil
			}
			if len(row.RegistrationID) != len(domain.RegistrationID{}) {
				return unforeseen(errors.New("a registration id as kept is not 16 bytes long"))
			}
			kept.byID[domain.RegistrationID(row.RegistrationID)] = row
			return nil
		}, slices.Concat(values, ids, numbers)...)
	return kept, err
}

// judge tells what came of each registration, and which rows the log lacks.
func judge(registrations []domain.Registration, kept keptRows) (results []result, fresh []logRow, err error) {
	results = make([]result, len(registrations))
	for i, r := range registrations {
		row, found := kept.byID[r.ID()]
		if !found {
			if a := r.Apartment(); !kept.numbers[placed{int64(a.Block()), a.Number().Int()}] {
				return nil, nil, errLeftOut
			}
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

// errLeftOut says that the key of an apartment was not free, and is: the other row is gone, or it was the id that this one was
// given, which an import took in between.
var errLeftOut = vanishedError{errors.New("an apartment was left out whose keys are free")}

// logAll writes rows of the log, and commits.
func (t trip) logAll(entries []logRow) error {
	if len(entries) == 0 {
		return t.exec(ending)
	}
	var values []any
	for _, e := range entries {
		values = append(values, e.values()...)
	}
	return t.exec(t.engine.text(insertLogs+list(logValues, len(entries)), ending), values...)
}

// list returns so many of a text, with commas between them.
func list(text string, n int) string {
	return strings.Repeat(text+", ", n-1) + text
}

// trip is a connection on which a transaction is to be made.
type trip struct {
	*sql.Conn
	ctx    context.Context
	engine engine
	log    statementLog
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
	err = do(trip{conn, ctx, s.engine, s.statements})
	done = err == nil
	return err
}

// undo rolls back. A connection on which that fails is given up, and its transaction with it.
func undo(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, undoing); err != nil {
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
