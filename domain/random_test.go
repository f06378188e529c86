package domain_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"omarty.net/registry/domain"
)

// blockKept is a block as a store keeps it.
type blockKept struct {
	version    domain.Sequence
	apartments map[domain.ApartmentID]domain.Apartment
	lastID     domain.ApartmentID
}

func newBlockKept() *blockKept {
	return &blockKept{apartments: map[domain.ApartmentID]domain.Apartment{}}
}

func (r *blockKept) kept() []domain.Apartment { return slices.Collect(maps.Values(r.apartments)) }

func (r *blockKept) states() map[domain.ApartmentID]domain.State {
	states := map[domain.ApartmentID]domain.State{}
	for id, a := range r.apartments {
		states[id] = a.State()
	}
	return states
}

// apply applies a set, gives new apartments their ids and returns the entries of the ledger.
func (r *blockKept) apply(s domain.ChangeSet) (domain.Applied, []domain.LedgerEntry, error) {
	applied, err := domain.NewBlockState(r.version, r.kept()).Apply(s)
	if err != nil {
		return applied, nil, err
	}
	for i, c := range applied.Changes {
		if c.Apartment.ID() < 0 {
			r.lastID++
			applied.Changes[i].Apartment = c.Apartment.WithID(r.lastID)
		}
		if c.Outcome == domain.Done {
			r.apartments[applied.Changes[i].Apartment.ID()] = applied.Changes[i].Apartment
		}
	}
	r.version = applied.Version
	return applied, applied.Entries(s), nil
}

// Few numbers and few apartments, so that changes get in each other's way.
const someNumbers, someFloors = 6, 2

// ask is what a change is made of.
type ask struct {
	kind      domain.ChangeKind
	apartment domain.ApartmentID
	floor     domain.Floor
	number    domain.Number
	ifVersion domain.Sequence
	ifAbsent  bool
}

func (a ask) change() domain.Change {
	switch a.kind {
	case domain.ChangeRegister:
		c := must(domain.NewRegister(a.floor, a.number))
		if a.ifAbsent {
			c = c.IfAbsent()
		}
		return c
	case domain.ChangeCorrect:
		return must(domain.NewCorrect(a.apartment, a.floor, a.number, a.ifVersion))
	case domain.ChangeRetire:
		return must(domain.NewRetire(a.apartment, a.ifVersion))
	default:
		return must(domain.NewRestore(a.apartment, a.ifVersion))
	}
}

func drawAsk(t *rapid.T, r *blockKept) ask {
	a := ask{
		kind: rapid.SampledFrom([]domain.ChangeKind{
			domain.ChangeRegister, domain.ChangeCorrect, domain.ChangeCorrect, domain.ChangeRetire, domain.ChangeRestore,
		}).Draw(t, "kind"),
		floor:     floorAt(rapid.Int64Range(0, someFloors-1).Draw(t, "floor")),
		number:    numbered(rapid.Int64Range(1, someNumbers).Draw(t, "number")),
		apartment: domain.ApartmentID(rapid.Int64Range(1, int64(r.lastID)+1).Draw(t, "apartment")), // one that is not there too
	}
	odds := rapid.IntRange(0, 11).Draw(t, "odds")
	switch {
	case a.kind == domain.ChangeRegister:
		a.ifAbsent = odds < 6
	case odds == 0:
		a.ifVersion = r.version + 1
	case odds < 4:
		a.ifVersion = r.apartments[a.apartment].Version()
	}
	if a.kind == domain.ChangeCorrect {
		switch {
		case odds%3 == 1:
			a.floor = domain.Floor{}
		case odds%3 == 2:
			a.number = domain.Number{}
		}
	}
	return a
}

func drawSet(t *rapid.T, r *blockKept) (domain.ChangeSet, []ask) {
	spec := specOf("retire 1")
	spec.Changes = nil
	var asks []ask
	for range rapid.IntRange(1, 6).Draw(t, "changes") {
		a := drawAsk(t, r)
		asks, spec.Changes = append(asks, a), append(spec.Changes, a.change())
	}
	return must(domain.NewChangeSet(spec)), asks
}

// Whatever is asked for, no number is twice among the registered, nothing of a version or a sequence is left out, and what is refused
// would have broken a rule.
func TestRandomSetsKeepTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newBlockKept()
		for range rapid.IntRange(1, 12).Draw(t, "sets") {
			s, asks := drawSet(t, r)
			before, version := r.states(), r.version
			want := plainly(r.apartments, asks)
			_, entries, err := r.apply(s)
			checkRefusals(t, want, err)
			if err == nil {
				checkEntries(t, r, before, version, entries)
			} else if r.version != version || !maps.Equal(r.states(), before) {
				t.Fatalf("refused, and yet the register has changed: %v", err)
			}
			checkNumbers(t, r)
		}
	})
}

func checkEntries(t *rapid.T, r *blockKept, before map[domain.ApartmentID]domain.State, version domain.Sequence, entries []domain.LedgerEntry) {
	position := -1
	for i, e := range entries {
		if e.Sequence != version+domain.Sequence(i)+1 || e.Position <= position || e.Before != before[e.Apartment] || e.Before == e.After {
			t.Fatalf("entry %d, after version %d: %s, of an apartment that was %s", i, version, spelledEntry(e), spelledState(before[e.Apartment]))
		}
		position, before[e.Apartment] = e.Position, e.After
		if r.apartments[e.Apartment].Version() < e.Sequence {
			t.Fatalf("apartment %d is at version %d after the change %d", e.Apartment, r.apartments[e.Apartment].Version(), e.Sequence)
		}
	}
	if r.version != version+domain.Sequence(len(entries)) || !maps.Equal(before, r.states()) {
		t.Fatalf("version %d after %d entries from %d: the entries make %v, the register has %v", r.version, len(entries), version, before, r.states())
	}
}

func checkNumbers(t *rapid.T, r *blockKept) {
	holders := map[domain.Number]domain.ApartmentID{}
	for id, a := range r.apartments {
		if a.Status() != domain.ApartmentRegistered {
			continue
		}
		if other, twice := holders[a.Number()]; twice {
			t.Fatalf("number %d is that of %d and of %d", a.Number().Int(), id, other)
		}
		holders[a.Number()] = id
	}
}

// plain is what a set comes to by the plainest reading of the rules: one change after the other, passing over what cannot be.
type plain struct {
	refused map[int]domain.Code
	given   map[int]domain.Number // the number that a change gave or left to its apartment
	holders map[domain.Number]int // how many registered apartments have a number at the end
}

func plainly(before map[domain.ApartmentID]domain.Apartment, asks []ask) plain {
	p := plain{map[int]domain.Code{}, map[int]domain.Number{}, map[domain.Number]int{}}
	now := map[domain.ApartmentID]domain.State{}
	for id, a := range before {
		now[id] = a.State()
	}
	for i, a := range asks {
		id := a.apartment
		if a.kind == domain.ChangeRegister {
			if a.ifAbsent && standsThere(before, now, a) {
				continue
			}
			id = domain.ApartmentID(-100 - i)
		}
		next, refusal := a.of(before[id], now[id])
		if refusal != "" {
			p.refused[i] = refusal
			continue
		}
		now[id], p.given[i] = next, next.Number()
	}
	for _, s := range now {
		if s.Status() == domain.ApartmentRegistered {
			p.holders[s.Number()]++
		}
	}
	return p
}

// standsThere reports whether the apartment that had the number before the set is there now, on the very floor.
func standsThere(before map[domain.ApartmentID]domain.Apartment, now map[domain.ApartmentID]domain.State, a ask) bool {
	for id, was := range before {
		if was.Status() == domain.ApartmentRegistered && was.Number() == a.number {
			return now[id] == state(a.floor, a.number, domain.ApartmentRegistered)
		}
	}
	return false
}

func state(floor domain.Floor, number domain.Number, status domain.ApartmentStatus) domain.State {
	return must(domain.RestoreState(floor.Level(), number.Int(), status))
}

// of tells what is made of an apartment, by what it was before the set and what it is now, or why nothing is.
func (a ask) of(before domain.Apartment, now domain.State) (domain.State, domain.Code) {
	retired := now.Status() == domain.ApartmentRetired
	switch {
	case a.kind == domain.ChangeRegister:
		return state(a.floor, a.number, domain.ApartmentRegistered), ""
	case before.ID() == 0:
		return now, domain.NotFound
	case a.ifVersion != 0 && a.ifVersion != before.Version():
		return now, domain.VersionMismatch
	case a.kind == domain.ChangeRestore && !retired:
		return now, domain.NotRetired
	case a.kind == domain.ChangeRestore:
		return state(now.Floor(), now.Number(), domain.ApartmentRegistered), ""
	case retired:
		return now, domain.AlreadyRetired
	case a.kind == domain.ChangeRetire:
		return state(now.Floor(), now.Number(), domain.ApartmentRetired), ""
	}
	floor, number := now.Floor(), now.Number()
	if (a.floor != domain.Floor{}) {
		floor = a.floor
	}
	if (a.number != domain.Number{}) {
		number = a.number
	}
	return state(floor, number, domain.ApartmentRegistered), ""
}

// checkRefusals holds what a set came to against the plain reading: of the apartments that end with one number, all but one are
// refused, each by a change that gave it that number.
func checkRefusals(t *rapid.T, want plain, err error) {
	got, twice := map[int]domain.Code{}, map[domain.Number]int{}
	var refusal *domain.ChangeSetError
	if err != nil && !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	last := -1
	for _, c := range changesRefused(refusal) {
		if c.Index <= last {
			t.Fatalf("change %d is refused after change %d", c.Index, last)
		}
		last = c.Index
		if c.Code != domain.NumberTaken {
			got[c.Index] = c.Code
			continue
		}
		number := want.given[c.Index]
		twice[number]++
		if c.Existing.Number() != number || c.Existing.Status() != domain.ApartmentRegistered {
			t.Fatalf("change %d: number %d is said to be that of %d, %s", c.Index, number.Int(), c.Existing.ID(), spelledState(c.Existing.State()))
		}
	}
	if !maps.Equal(got, want.refused) {
		t.Fatalf("refused %v, want %v", got, want.refused)
	}
	for number, holders := range want.holders {
		if twice[number] != holders-1 {
			t.Fatalf("number %d is that of %d apartments, and %d are refused", number.Int(), holders, twice[number])
		}
		delete(twice, number)
	}
	if len(twice) > 0 {
		t.Fatalf("refused for the sake of %v, which nobody has", twice)
	}
}

func changesRefused(refusal *domain.ChangeSetError) []*domain.ChangeError {
	if refusal == nil {
		return nil
	}
	return refusal.Changes
}

// Undoing a set gives back every state, and undoing that gives back what the set made.
func TestUndoOfARandomSetGivesBackEveryState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newBlockKept()
		before, after := r.states(), r.states()
		var entries []domain.LedgerEntry
		for range rapid.IntRange(1, 12).Draw(t, "sets") {
			s, _ := drawSet(t, r)
			was := r.states()
			if _, made, err := r.apply(s); err == nil { // a refused one changes nothing
				before, entries, after = was, made, r.states()
			}
		}
		undone := undo(t, r, entries)
		for id, state := range r.states() {
			want, was := before[id]
			if !was {
				want = must(domain.RestoreState(after[id].Floor().Level(), after[id].Number().Int(), domain.ApartmentRetired))
			}
			if state != want {
				t.Fatalf("apartment %d is %s, and was %s", id, spelledState(state), spelledState(want))
			}
		}
		undo(t, r, undone)
		if !maps.Equal(r.states(), after) {
			t.Fatalf("undone twice: %v, want %v", r.states(), after)
		}
	})
}

func undo(t *rapid.T, r *blockKept, entries []domain.LedgerEntry) []domain.LedgerEntry {
	changes, err := domain.Undo(entries, r.kept())
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) == 0 {
		return nil
	}
	spec := specOf("retire 1")
	spec.Changes = changes
	_, undone, err := r.apply(must(domain.NewChangeSet(spec)))
	if err != nil {
		t.Fatal(err)
	}
	return undone
}
