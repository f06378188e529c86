package sqlstore

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/adapters/sqlstore/mysql"
	"omarty.net/registry/adapters/sqlstore/sqlite"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

const (
	insertApartments = "INSERT INTO apartments (registration_id, block_id, floor, number, registered_by, registered_at) VALUES "
	apartmentValues  = "(?, ?, ?, ?, ?, ?)"
	insertLogs       = "INSERT INTO logs (registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES "
	logValues        = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
	forgetLog        = "UPDATE logs SET registration_id = NULL WHERE registration_id = ?"
)

// Register implements application.Registrar: in a transaction of its own, or together with others that wait (batch.go).
func (s *Store) Register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	register := s.registerAlone
	if s.batches != nil {
		register = s.batches.register
	}
	outcome, err := register(ctx, r)
	if err != nil {
		return 0, fmt.Errorf("register an apartment: %w", s.refusal(err))
	}
	return outcome, nil
}

// registerAlone is the plain transaction. One that the database gave up, or whose outcome a lost connection hides, is
// written again as a whole under the same registration id: if the first one did commit, its row is found.
func (s *Store) registerAlone(ctx context.Context, r domain.Registration) (outcome application.Outcome, err error) {
	err = s.retry(ctx, func() (err error) {
		outcome, err = s.registerOnce(ctx, r)
		return err
	})
	return outcome, err
}

// registrationWriter writes registrations with the statements of a database.
type registrationWriter interface {
	// insert writes a registration in one transaction. With detachLog, a row of the log that has its id gives it up first.
	insert(ctx context.Context, r domain.Registration, detachLog bool) error
	// insertTogether writes registrations in one transaction, and returns what came of each.
	insertTogether(ctx context.Context, registrations []domain.Registration) ([]result, error)
}

func newRegistrationWriter(db dialect.Database, log statement.Log) registrationWriter {
	if server, ok := db.(*mysql.DB); ok {
		return mysqlWriter{server}
	}
	return newSQLiteWriter(db.(*sqlite.DB), log)
}

func (s *Store) registerOnce(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	outcome, err := s.insert(ctx, r, false)
	if s.db.ViolatedKey(err) == cause.KeyLog {
		// Of an apartment that is gone: a key lives as long as its apartment.
		outcome, err = s.insert(ctx, r, true)
	}
	if changed := s.db.Verify(); changed != nil {
		return 0, changed
	}
	return outcome, err
}

// insert writes both rows. With detachLog, a row of the log that has the registration's id gives it up first.
func (s *Store) insert(ctx context.Context, r domain.Registration, detachLog bool) (application.Outcome, error) {
	err := s.writer.insert(ctx, r, detachLog)
	switch s.db.ViolatedKey(err) {
	case cause.KeyNone:
		if err != nil {
			return 0, err
		}
		return application.Registered, nil
	case cause.KeyRegistration, cause.KeyNumber:
		return s.resolveDuplicate(ctx, r, err)
	default:
		return 0, err
	}
}

// resolveDuplicate tells what a duplicate means. One row can violate both keys and the database names only one of them, so whichever
// it named, the registration's id is looked up first: only where no apartment has it is the number another's.
func (s *Store) resolveDuplicate(ctx context.Context, r domain.Registration, duplicate error) (application.Outcome, error) {
	id := r.ID()
	var rows []apartmentRow
	// FOR UPDATE reads what is committed now, on MySQL; SQLite's writer sees no less.
	err := s.gorm.WithContext(ctx).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("registration_id = ?", id[:]).Limit(1).Find(&rows).Error
	if err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		if s.db.ViolatedKey(duplicate) == cause.KeyRegistration {
			return 0, cause.Vanished(duplicate)
		}
		return 0, domain.NumberTaken
	}
	kept, err := rows[0].apartment()
	if err != nil {
		return 0, cause.Fixed(err)
	}
	if err := r.AskedAgain(kept); err != nil {
		return 0, err
	}
	return application.Replayed, nil
}
