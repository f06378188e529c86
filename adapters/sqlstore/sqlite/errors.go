package sqlite

import (
	"errors"
	"strings"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
)

// causes are the foreseen errors, by primary code.
var causes = map[int]cause.Cause{
	sqlite3.SQLITE_BUSY:       cause.Busy,
	sqlite3.SQLITE_LOCKED:     cause.Transient,
	sqlite3.SQLITE_CONSTRAINT: cause.Row,
	sqlite3.SQLITE_CANTOPEN:   cause.Down,
	sqlite3.SQLITE_CORRUPT:    cause.Down,
	sqlite3.SQLITE_FULL:       cause.Down,
	sqlite3.SQLITE_INTERRUPT:  cause.Down,
	sqlite3.SQLITE_IOERR:      cause.Down,
	sqlite3.SQLITE_NOLFS:      cause.Down,
	sqlite3.SQLITE_NOMEM:      cause.Down,
	sqlite3.SQLITE_NOTADB:     cause.Down,
	sqlite3.SQLITE_PERM:       cause.Down,
	sqlite3.SQLITE_PROTOCOL:   cause.Down,
	sqlite3.SQLITE_READONLY:   cause.Down,
}

// uniqueKeys are the keys by their columns, as SQLite calls them.
var uniqueKeys = map[string]cause.Key{
	"apartments.block_id, apartments.live, apartments.number": cause.KeyNumber,
	"changes.change_set_id, changes.position":                 cause.KeyChangeSet,
}

// Errors tells what the errors of the driver mean.
type Errors struct{}

// CauseOf returns the cause of an error.
func (Errors) CauseOf(err error) cause.Cause {
	return cause.Of(err, func(err error) (cause.Cause, bool) {
		said, ok := errors.AsType[*driver.Error](err)
		if !ok {
			return cause.Unforeseen, false
		}
		return causes[primaryCode(said)], true
	})
}

// primaryCode returns the code of an error without what extends it.
func primaryCode(err *driver.Error) int { return err.Code() & 0xff }

// ViolatedKey tells which unique key an error is about. Which one it is stands nowhere but in the message, after a colon.
func (Errors) ViolatedKey(err error) cause.Key {
	said, ok := errors.AsType[*driver.Error](err)
	if !ok || said.Code() != sqlite3.SQLITE_CONSTRAINT_UNIQUE && said.Code() != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY {
		return cause.KeyNone
	}
	columns := said.Error()
	columns = columns[strings.LastIndex(columns, ": ")+2:]
	columns, _, _ = strings.Cut(columns, " (")
	if key, ok := uniqueKeys[columns]; ok {
		return key
	}
	return cause.KeyOther
}

// WithoutValues returns the error itself: SQLite quotes no values.
func (Errors) WithoutValues(err error) error { return err }

// damageError is what a check of a file found.
type damageError string

func (e damageError) Error() string { return string(e) }

// isDamage reports whether a file is damaged, or no SQLite database at all.
func isDamage(err error) bool {
	if said, ok := errors.AsType[*driver.Error](err); ok {
		code := primaryCode(said)
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	_, found := errors.AsType[damageError](err)
	return found
}
