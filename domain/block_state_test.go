package domain_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/domain"
)

var (
	anID    = domain.ChangeSetID{15: 1}
	inCairo = must(domain.NewLocation(new(31.25), new(30.05)))
	aTime   = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	later   = aTime.Add(time.Hour)
)

// setOf is a change set of user 7 in block 4, of changes such as "register 0/12", "register 0/12 ifAbsent", "correct 1 3/12",
// "correct 1 /12", "retire 1 v4" (if it has version 4) and "restore 1", with semicolons between them.
func setOf(changes string) domain.ChangeSet { return must(domain.NewChangeSet(specOf(changes))) }

func specOf(changes string) domain.ChangeSetSpec {
	return domain.ChangeSetSpec{ID: anID, Block: 4, Changes: changesOf(changes), Origin: domain.Origin{By: 7, At: later, Source: domain.SourceAPI}}
}

func changesOf(text string) []domain.Change {
	var changes []domain.Change
	for one := range strings.SplitSeq(text, ";") {
		changes = append(changes, changeOf(strings.Fields(one)))
	}
	return changes
}

func changeOf(words []string) domain.Change {
	kind, words := domain.ChangeKind(words[0]), words[1:]
	if kind == domain.ChangeRegister {
		c := must(domain.NewRegister(placeOf(words[0])))
		if len(words) > 1 {
			c = c.IfAbsent()
		}
		return c
	}
	id := domain.ApartmentID(must(strconv.ParseInt(words[0], 10, 64)))
	var ifVersion domain.Sequence
	if last, ok := strings.CutPrefix(words[len(words)-1], "v"); ok {
		ifVersion = domain.Sequence(must(strconv.ParseInt(last, 10, 64)))
	}
	switch kind {
	case domain.ChangeCorrect:
		floor, number := placeOf(words[1])
		return must(domain.NewCorrect(id, floor, number, ifVersion))
	case domain.ChangeRetire:
		return must(domain.NewRetire(id, ifVersion))
	default:
		return must(domain.NewRestore(id, ifVersion))
	}
}

// placeOf reads a floor and a number such as 3/12, each of which may be left out.
func placeOf(text string) (floor domain.Floor, number domain.Number) {
	level, n, _ := strings.Cut(text, "/")
	if level != "" {
		floor = floorAt(must(strconv.ParseInt(level, 10, 64)))
	}
	if n != "" {
		number = numbered(must(strconv.ParseInt(n, 10, 64)))
	}
	return floor, number
}

// apartmentsOf are apartments of block 4 such as "1 0/11; 2 0/12 retired": with an id, a floor and a number, and with the id as
// the version too.
func apartmentsOf(text string) []domain.Apartment {
	var apartments []domain.Apartment
	for one := range strings.SplitSeq(text, ";") {
		words := strings.Fields(one)
		if len(words) == 0 {
			continue
		}
		floor, number := placeOf(words[1])
		status := domain.ApartmentRegistered
		if len(words) > 2 {
			status = domain.ApartmentStatus(words[2])
		}
		id := must(strconv.ParseInt(words[0], 10, 64))
		apartments = append(apartments, must(domain.RestoreApartment(domain.ApartmentRecord{
			ID: domain.ApartmentID(id), Block: 4, State: must(domain.RestoreState(floor.Level(), number.Int(), status)),
			RegisteredBy: 6, RegisteredAt: aTime, Version: domain.Sequence(id),
		})))
	}
	return apartments
}

func blockOf(version domain.Sequence, apartments string) *domain.BlockState {
	return domain.NewBlockState(version, apartmentsOf(apartments))
}

func spelledState(s domain.State) string {
	if s.IsZero() {
		return "-"
	}
	text := fmt.Sprintf("%d/%d", s.Floor().Level(), s.Number().Int())
	if s.Status() == domain.ApartmentRetired {
		text += " retired"
	}
	return text
}

// afterwards spells the apartments of a block, by id, once a set was applied: new ones, in their order, as n1, n2.
func afterwards(before []domain.Apartment, applied domain.Applied) string {
	now, fresh := map[domain.ApartmentID]domain.State{}, 0
	for _, a := range before {
		now[a.ID()] = a.State()
	}
	for _, c := range applied.Changes {
		now[c.Apartment.ID()] = c.Apartment.State()
	}
	var all []string
	for id, s := range now {
		if id > 0 {
			all = append(all, fmt.Sprintf("%d %s", id, spelledState(s)))
		}
	}
	slices.Sort(all)
	for _, c := range applied.Changes {
		if c.Kind == domain.ChangeRegister && c.Outcome == domain.Done {
			fresh++
			all = append(all, fmt.Sprintf("n%d %s", fresh, spelledState(now[c.Apartment.ID()])))
		}
	}
	return strings.Join(all, "; ")
}

// refusals spells the refusals of a set, each with its index, its code and the apartment that stands in the way.
func refusals(err error) string {
	var refusal *domain.ChangeSetError
	if !errors.As(err, &refusal) {
		return fmt.Sprint(err)
	}
	var all []string
	for _, c := range refusal.Changes {
		text := fmt.Sprintf("%d %s", c.Index, string(c.Code))
		if c.Existing != (domain.Apartment{}) {
			text += fmt.Sprintf(" (%d %s)", c.Existing.ID(), spelledState(c.Existing.State()))
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// What counts is how a set ends.
func TestNumbersMayChangePlaces(t *testing.T) {
	const block = "1 0/11; 2 0/12; 3 1/13; 4 1/14 retired"
	for _, c := range []struct{ name, changes, want string }{
		{"two change places", "correct 1 /12; correct 2 /11", "1 0/12; 2 0/11; 3 1/13; 4 1/14 retired"},
		{"two change floors, which are not numbers", "correct 1 1/; correct 3 0/", "1 1/11; 2 0/12; 3 0/13; 4 1/14 retired"},
		{"three rotate", "correct 1 /12; correct 2 /13; correct 3 /11", "1 0/12; 2 0/13; 3 1/11; 4 1/14 retired"},
		{"a chain, from its end", "correct 3 /20; correct 2 /13; correct 1 /12", "1 0/12; 2 0/13; 3 1/20; 4 1/14 retired"},
		{"a chain, from its beginning", "correct 1 /12; correct 2 /13; correct 3 /20", "1 0/12; 2 0/13; 3 1/20; 4 1/14 retired"},
		{"freed by a correction, taken by a newcomer", "correct 1 /20; register 5/11", "1 0/20; 2 0/12; 3 1/13; 4 1/14 retired; n1 5/11"},
		{"taken by a newcomer before it is freed", "register 5/11; correct 1 /20", "1 0/20; 2 0/12; 3 1/13; 4 1/14 retired; n1 5/11"},
		{"freed by a retirement, taken by a newcomer", "retire 1; register 5/11", "1 0/11 retired; 2 0/12; 3 1/13; 4 1/14 retired; n1 5/11"},
		{"freed by a retirement, taken by a correction", "correct 2 /11; retire 1", "1 0/11 retired; 2 0/11; 3 1/13; 4 1/14 retired"},
		{"restored beside a newcomer", "restore 4; register 0/15", "1 0/11; 2 0/12; 3 1/13; 4 1/14; n1 0/15"},
		{"restored and moved away, its number taken", "restore 4; correct 4 /20; register 2/14", "1 0/11; 2 0/12; 3 1/13; 4 1/20; n1 2/14"},
		{"restored and retired again, its number taken", "restore 4; register 2/14; retire 4", "1 0/11; 2 0/12; 3 1/13; 4 1/14 retired; n1 2/14"},
		{"retired and restored", "retire 1; restore 1", "1 0/11; 2 0/12; 3 1/13; 4 1/14 retired"},
		{"there and back", "correct 1 /20; correct 1 /11", "1 0/11; 2 0/12; 3 1/13; 4 1/14 retired"},
		{"through another's number", "correct 1 /12; correct 1 /20", "1 0/20; 2 0/12; 3 1/13; 4 1/14 retired"},
		{"in and out of a freed number", "correct 1 /20; correct 2 /11; correct 2 /12", "1 0/20; 2 0/12; 3 1/13; 4 1/14 retired"},
		{"several changes of one apartment", "correct 1 /20; correct 1 5/; retire 1; restore 1", "1 5/20; 2 0/12; 3 1/13; 4 1/14 retired"},
		{"absent ones come, others stay", "register 0/11 ifAbsent; register 0/15 ifAbsent", "1 0/11; 2 0/12; 3 1/13; 4 1/14 retired; n1 0/15"},
		{"absent since the set retired it", "retire 1; register 0/11 ifAbsent", "1 0/11 retired; 2 0/12; 3 1/13; 4 1/14 retired; n1 0/11"},
	} {
		applied, err := blockOf(4, block).Apply(setOf(c.changes))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := afterwards(apartmentsOf(block), applied); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// All refusals come at once, in the order of their changes, each with what stands in the way.
func TestRefusals(t *testing.T) {
	const block = "1 0/11; 2 0/12; 3 1/13; 4 1/14 retired; 5 1/12 retired"
	for _, c := range []struct{ name, changes, want string }{
		{"a number that another has", "register 5/11", "0 number_taken (1 0/11)"},
		{"a number that another keeps while its floor changes", "correct 1 7/; register 5/11", "1 number_taken (1 7/11)"},
		{"the same, asked for the other way round", "register 5/11; correct 1 7/", "0 number_taken (1 7/11)"},
		{"a number that another leaves and comes back to", "correct 1 /20; register 5/11; correct 1 /11", "1 number_taken (1 0/11)"},
		{"two newcomers for one number", "register 5/20; register 6/20", "1 number_taken (0 5/20)"},
		{"two newcomers for one that is freed", "retire 1; register 5/11; register 6/11", "2 number_taken (0 5/11)"},
		{"three for one", "register 5/20; correct 1 /20; correct 2 /20", "1 number_taken (0 5/20); 2 number_taken (0 5/20)"},
		{"an absent one twice", "register 5/20 ifAbsent; register 5/20 ifAbsent", "1 number_taken (0 5/20)"},
		{"a restored one whose number another has", "restore 5", "0 number_taken (2 0/12)"},
		{"a restored one whose number a newcomer has", "register 5/14; restore 4", "1 number_taken (0 5/14)"},
		{"the change that gave the number is named", "correct 1 /12; correct 1 5/", "0 number_taken (2 0/12)"},
		{"the restoration that gave the number is named", "restore 5; correct 5 9/", "0 number_taken (2 0/12)"},
		{"the last number counts", "correct 1 /12; correct 1 /13", "1 number_taken (3 1/13)"},
		{"an apartment at another version", "correct 2 /20 v1", "0 version_mismatch (2 0/12)"},
		{"a version is that of before the set", "correct 2 /20 v2; correct 2 5/ v5", "1 version_mismatch (2 0/12)"},
		{"retired in the set", "retire 1; correct 1 5/", "1 already_retired (1 0/11 retired)"},
		{"restored in the set", "restore 4; restore 4", "1 not_retired (4 1/14)"},
		{"all at once, in order",
			"register 9/13; retire 4; restore 1; correct 2 /11; retire 99; correct 3 /30 v9; register 9/40",
			"0 number_taken (3 1/13); 1 already_retired (4 1/14 retired); 2 not_retired (1 0/11); 3 number_taken (1 0/11); " +
				"4 not_found; 5 version_mismatch (3 1/13)"},
	} {
		state := blockOf(5, block)
		applied, err := state.Apply(setOf(c.changes))
		if got := refusals(err); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if state.Version() != 5 || applied.Version != 0 || applied.Changes != nil {
			t.Errorf("%s: refused, and yet: version %d, %+v", c.name, state.Version(), applied)
		}
		// Nothing was taken over: what was so is so.
		unchanged, err := state.Apply(setOf("correct 1 0/11; correct 2 0/12; correct 3 1/13; register 9/99"))
		if err != nil || unchanged.Version != 6 || unchanged.Changes[2].Outcome != domain.Unchanged || unchanged.Changes[3].Apartment.ID() != -2 {
			t.Errorf("%s: the block has changed: %+v, %v", c.name, unchanged, err)
		}
	}
}

func TestASetMayExpectAVersionOfItsBlock(t *testing.T) {
	for _, version := range []domain.Sequence{0, 4, 6} {
		spec := specOf("register 5/11; retire 99") // a refusal of its own comes after
		spec.IfVersion = &version
		state := blockOf(5, "1 0/11")
		_, err := state.Apply(must(domain.NewChangeSet(spec)))
		var stale *domain.StaleBlockError
		if !errors.As(err, &stale) || stale.Current != 5 || !errors.Is(err, domain.VersionMismatch) {
			t.Errorf("at version 5, expected at %d: %v", version, err)
		}
		if state.Version() != 5 {
			t.Errorf("the block is at version %d", state.Version())
		}
	}
	spec := specOf("register 5/12")
	spec.IfVersion = new(domain.Sequence(5))
	if applied, err := blockOf(5, "1 0/11").Apply(must(domain.NewChangeSet(spec))); err != nil || applied.Version != 6 {
		t.Errorf("at the version expected: %+v, %v", applied, err)
	}
	spec.IfVersion = new(domain.Sequence(0))
	if applied, err := blockOf(0, "").Apply(must(domain.NewChangeSet(spec))); err != nil || applied.Version != 1 {
		t.Errorf("the first change: %+v, %v", applied, err)
	}
}

// Versions count what was changed; who changed it and when stays with the apartment.
func TestWhatComesOfASet(t *testing.T) {
	spec := specOf("register 5/20; correct 1 0/11; correct 2 /30; register 0/11 ifAbsent; retire 2; register 5/21")
	applied, err := blockOf(9, "1 0/11; 2 0/12").Apply(must(domain.NewChangeSet(spec)))
	if err != nil {
		t.Fatal(err)
	}
	if applied.Version != 13 || applied.Replayed {
		t.Errorf("version %d, replayed %t", applied.Version, applied.Replayed)
	}
	var got []string
	for _, c := range applied.Changes {
		a := c.Apartment
		got = append(got, fmt.Sprintf("%s %s #%d %s > %s v%d, by %d at %s, changed %s: %d", string(c.Outcome), string(c.Kind), a.ID(), spelledState(c.Before),
			spelledState(a.State()), a.Version(), a.RegisteredBy(), a.RegisteredAt().Format("15:04"), a.ChangedAt().Format("15:04"), c.Sequence))
		if a.Block() != 4 {
			t.Errorf("block %d", a.Block())
		}
	}
	want := []string{
		"done register #-2 - > 5/20 v10, by 7 at 06:06, changed 06:06: 10",
		"unchanged correct #1 0/11 > 0/11 v1, by 6 at 05:06, changed 05:06: 0",
		"done correct #2 0/12 > 0/30 v11, by 6 at 05:06, changed 06:06: 11",
		"unchanged register #1 0/11 > 0/11 v1, by 6 at 05:06, changed 05:06: 0",
		"done retire #2 0/30 > 0/30 retired v12, by 6 at 05:06, changed 06:06: 12",
		"done register #-3 - > 5/21 v13, by 7 at 06:06, changed 06:06: 13",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// One state takes set after set.
func TestSetsFollowEachOther(t *testing.T) {
	state := blockOf(2, "1 0/11; 2 0/12")
	for _, c := range []struct{ changes, want string }{
		{"correct 1 /20", ""},
		{"register 3/11", ""},
		{"register 4/11", "0 number_taken (-2 3/11)"},
		{"register 4/20", "0 number_taken (1 0/20)"},
		{"retire 1 v1", "0 version_mismatch (1 0/20)"},
		{"retire 1 v3", ""},
		{"restore 1; register 4/21", ""},
		{"register 4/20", "0 number_taken (1 0/20)"},
		{"correct 1 /20", ""}, // unchanged
	} {
		_, err := state.Apply(setOf(c.changes))
		if got := refusals(err); err != nil && got != c.want || err == nil && c.want != "" {
			t.Errorf("%s: got %s, want %s", c.changes, got, c.want)
		}
	}
	if state.Version() != 7 {
		t.Errorf("version %d", state.Version())
	}
}

func TestALayoutRegistersWhatIsAbsent(t *testing.T) {
	const block = "1 0/1; 2 1/101; 3 1/102 retired; 4 5/103"
	changes := must(domain.ParseLayout("0: 1-2; 1: 101-102")).Changes()
	spec := domain.ChangeSetSpec{ID: anID, Block: 4, Changes: changes, Origin: domain.Origin{By: 7, At: later, Source: domain.SourceAPI}}
	state := blockOf(4, block)
	applied, err := state.Apply(must(domain.NewChangeSet(spec)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := afterwards(apartmentsOf(block), applied), "1 0/1; 2 1/101; 3 1/102 retired; 4 5/103; n1 0/2; n2 1/102"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	again, err := state.Apply(must(domain.NewChangeSet(spec)))
	if err != nil || again.Version != applied.Version {
		t.Errorf("again: %+v, %v", again, err)
	}
	for i, c := range again.Changes {
		if c.Outcome != domain.Unchanged || c.Sequence != 0 || c.Apartment != applied.Changes[i].Apartment {
			t.Errorf("again: change %d: %+v", i, c)
		}
	}
	// An apartment that has one of the numbers on another floor is in the way.
	spec.Changes = must(domain.ParseLayout("1: 103")).Changes()
	if _, err := state.Apply(must(domain.NewChangeSet(spec))); refusals(err) != "0 number_taken (4 5/103)" {
		t.Errorf("on another floor: %s", refusals(err))
	}
}
