package faults_test

import (
	"errors"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// asker asks one program for apartments and keeps the history.
type asker struct {
	*program
	history *history.History
}

// newAsker begins with what the database of a URL holds.
func newAsker(t *testing.T, p *program, url string) asker {
	t.Helper()
	return asker{program: p, history: history.New(tables.At(t, url))}
}

// ask sends an operation, with an Idempotency-Key unless it is empty. An answer that no client may get here fails the test, and
// so does none at all while the program is not killed.
func (a asker) ask(o history.Operation, key string) (outcome history.Outcome, replayed bool) {
	a.t.Helper()
	s := a.run.Load()
	outcome, replayed, err := a.history.Ask(s.Address, o, key)
	if err != nil && !(a.mayDie && errors.Is(err, history.ErrNoAnswer)) {
		a.t.Errorf("%v\n%s", err, s.Log.Text())
	}
	return outcome, replayed
}

// want asks, and fails the test unless the outcome is this.
func (a asker) want(o history.Operation, key string, want history.Outcome) (replayed bool) {
	a.t.Helper()
	got, replayed := a.ask(o, key)
	if got != want {
		a.t.Errorf("%s: %s, want %s", o, got, want)
	}
	return replayed
}

// recover asks until the outcome is known, and fails the test unless it is registered.
func (a asker) recover(o history.Operation, key string) (replayed bool) {
	a.t.Helper()
	outcome, replayed := a.askOn(o, key)
	if outcome != history.OK {
		a.t.Errorf("%s: %s, want registered", o, outcome)
	}
	return replayed
}

// askOn asks until the outcome is known, as often as a patient client would: no answer takes longer than the program's
// deadline.
func (a asker) askOn(o history.Operation, key string) (outcome history.Outcome, replayed bool) {
	a.t.Helper()
	for begun := time.Now(); time.Since(begun) < patience; {
		if outcome, replayed = a.ask(o, key); outcome != history.Unknown {
			return outcome, replayed
		}
	}
	a.t.Errorf("%s: the program does not recover", o)
	return outcome, replayed
}

// numbered is the operation that asks for a number, by one of the users.
func numbered(number int) history.Operation {
	return history.Operation{User: firstUser + domain.UserID(number%users), Block: block, Floor: 1, Number: number}
}
