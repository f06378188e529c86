package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

// applied applies a set to a block and gives new apartments the ids that a store would, from 101.
func applied(t *testing.T, state *domain.BlockState, s domain.ChangeSet) domain.Applied {
	t.Helper()
	made, err := state.Apply(s)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range made.Changes {
		if id := c.Apartment.ID(); id < 0 {
			made.Changes[i].Apartment = c.Apartment.WithID(99 - id)
		}
	}
	return made
}

// afterAll are the apartments as a set left them.
func afterAll(a domain.Applied) []domain.Apartment {
	last := map[domain.ApartmentID]domain.Apartment{}
	for _, c := range a.Changes {
		last[c.Apartment.ID()] = c.Apartment
	}
	var all []domain.Apartment
	for _, a := range last {
		all = append(all, a)
	}
	return all
}

func spelledEntry(e domain.LedgerEntry) string {
	return fmt.Sprintf("%d: %d %s #%d %s > %s", e.Sequence, e.Position, string(e.Kind), e.Apartment, spelledState(e.Before), spelledState(e.After))
}

const severalChanges = "register 5/20; correct 1 0/11; correct 2 /30; register 0/11 ifAbsent; retire 2; restore 3"

func severalApplied(t *testing.T) (domain.ChangeSet, domain.Applied) {
	spec := specOf(severalChanges)
	spec.Origin.Through, spec.Origin.Location, spec.Origin.RequestID = 3, inCairo, "request"
	s := must(domain.NewChangeSet(spec))
	return s, applied(t, blockOf(9, "1 0/11; 2 0/12; 3 1/13 retired"), s)
}

func TestEntriesOfASet(t *testing.T) {
	s, made := severalApplied(t)
	entries := made.Entries(s)
	var got []string
	for i, e := range entries {
		got = append(got, spelledEntry(e))
		if e.Block != 4 || e.ChangeSet != anID || e.Origin != s.Origin() {
			t.Errorf("entry %+v", e)
		}
		wantAsked := domain.Digest{}
		if i == 0 { // the first entry of a set keeps what was asked for
			wantAsked = s.Asked()
		}
		if e.Asked != wantAsked {
			t.Errorf("entry %d: asked %x", i, e.Asked)
		}
	}
	want := []string{
		"10: 0 register #101 - > 5/20", "11: 2 correct #2 0/12 > 0/30", "12: 4 retire #2 0/30 > 0/30 retired", "13: 5 restore #3 1/13 retired > 1/13",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestASetThatChangedNothingHasNoEntries(t *testing.T) {
	s := setOf("correct 1 0/11; register 0/11 ifAbsent")
	if entries := applied(t, blockOf(9, "1 0/11"), s).Entries(s); len(entries) != 0 {
		t.Errorf("entries %+v", entries)
	}
}

// Where the first change changed nothing, the first entry that there is keeps what was asked for.
func TestTheFirstEntryKeepsWhatWasAsked(t *testing.T) {
	s := setOf("correct 1 0/11; retire 1")
	if entries := applied(t, blockOf(9, "1 0/11"), s).Entries(s); len(entries) != 1 || entries[0].Asked != s.Asked() || entries[0].Position != 1 {
		t.Errorf("entries %+v", entries)
	}
}

// Stores that register a lone apartment without reading its block answer as if they had.
func TestRegistered(t *testing.T) {
	s := setOf("register 3/12")
	want := applied(t, blockOf(9, "1 0/11"), s)
	got := s.Registered(101, 10)
	if got.Version != want.Version || got.Replayed || len(got.Changes) != 1 || got.Changes[0] != want.Changes[0] {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPlanned(t *testing.T) {
	_, made := severalApplied(t)
	planned := made.Planned(9)
	if planned.Version != 9 || planned.Replayed || len(planned.Changes) != len(made.Changes) {
		t.Fatalf("planned %+v", planned)
	}
	for i, c := range planned.Changes {
		was := made.Changes[i]
		wantOutcome, wantID := domain.Planned, was.Apartment.ID()
		if was.Outcome == domain.Unchanged {
			wantOutcome = domain.Unchanged
		}
		if was.Before.IsZero() {
			wantID = 0
		}
		if c.Outcome != wantOutcome || c.Sequence != 0 || c.Apartment != was.Apartment.WithID(wantID) || c.Before != was.Before || c.Kind != was.Kind {
			t.Errorf("change %d: %+v of %+v", i, c, was)
		}
	}
	if made.Changes[0].Outcome != domain.Done || made.Changes[0].Apartment.ID() != 101 {
		t.Error("what was applied is changed by planning it")
	}
}

// The ledger gives back what came of a set, whatever became of the apartments since.
func TestAppliedByAndReplay(t *testing.T) {
	s, made := severalApplied(t)
	entries, kept := made.Entries(s), afterAll(made)
	for i, a := range kept { // each has changed since
		kept[i] = must(domain.RestoreApartment(domain.ApartmentRecord{
			ID: a.ID(), Block: 4, State: must(domain.RestoreState(9, int(900+a.ID()), domain.ApartmentRegistered)), RegisteredBy: a.RegisteredBy(),
			RegisteredAt: a.RegisteredAt(), ChangedAt: later.Add(1), Version: 99,
		}))
	}
	done := slices.DeleteFunc(slices.Clone(made.Changes), func(c domain.AppliedChange) bool { return c.Outcome != domain.Done })
	if got := domain.AppliedBy(entries, kept); got.Version != 13 || got.Replayed || !slices.Equal(got.Changes, done) {
		t.Errorf("got %+v, want %+v", got.Changes, done)
	}
	replayed, err := s.Replay(entries, kept)
	if err != nil || replayed.Version != made.Version || !replayed.Replayed || len(replayed.Changes) != len(made.Changes) {
		t.Fatalf("replayed %+v, %v", replayed, err)
	}
	for i, c := range replayed.Changes {
		was := made.Changes[i]
		if was.Outcome == domain.Done {
			if c != was {
				t.Errorf("change %d: got %+v, want %+v", i, c, was)
			}
			continue
		}
		if c.Outcome != domain.Unchanged || c.Kind != was.Kind || c.Sequence != 0 || c.Before != c.Apartment.State() || c.Apartment.Block() != 4 {
			t.Errorf("change %d: %+v", i, c)
		}
	}
	// The ledger has no entry of what changed nothing: the id, or the place asked for, is what is told again.
	if one := replayed.Changes[1].Apartment; one.ID() != 1 || !one.State().IsZero() {
		t.Errorf("a correction that changed nothing: %+v", one)
	}
	if one := replayed.Changes[3].Apartment; one.ID() != 0 || spelledState(one.State()) != "0/11" {
		t.Errorf("a registration of what was there: %+v", one)
	}
	// Where its apartment has not changed since, all of it is told again.
	if replayed, err = s.Replay(entries, afterAll(made)); err != nil || !slices.Equal(replayed.Changes, made.Changes) {
		t.Errorf("replayed at once: got %+v, %v, want %+v", replayed.Changes, err, made.Changes)
	}
}

// Of an apartment that the set changed too, its state at that point of the set is told again.
func TestReplayOfWhatChangedNothingBesideAChange(t *testing.T) {
	s := setOf("correct 1 0/11; retire 1; restore 1; correct 1 0/11; correct 1 /12; correct 1 /12")
	made := applied(t, blockOf(9, "1 0/11"), s)
	replayed, err := s.Replay(made.Entries(s), afterAll(made))
	if err != nil || len(replayed.Changes) != len(made.Changes) {
		t.Fatalf("replayed %+v, %v", replayed, err)
	}
	for i, c := range replayed.Changes {
		was := made.Changes[i]
		if c.Outcome != was.Outcome || c.Before != was.Before || c.Apartment.State() != was.Apartment.State() || c.Apartment.ID() != 1 || c.Sequence != was.Sequence {
			t.Errorf("change %d: got %+v, want %+v", i, c, was)
		}
	}
}

func TestAskedAgain(t *testing.T) {
	const block = "1 0/11; 2 0/12; 3 1/13 retired"
	for _, c := range []struct {
		first, again string
		same         bool
	}{
		{"register 3/20", "register 3/20", true},
		{"register 3/20", "register 4/20", false},
		{"register 3/20", "register 3/21", false},
		{"register 3/20", "register 3/20; register 3/21", false},
		{"register 3/20", "correct 101 3/20", false},
		{"register 3/20", "retire 101", false},
		{"correct 1 3/20", "correct 1 3/20", true},
		{"correct 1 3/20", "correct 2 3/20", false},
		{"correct 1 3/20", "correct 1 4/20", false},
		{"correct 1 3/20", "correct 1 3/21", false},
		{"correct 1 3/20", "register 3/20", false},
		{"correct 1 3/", "correct 1 3/", true},
		{"correct 1 3/", "correct 1 4/", false},
		{"correct 1 /20", "correct 1 /21", false},
		{"retire 1", "retire 1", true},
		{"retire 1", "retire 1 v1", true}, // the version is a condition, not what is asked for
		{"retire 1", "retire 2", false},
		{"retire 1", "restore 1", false},
		{"restore 3", "restore 3", true},
		{"restore 3", "retire 3", false},
		{"retire 1; retire 2", "retire 1; retire 2", true},
		{"retire 1; retire 2", "retire 2; retire 1", false},
		{"retire 1; retire 2", "retire 1", false},
		{"correct 1 0/11; retire 2", "correct 1 0/11; retire 2", true}, // one entry of two changes
		{"correct 1 0/11; retire 2", "retire 2", false},
		{severalChanges, severalChanges, true},
	} {
		first := setOf(c.first)
		made := applied(t, blockOf(9, block), first)
		entries := made.Entries(first)
		var want error
		if !c.same {
			want = domain.KeyReused
		}
		if err := setOf(c.again).AskedAgain(entries); err != want {
			t.Errorf("%s, then %s: %v, want %v", c.first, c.again, err, want)
		}
		if replayed, err := setOf(c.again).Replay(entries, afterAll(made)); err != want || replayed.Replayed != c.same {
			t.Errorf("%s, then %s: replayed %+v, %v, want %v", c.first, c.again, replayed, err, want)
		}
	}
}

func TestAskedAgainInAnotherBlockOrForAnUndo(t *testing.T) {
	first := setOf("retire 1")
	entries := applied(t, blockOf(9, "1 0/11"), first).Entries(first)
	elsewhere := specOf("retire 1")
	elsewhere.Block = 5
	if err := must(domain.NewChangeSet(elsewhere)).AskedAgain(entries); err != domain.KeyReused {
		t.Errorf("in another block: %v", err)
	}
	undo := specOf("retire 1")
	undo.Undoes = domain.ChangeSetID{2}
	if err := must(domain.NewChangeSet(undo)).AskedAgain(entries); err != domain.KeyReused {
		t.Errorf("an undo that retires it: %v", err)
	}
	asUndo := must(domain.NewChangeSet(undo))
	entries = applied(t, blockOf(9, "1 0/11"), asUndo).Entries(asUndo)
	if err := first.AskedAgain(entries); err != domain.KeyReused {
		t.Errorf("a retirement under an undo's id: %v", err)
	}
	undo.Changes = changesOf("correct 1 /20; retire 1") // what undoes a set depends on when it is asked
	if err := must(domain.NewChangeSet(undo)).AskedAgain(entries); err != nil {
		t.Errorf("the undo again: %v", err)
	}
	undo.Undoes = domain.ChangeSetID{3}
	if err := must(domain.NewChangeSet(undo)).AskedAgain(entries); err != domain.KeyReused {
		t.Errorf("the undo of another: %v", err)
	}
}

// A former version of the register kept what it registered, and of an apartment that was gone no more than its id.
func TestEntriesOfAFormerVersion(t *testing.T) {
	origin := domain.Origin{By: 7, At: aTime, Source: domain.SourceApp}
	migrated := domain.LedgerEntry{
		Block: 4, Sequence: 1, ChangeSet: anID, Kind: domain.ChangeRegister, Apartment: 1, Origin: origin,
		After: must(domain.RestoreState(3, 20, domain.ApartmentRegistered)),
	}
	replayed, err := setOf("register 3/20").Replay([]domain.LedgerEntry{migrated}, apartmentsOf("1 3/20"))
	if err != nil || !replayed.Replayed || replayed.Version != 1 {
		t.Errorf("replayed %+v, %v", replayed, err)
	}
	a := replayed.Changes[0].Apartment
	if a.ID() != 1 || spelledState(a.State()) != "3/20" || a.RegisteredBy() != 7 || !a.RegisteredAt().Equal(aTime) || !a.ChangedAt().Equal(aTime) || a.Version() != 1 {
		t.Errorf("apartment %+v", a)
	}
	gone := migrated
	gone.After = domain.State{}
	if err := setOf("register 3/20").AskedAgain([]domain.LedgerEntry{gone}); err != domain.KeyReused {
		t.Errorf("of an apartment that is gone: %v", err)
	}
	applied := domain.AppliedBy([]domain.LedgerEntry{gone}, nil)
	if len(applied.Changes) != 1 || applied.Changes[0].Apartment.ID() != 1 || !applied.Changes[0].Apartment.State().IsZero() {
		t.Errorf("applied %+v", applied)
	}
}
