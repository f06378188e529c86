package sqlstore

import (
	"fmt"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/sqlite"
	"omarty.net/registry/domain"
)

var (
	// ErrInUse says that another process holds the lock of an SQLite file.
	ErrInUse = sqlite.ErrInUse
	// ErrGone says that an SQLite register that was there is there no more.
	ErrGone = sqlite.ErrGone
)

// refusal is the one translation of an error of the database into what the ports promise. What is unforeseen stays what it
// is: whoever answers logs it and keeps it inside.
func refusal(told dialect.Errors, err error) error {
	if told.CauseOf(err) >= cause.Down {
		return fmt.Errorf("%w: %w", domain.StoreUnavailable, told.WithoutValues(err))
	}
	return told.WithoutValues(err)
}

// toldOf is the error of a write: a refusal of the domain as it is, and what kept the store from answering with what it was at.
func (s *Store) toldOf(doing string, err error) error {
	if s.db.CauseOf(err) == cause.Refusal {
		return err
	}
	return fmt.Errorf("%s: %w", doing, s.refusal(err))
}

func (s *Store) refusal(err error) error { return refusal(s.db, err) }
