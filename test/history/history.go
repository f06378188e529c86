// Package history has clients ask servers of the program for apartments, keeps what they asked for and were told, and judges it
// by the rows that are kept.
package history

import (
	"fmt"
	"sync"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// Outcome is what a client knows of what it asked for.
type Outcome int

// The outcomes. Whatever was invoked and not answered is unknown.
const (
	Unknown Outcome = iota // no answer, or one that leaves it open
	OK                     // registered, or asked again and registered before
	Taken                  // refused, because an apartment has that number
	Refused                // refused for another reason
	Wrong                  // an answer that no client may get
)

func (o Outcome) String() string {
	return [...]string{"unknown", "registered", "refused as taken", "refused", "answered wrongly"}[o]
}

// Operation is one apartment that one user asked for, however often.
type Operation struct {
	User          domain.UserID
	Block         domain.BlockID
	Floor, Number int
}

func (o Operation) String() string {
	return fmt.Sprintf("number %d on floor %d of block %d, asked for by user %d", o.Number, o.Floor, o.Block, o.User)
}

// History is what clients asked for and were told. It is safe for concurrent use.
type History struct {
	before storetest.Rows

	mu    sync.Mutex
	known map[Operation]*knowledge
	// answers counts the answers of each outcome.
	answers [Wrong + 1]int
}

type knowledge struct {
	outcome Outcome
	// doubted says that it was unknown once.
	doubted bool
}

// New returns the history of a register that holds these rows at its start.
func New(before storetest.Rows) *History {
	return &History{before: before, known: map[Operation]*knowledge{}}
}

// Invoke says that the operation is about to be sent, for the first time or again. Until it is answered it is unknown.
func (h *History) Invoke(o Operation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of(o)
}

func (h *History) of(o Operation) *knowledge {
	if h.known[o] == nil {
		h.known[o] = &knowledge{}
	}
	return h.known[o]
}

// Answer says how a sending of the operation ended. What was acknowledged once stays so, whatever comes after.
func (h *History) Answer(o Operation, outcome Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[outcome]++
	k := h.of(o)
	if outcome == Unknown {
		k.doubted = true
	}
	if k.outcome != OK {
		k.outcome = outcome
	}
}

// Verdict is what the rows say about a history.
type Verdict struct {
	// Requests counts the sendings, Unavailable those without an outcome and Wrong those with an answer that no client may get.
	Requests, Unavailable, Wrong int
	// Acknowledged counts the operations that were answered as registered. Unknown counts those of which one sending was
	// unknown, and Resolved those of them that asking again has told the outcome of.
	Acknowledged, Unknown, Resolved int
	// Lost is what was acknowledged and is not there whole, and what was there at the start and is not as it was.
	Lost []string
	// Doubled is what is there more than once.
	Doubled []string
	// Orphaned is an apartment without its row of the log, or such a row without its apartment.
	Orphaned []string
	// Untrue is all else that contradicts what clients asked for and were told.
	Untrue []string
}

// Faults returns all that is wrong, each with its kind before it.
func (v Verdict) Faults() []string {
	var all []string
	for _, kind := range []struct {
		name   string
		faults []string
	}{{"lost", v.Lost}, {"doubled", v.Doubled}, {"orphaned", v.Orphaned}, {"untrue", v.Untrue}} {
		for _, f := range kind.faults {
			all = append(all, kind.name+": "+f)
		}
	}
	return all
}

// place is where an apartment is once.
type place struct {
	block  domain.BlockID
	number int
}

// Judge holds the history against the rows that the register has, read after the last client was done. It finds nothing
// wrong where what was acknowledged is there once and logged once, what was refused is not there, and as taken only if
// another has the number, what is unknown is there whole or not at all, and nothing else has changed.
func (h *History) Judge(rows storetest.Rows) Verdict {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := Verdict{Unavailable: h.answers[Unknown], Wrong: h.answers[Wrong]}
	for _, n := range h.answers {
		v.Requests += n
	}
	holders := map[place][]storetest.ApartmentRow{}
	written := map[Operation][]storetest.ApartmentRow{}
	registered := map[domain.ApartmentID]bool{}
	for _, a := range rows.Apartments {
		at := place{a.Block, a.Number}
		holders[at] = append(holders[at], a)
		if len(holders[at]) == 2 {
			v.Doubled = append(v.Doubled, fmt.Sprintf("number %d of block %d is there twice", a.Number, a.Block))
		}
		if o, ok := operationOf(a); ok {
			written[o] = append(written[o], a)
			registered[a.ID] = true
		}
	}
	logged := map[domain.ApartmentID]int{}
	for _, l := range rows.Logs {
		if !registered[l.Record] {
			v.Orphaned = append(v.Orphaned, fmt.Sprintf("a row of the log about apartment %d by user %d is of no registration that is there", l.Record, l.User))
		}
		logged[l.Record]++
		if logged[l.Record] == 2 {
			v.Doubled = append(v.Doubled, fmt.Sprintf("registration %s is logged twice", l.Registration))
		}
	}
	h.judgeOperations(&v, holders, written, logged)
	h.judgeRows(&v, rows, logged)
	v.Untrue = append(v.Untrue, rows.Contradictions()...)
	return v
}

// operationOf returns what a row was written for, false for a row that was imported.
func operationOf(a storetest.ApartmentRow) (Operation, bool) {
	if a.RegisteredBy == nil {
		return Operation{}, false
	}
	return Operation{User: *a.RegisteredBy, Block: a.Block, Floor: a.Floor, Number: a.Number}, true
}

// judgeOperations judges what was asked for by the rows.
func (h *History) judgeOperations(
	v *Verdict, holders map[place][]storetest.ApartmentRow, written map[Operation][]storetest.ApartmentRow, logged map[domain.ApartmentID]int,
) {
	for o, k := range h.known {
		mine := written[o]
		if k.doubted || k.outcome == Unknown {
			v.Unknown++
			if k.outcome != Unknown {
				v.Resolved++
			}
		}
		if len(mine) > 1 {
			v.Doubled = append(v.Doubled, fmt.Sprintf("%s: %d apartments", o, len(mine)))
		}
		switch k.outcome {
		case OK:
			v.Acknowledged++
			switch {
			case len(mine) == 0:
				v.Lost = append(v.Lost, o.String()+", was acknowledged and is not there")
			case logged[mine[0].ID] == 0:
				v.Lost = append(v.Lost, o.String()+", was acknowledged and is not logged")
			}
		case Taken, Refused:
			if len(mine) > 0 {
				v.Untrue = append(v.Untrue, fmt.Sprintf("%s, was %s and is there", o, k.outcome))
			} else if k.outcome == Taken && len(holders[place{o.Block, o.Number}]) == 0 {
				v.Untrue = append(v.Untrue, o.String()+", was refused as taken and nobody has that number")
			}
		}
	}
}

// judgeRows judges the rows by what was asked for and what was there before.
func (h *History) judgeRows(v *Verdict, rows storetest.Rows, logged map[domain.ApartmentID]int) {
	kept := map[domain.ApartmentID]storetest.ApartmentRow{}
	for _, a := range h.before.Apartments {
		kept[a.ID] = a
	}
	for _, a := range rows.Apartments {
		o, registered := operationOf(a)
		if registered && logged[a.ID] == 0 {
			v.Orphaned = append(v.Orphaned, fmt.Sprintf("apartment %d, %s, is not logged", a.ID, o))
		}
		was, old := kept[a.ID]
		delete(kept, a.ID)
		switch {
		case old && (was.Block != a.Block || was.Floor != a.Floor || was.Number != a.Number || !was.RegisteredAt.Equal(a.RegisteredAt)):
			v.Lost = append(v.Lost, fmt.Sprintf("apartment %d of the start is now %+v", a.ID, a))
		case !old && h.known[o] == nil:
			v.Untrue = append(v.Untrue, fmt.Sprintf("nobody asked for apartment %d, number %d on floor %d of block %d", a.ID, a.Number, a.Floor, a.Block))
		}
	}
	for _, a := range kept {
		v.Lost = append(v.Lost, fmt.Sprintf("apartment %d of the start is gone", a.ID))
	}
	if len(rows.Blocks) != len(h.before.Blocks) || len(rows.Memberships) != len(h.before.Memberships) {
		v.Untrue = append(v.Untrue, fmt.Sprintf("there are %d blocks and %d memberships, at the start %d and %d",
			len(rows.Blocks), len(rows.Memberships), len(h.before.Blocks), len(h.before.Memberships)))
	}
}
