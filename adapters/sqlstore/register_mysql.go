package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/mysql"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// What costs on MySQL is round trips: one takes along every statement up to the next answer that is needed. All of them are
// made of constants alone, and values go through the driver.

const (
	// nthInserted is the id of the nth apartment that the statement before inserted. InnoDB gives the rows of one INSERT whose
	// number it knows ids without a gap, in their order, and LAST_INSERT_ID is the first (MySQL manual, AUTO_INCREMENT
	// Handling in InnoDB).
	nthInserted = "LAST_INSERT_ID() + ? * @@auto_increment_increment"
	// lastInserted is the same for the last of several apartments. Where the ids have a gap it is NULL, which the log refuses.
	lastInserted = "(SELECT id FROM apartments WHERE registration_id = ? AND id = " + nthInserted + ")"
)

func logValuesWith(recordID string) string { return "(?, ?, ?, ?, ?, " + recordID + ", ?, ?, ?)" }

// mysqlWriter writes registrations on MySQL.
type mysqlWriter struct{ db *mysql.DB }

// insert is one round trip.
func (w mysqlWriter) insert(ctx context.Context, r domain.Registration, detachLog bool) error {
	return w.withConn(ctx, func(c conn) error {
		if !detachLog {
			return c.insertAll(nil, r)
		}
		id := r.ID()
		return c.insertAll([]mysql.Command{{Text: forgetLog, Values: []any{id[:]}}}, r)
	})
}

// conn is a connection on which registrations are written.
type conn struct {
	mysql.Conn
	ctx context.Context
}

func (w mysqlWriter) withConn(ctx context.Context, do func(conn) error) error {
	return w.db.WithConn(ctx, func(c mysql.Conn) error { return do(conn{c, ctx}) })
}

// insertTogether is one round trip too, however many the registrations, where no key of theirs is taken. Else two more undo
// it and read whose they are, and insert those whose keys are free. Whatever is written is one transaction of one text.
func (w mysqlWriter) insertTogether(ctx context.Context, registrations []domain.Registration) (results []result, err error) {
	results = make([]result, len(registrations))
	for i := range results {
		results[i].outcome = application.Registered
	}
	err = w.withConn(ctx, func(c conn) error {
		err := c.insertAll(nil, registrations...)
		if key := w.db.ViolatedKey(err); key != cause.KeyRegistration && key != cause.KeyNumber {
			return w.ofTogether(err)
		}
		kept, err := c.readKept(registrations)
		if err != nil {
			return err
		}
		free, err := kept.classify(registrations, results)
		if err != nil || len(free) == 0 {
			return err
		}
		err = c.insertAll(nil, free...)
		if key := w.db.ViolatedKey(err); key == cause.KeyRegistration || key == cause.KeyNumber {
			return cause.Vanished(err) // what was read has changed
		}
		return w.ofTogether(err)
	})
	return results, err
}

// ofTogether is an error of registrations that were inserted together. One whose log is there without its apartment is to be
// written alone.
func (w mysqlWriter) ofTogether(err error) error {
	if w.db.ViolatedKey(err) == cause.KeyLog {
		return errStaleLog
	}
	return err
}

// insertAll writes both rows of each registration, after first commands, if there are any.
func (c conn) insertAll(first []mysql.Command, registrations ...domain.Registration) error {
	n := len(registrations)
	logged := list(logValuesWith(nthInserted), n)
	if n > 1 {
		logged = list(logValuesWith(nthInserted), n-1) + ", " + logValuesWith(lastInserted)
	}
	var apartments, logs []any
	for i, r := range registrations {
		apartment, e := rowsOf(r)
		apartments = append(apartments, apartment.values()...)
		logs = append(logs, e.RegistrationID, e.UserID, e.Action, e.BlockID, e.ApartmentID)
		if i > 0 && i == n-1 {
			logs = append(logs, e.RegistrationID)
		}
		logs = append(logs, i, e.Longitude, e.Latitude, e.At)
	}
	return c.Exec(c.ctx, slices.Concat([]mysql.Command{{Text: mysql.Begin}}, first, []mysql.Command{
		{Text: insertApartments + list(apartmentValues, n), Values: apartments}, {Text: insertLogs + logged, Values: logs}, {Text: mysql.Commit}})...)
}

// keptRows are the apartments that registrations may meet: by registration id, and whose numbers are taken.
type keptRows struct {
	byID    map[domain.RegistrationID]apartmentRow
	numbers map[placed]bool
}

type placed struct {
	block  domain.BlockID
	number int
}

func placeOf(a domain.Apartment) placed { return placed{a.Block(), a.Number().Int()} }

// readKept undoes what has begun, and returns what is kept under the registrations' ids and numbers.
func (c conn) readKept(registrations []domain.Registration) (keptRows, error) {
	var ids, numbers []any
	for _, r := range registrations {
		row, _ := rowsOf(r)
		ids, numbers = append(ids, row.RegistrationID), append(numbers, row.BlockID, row.Number)
	}
	const read = "SELECT id, registration_id, block_id, floor, number FROM apartments WHERE "
	kept := keptRows{map[domain.RegistrationID]apartmentRow{}, map[placed]bool{}}
	text := read + "registration_id IN (" + list("?", len(ids)) + ") UNION ALL " + read + "(block_id, number) IN (" + list("(?, ?)", len(ids)) + ")"
	err := c.Query(c.ctx, mysql.Command{Text: mysql.Rollback}, mysql.Command{Text: text, Values: append(ids, numbers...)},
		func(rows *sql.Rows) error {
			var row apartmentRow
			if err := rows.Scan(&row.ID, &row.RegistrationID, &row.BlockID, &row.Floor, &row.Number); err != nil {
				return err
			}
			kept.numbers[placed{domain.BlockID(row.BlockID), row.Number}] = true
			if row.RegistrationID == nil { // it was imported
				return nil
			}
			if len(row.RegistrationID) != len(domain.RegistrationID{}) {
				return cause.Fixed(errors.New("a registration id as kept is not 16 bytes long"))
			}
			kept.byID[domain.RegistrationID(row.RegistrationID)] = row
			return nil
		})
	return kept, err
}

// classify tells what came of each registration, and returns those that are free. Of several for one number it is the first.
func (k keptRows) classify(registrations []domain.Registration, results []result) (free []domain.Registration, err error) {
	for i, r := range registrations {
		row, found := k.byID[r.ID()]
		switch {
		case found:
			apartment, err := row.apartment()
			if err != nil {
				return nil, cause.Fixed(err)
			}
			results[i] = result{application.Replayed, r.AskedAgain(apartment)}
		case k.numbers[placeOf(r.Apartment())]:
			results[i] = result{err: domain.NumberTaken}
		default:
			k.numbers[placeOf(r.Apartment())] = true
			free = append(free, r)
		}
	}
	return free, nil
}

// list returns so many of a text, with commas between them.
func list(text string, n int) string {
	return strings.Repeat(text+", ", n-1) + text
}
