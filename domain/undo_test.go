package domain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

func spelledChanges(changes []domain.Change) string {
	var all []string
	for _, c := range changes {
		text := fmt.Sprintf("%s %d", string(c.Kind()), c.Apartment())
		if c.Floor() != (domain.Floor{}) {
			text += fmt.Sprintf(" %d/%d", c.Floor().Level(), c.Number().Int())
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// Each kind of change, each combination for one apartment, and several apartments.
func TestUndo(t *testing.T) {
	const block = "1 0/11; 2 0/12; 3 1/13 retired"
	for _, c := range []struct{ changes, want string }{
		{"register 5/20", "retire 101"},
		{"register 5/20; register 5/21", "retire 101; retire 102"},
		{"correct 1 5/20", "correct 1 0/11"},
		{"correct 1 5/", "correct 1 0/11"},
		{"correct 1 /20", "correct 1 0/11"},
		{"retire 1", "restore 1"},
		{"restore 3", "retire 3"},
		{"correct 1 /20; correct 1 5/", "correct 1 0/11"},
		{"correct 1 /20; retire 1", "restore 1; correct 1 0/11"},
		{"retire 1; restore 1; correct 1 5/", "correct 1 0/11"},
		{"restore 3; correct 3 5/20", "correct 3 1/13; retire 3"},
		{"restore 3; correct 3 /20; retire 3", "restore 3; correct 3 1/13; retire 3"},
		{"restore 3; correct 3 5/; retire 3", "restore 3; correct 3 1/13; retire 3"},
		{"retire 1; restore 1", ""}, // it left everything as it was
		{"restore 3; retire 3", ""},
		{"correct 1 /20; correct 1 /11", ""},
		{"correct 1 /12; correct 2 /11", "correct 1 0/11; correct 2 0/12"},
		{"retire 2; register 0/12; correct 1 /20; register 0/11", "restore 2; retire 101; correct 1 0/11; retire 102"},
		{"register 0/11 ifAbsent; retire 2", "restore 2"}, // what it left as it was has nothing to undo
	} {
		before, s := apartmentsOf(block), setOf(c.changes)
		made := applied(t, blockOf(9, block), s)
		entries, kept := made.Entries(s), afterAll(made)
		changes, err := domain.Undo(entries, kept)
		if got := spelledChanges(changes); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.changes, got, err, c.want)
		}
		if len(changes) == 0 {
			continue
		}
		spec := specOf("retire 1")
		spec.Changes = changes
		undone := applied(t, domain.NewBlockState(made.Version, replaced(before, kept)), must(domain.NewChangeSet(spec)))
		for _, a := range replaced(kept, afterAll(undone)) {
			if got, want := a.State(), stateBefore(before, a); got != want {
				t.Errorf("%s: undone, apartment %d is %s, and was %s", c.changes, a.ID(), spelledState(got), spelledState(want))
			}
		}
	}
}

// replaced are the apartments, with newer ones in the place of those with their ids.
func replaced(apartments, newer []domain.Apartment) []domain.Apartment {
	byID := map[domain.ApartmentID]domain.Apartment{}
	for _, some := range [][]domain.Apartment{apartments, newer} {
		for _, a := range some {
			byID[a.ID()] = a
		}
	}
	var all []domain.Apartment
	for _, a := range byID {
		all = append(all, a)
	}
	return all
}

// stateBefore is the state to which undoing brings an apartment: one that was not there is retired where it is.
func stateBefore(before []domain.Apartment, a domain.Apartment) domain.State {
	for _, b := range before {
		if b.ID() == a.ID() {
			return b.State()
		}
	}
	return must(domain.RestoreState(a.Floor().Level(), a.Number().Int(), domain.ApartmentRetired))
}

// Whatever came after a set is not overwritten: each apartment that has changed since is named, as it is now.
func TestUndoRefuses(t *testing.T) {
	const block = "1 0/11; 2 0/12; 3 1/13 retired"
	for _, c := range []struct{ first, then, want string }{
		{"correct 1 /20", "correct 1 /21", "1 0/21"},
		{"correct 1 /20", "correct 1 5/", "1 5/20"},
		{"correct 1 /20", "retire 1", "1 0/20 retired"},
		{"register 5/20", "retire 101", "101 5/20 retired"},
		{"correct 1 /20", "correct 1 /21; correct 1 /20", "1 0/20"}, // it is what it was then, and yet has changed
		{"correct 1 /20; correct 2 /21; restore 3", "retire 3; correct 2 5/; correct 1 0/", "2 5/21; 3 1/13 retired"},
		{"correct 1 /20; retire 2", "register 0/11", ""}, // another apartment alone: no matter of the set's
	} {
		s := setOf(c.first)
		made := applied(t, blockOf(9, block), s)
		now := replaced(apartmentsOf(block), afterAll(made))
		since := applied(t, domain.NewBlockState(made.Version, now), setOf(c.then))
		changes, err := domain.Undo(made.Entries(s), replaced(now, afterAll(since)))
		if c.want == "" {
			if err != nil || len(changes) == 0 {
				t.Errorf("%s, then %s: %v", c.first, c.then, err)
			}
			continue
		}
		var refusal *domain.UndoError
		if !errors.As(err, &refusal) || changes != nil {
			t.Errorf("%s, then %s: %v, %v", c.first, c.then, changes, err)
			continue
		}
		var got []string
		for _, a := range refusal.Changed {
			got = append(got, fmt.Sprintf("%d %s", a.ID(), spelledState(a.State())))
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s, then %s: %v, want %s", c.first, c.then, got, c.want)
		}
	}
}

// What undoes a set may be too late once it is applied: it then overwrites nothing either.
func TestUndoOvertakenByAChange(t *testing.T) {
	for first, since := range map[string]string{
		"correct 1 /20": "correct 1 5/", "retire 1": "restore 1", "restore 3": "correct 3 5/", "correct 1 /20; retire 1": "restore 1",
	} {
		s := setOf(first)
		state := blockOf(9, "1 0/11; 3 1/13 retired")
		made := applied(t, state, s)
		spec := specOf("retire 1")
		var err error
		if spec.Changes, err = domain.Undo(made.Entries(s), afterAll(made)); err != nil {
			t.Fatal(err)
		}
		applied(t, state, setOf(since))
		if _, err := state.Apply(must(domain.NewChangeSet(spec))); !errors.Is(err, domain.VersionMismatch) {
			t.Errorf("%s, then %s: %v", first, since, err)
		}
	}
}

// An import has one entry for what takes a change set several changes.
func TestUndoOfAnImport(t *testing.T) {
	entry := func(sequence domain.Sequence, before, after string) domain.LedgerEntry {
		e := domain.LedgerEntry{Block: 4, Sequence: sequence, ChangeSet: anID, Kind: domain.ChangeImport, Apartment: 1, Origin: domain.Origin{At: aTime, Source: domain.SourceImport}}
		for text, state := range map[string]*domain.State{before: &e.Before, after: &e.After} {
			if text != "" {
				*state = apartmentsOf("1 " + text)[0].State()
			}
		}
		return e
	}
	for _, c := range []struct{ before, after, want string }{
		{"", "0/11", "retire 1"},
		{"", "0/11 retired", ""}, // there is no way to have it no more
		{"5/20", "0/11", "correct 1 5/20"},
		{"5/20", "0/11 retired", "restore 1; correct 1 5/20"},
		{"0/11", "0/11 retired", "restore 1"},
		{"0/11 retired", "0/11", "retire 1"},
		{"5/20 retired", "0/11", "correct 1 5/20; retire 1"},
		{"5/20 retired", "0/11 retired", "restore 1; correct 1 5/20; retire 1"},
	} {
		changes, err := domain.Undo([]domain.LedgerEntry{entry(1, c.before, c.after)}, apartmentsOf("1 "+c.after))
		if got := spelledChanges(changes); err != nil || got != c.want {
			t.Errorf("%q > %q: %s, %v, want %s", c.before, c.after, got, err, c.want)
		}
	}
	// A former version of the register has logged an apartment that is gone.
	_, err := domain.Undo([]domain.LedgerEntry{entry(1, "", "")}, nil)
	var refusal *domain.UndoError
	if !errors.As(err, &refusal) || len(refusal.Changed) != 1 || refusal.Changed[0].ID() != 1 {
		t.Errorf("of an apartment that is gone: %v", err)
	}
}
