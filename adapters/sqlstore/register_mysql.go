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
			return t.insertAll(nil, r)
		}
		id := r.ID()
		return t.insertAll([]command{{forgetLog, []any{id[:]}}}, r)
	})
}

// insertTogether is one round trip too, however many the registrations, where no key of theirs is taken. Else two more undo
// it and read whose they are, and insert those whose keys are free. Whatever is written is one transaction of one text.
func (mysqlServer) insertTogether(ctx context.Context, s *Store, registrations []domain.Registration) (results []result, err error) {
	results = make([]result, len(registrations))
	for i := range results {
		results[i].value = application.Registered
	}
	err = s.travel(ctx, func(t trip) error {
		err := t.insertAll(nil, registrations...)
		if key := violatedKey(err); key != keyRegistration && key != keyNumber {
			return ofTogether(err)
		}
		kept, err := t.readKept(registrations)
		if err != nil {
			return err
		}
		free, err := kept.judge(registrations, results)
		if err != nil || len(free) == 0 {
			return err
		}
		err = t.insertAll(nil, free...)
		if key := violatedKey(err); key == keyRegistration || key == keyNumber {
			return vanishedError{err} // what was read has changed
		}
		return ofTogether(err)
	})
	return results, err
}

// ofTogether is an error of registrations that were inserted together. One whose log is there without its apartment is to be
// written alone.
func ofTogether(err error) error {
	if violatedKey(err) == keyLog {
		return errStaleLog
	}
	return err
}

// insertAll writes both rows of each registration, after first commands, if there are any.
func (t trip) insertAll(first []command, registrations ...domain.Registration) error {
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
	return t.exec(slices.Concat([]command{{text: starting}}, first, []command{
		{insertApartments + list(apartmentValues, n), apartments}, {insertLogs + logged, logs}, {text: ending}})...)
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
func (t trip) readKept(registrations []domain.Registration) (keptRows, error) {
	var ids, numbers []any
	for _, r := range registrations {
		row, _ := rowsOf(r)
		ids, numbers = append(ids, row.RegistrationID), append(numbers, row.BlockID, row.Number)
	}
	const read = "SELECT id, registration_id, block_id, floor, number FROM apartments WHERE "
	kept := keptRows{map[domain.RegistrationID]apartmentRow{}, map[placed]bool{}}
	text := read + "registration_id IN (" + list("?", len(ids)) + ") UNION ALL " + read + "(block_id, number) IN (" + list("(?, ?)", len(ids)) + ")"
	err := t.query(command{text: undoing}, command{text, append(ids, numbers...)},
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
				return unforeseen(errors.New("a registration id as kept is not 16 bytes long"))
			}
			kept.byID[domain.RegistrationID(row.RegistrationID)] = row
			return nil
		})
	return kept, err
}

// judge tells what came of each registration, and returns those that are free. Of several for one number it is the first.
func (k keptRows) judge(registrations []domain.Registration, results []result) (free []domain.Registration, err error) {
	for i, r := range registrations {
		row, found := k.byID[r.ID()]
		switch {
		case found:
			apartment, err := row.apartment()
			if err != nil {
				return nil, unforeseen(err)
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

// command is a statement with its values.
type command struct {
	text   string
	values []any
}

// exec runs commands in one round trip, where the engine lets them.
func (t trip) exec(commands ...command) error {
	if !t.engine.apart {
		commands = []command{joined(commands...)}
	}
	for _, c := range commands {
		began := time.Now()
		_, err := t.ExecContext(t.ctx, c.text, c.values...)
		t.log.ran(t.ctx, c.text, began, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// query is exec of a first command and a SELECT.
func (t trip) query(first, selects command, scan func(*sql.Rows) error) error {
	if t.engine.apart {
		if err := t.exec(first); err != nil {
			return err
		}
	} else {
		selects = joined(first, selects)
	}
	began := time.Now()
	rows, err := t.QueryContext(t.ctx, selects.text, selects.values...)
	if err == nil {
		err = scanEach(rows, scan)
	}
	t.log.ran(t.ctx, selects.text, began, err)
	return err
}

// joined is one text of several commands, of which the server runs none after one that fails.
func joined(commands ...command) (all command) {
	texts := make([]string, len(commands))
	for i, c := range commands {
		texts[i] = c.text
		all.values = append(all.values, c.values...)
	}
	all.text = strings.Join(texts, "; ")
	return all
}
