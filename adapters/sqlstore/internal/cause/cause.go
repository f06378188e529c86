// Package cause tells what an error of a database asks for.
package cause

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"omarty.net/registry/adapters/sqlstore/internal/batcher"
	"omarty.net/registry/domain"
)

// Cause is what an error of a database asks for.
type Cause int

// The causes. From Down on, the database cannot answer now; from Transient on, another try may succeed.
const (
	Unforeseen  Cause = iota // nothing that the store expects
	Refusal                  // not an error of the database: a refusal of the domain's
	Row                      // a row's own values: every other try fails too
	Down                     // the database cannot answer now
	Transient                // the whole transaction is to be tried again, a few times
	LockTimeout              // the same: it waited too long for a lock of another transaction
	Busy                     // another process has the lock of an SQLite file: again, with patience
	Lost                     // again, a few times, on another connection
	Conflict                 // another transaction got in the way: again, with patience
	Elsewhere                // the server takes no writes now: on another, or with patience on this one
)

// Error is an error whose cause is known where it is made.
type Error struct {
	Cause Cause
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Fixed marks an error that no other try would change, such as a row that cannot be. It hides the domain's code in the error,
// which is about the row and not about what was asked.
func Fixed(err error) error { return &Error{Row, errors.New(err.Error())} }

// Vanished marks a duplicate whose other row is gone: it was rolled back in between.
func Vanished(duplicate error) error { return &Error{Conflict, duplicate} }

// ConnectError is why there is no connection.
type ConnectError struct{ Err error }

func (e ConnectError) Error() string { return "connect: " + e.Err.Error() }

func (e ConnectError) Unwrap() error { return e.Err }

// errPoolClosed is what database/sql, which does not export it, says of a pool after Close.
var errPoolClosed = func() error {
	pool := sql.OpenDB(nil)
	return cmp.Or(pool.Close(), pool.Ping())
}()

// Of returns the cause of an error. ofDriver tells those of the driver's own errors, and which errors are.
func Of(err error, ofDriver func(error) (c Cause, isDriver bool)) Cause {
	var refused domain.Code
	var known *Error
	var connecting ConnectError
	var network net.Error
	switch {
	case errors.As(err, &refused):
		return Refusal
	case errors.As(err, &known):
		return known.Cause
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Down
	case errors.As(err, &connecting):
		return max(Down, Of(connecting.Err, ofDriver)) // whatever it is, there is no connection
	}
	if c, isDriver := ofDriver(err); isDriver {
		return c
	}
	switch {
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return Lost
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return Lost // the connection, and the transaction with it, ended under us
	case errors.Is(err, errPoolClosed), errors.Is(err, batcher.ErrClosed):
		return Down
	default:
		return Unforeseen
	}
}

// Key is a unique key of the schema.
type Key int

// The unique keys.
const (
	KeyNone      Key = iota // no key was violated
	KeyNumber               // apartments, by block and number
	KeyChangeSet            // changes, by change set and position
	KeyID                   // the id or the sequence that a row was given
	KeyOther
)
