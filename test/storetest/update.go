package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// updatePromises are those of application.Importer to one caller at a time.
var updatePromises = []promise{
	{"new rows are kept, apartments as registered by nobody, and nothing is logged", updateAdds},
	{"changed rows replace those that they are about, and no other", updateChanges},
	{"numbers of a block change places", updateExchanges},
	{"a freed number is for another apartment", updateFreed},
	{"the plan sees what is kept within the scope", updateScope},
	{"the plan sees which apartments were registered", updateSeesRegistered},
	{"registered apartments stay as they are", updateBesideRegistered},
	{"what goes in and out is copied", updateCopies},
	{"the plan's error is returned as it is, and nothing is written", updatePlanFails},
	{"when the plan panics, nothing is written and the store goes on", updatePlanPanics},
	{"nothing is written for a caller who is gone", updateGone},
	{"a caller who goes leaves all changes or none", updateGoneMidway},
	{"progress grows, and ends at the number of changes", updateProgress},
	{"no changes, and no progress to tell", updateNothing},
	{"the same import again changes nothing", updateAgain},
	{"more rows than a statement takes", updateMany},
}

func updateAdds(t *testing.T, s Subject) {
	changes := town()
	changes.At = time.Date(2026, 2, 28, 23, 59, 59, 999_999_000, time.UTC)
	update(t, s, changes)
	want := rowsOf(changes)
	wantRows(t, s, want)

	// And rows of every kind again, beside those.
	more := application.Changes{
		At:             noon.Add(time.Hour),
		NewBlocks:      []domain.Block{block(3, "برج النخيل 🏢", domain.BlockSuspended)},
		NewApartments:  []domain.Apartment{apartment(50, 3, domain.MinFloor, 901), apartment(51, 4, domain.MaxFloor, domain.MaxNumber)},
		NewMemberships: []domain.Membership{member(7, 3, 50, domain.RoleWatchman, domain.MembershipPending)},
	}
	update(t, s, more)
	added := rowsOf(more)
	wantRows(t, s, Rows{
		Blocks:      slices.Concat(want.Blocks, added.Blocks),
		Apartments:  slices.Concat(want.Apartments, added.Apartments),
		Memberships: slices.Concat(want.Memberships, added.Memberships),
	})
}

func updateChanges(t *testing.T, s Subject) {
	changes := crowd()
	update(t, s, changes)
	changed := application.Changes{
		At:                noon.Add(time.Hour), // is the time of new apartments alone
		ChangedBlocks:     []domain.Block{block(4, "برج", domain.BlockSuspended), block(5, "Old Mill", domain.BlockActive)},
		ChangedApartments: []domain.Apartment{apartment(101, 4, 9, 901), apartment(103, 6, 0, 999_999)},
		// Two of many that differ in a single part of the key, each to a status that none of those has; one as it is.
		ChangedMemberships: []domain.Membership{
			member(7, 4, 101, domain.RoleCashier, domain.MembershipActive),
			member(7, 4, 0, domain.RoleManager, domain.MembershipBanned),
			member(8, 4, 102, domain.RoleManager, domain.MembershipPending),
		},
	}
	update(t, s, changed)
	changes.NewBlocks[0], changes.NewBlocks[1] = changed.ChangedBlocks[0], changed.ChangedBlocks[1]
	changes.NewApartments[0], changes.NewApartments[2] = changed.ChangedApartments[0], changed.ChangedApartments[1]
	for i, m := range changes.NewMemberships {
		for _, now := range changed.ChangedMemberships {
			if now.Key() == m.Key() {
				changes.NewMemberships[i] = now
			}
		}
	}
	wantRows(t, s, rowsOf(changes))
}

func updateExchanges(t *testing.T, s Subject) {
	changes := town()
	changes.NewApartments = []domain.Apartment{
		apartment(1, 4, 1, 1), apartment(2, 4, 1, 2), apartment(3, 4, 2, 3), apartment(4, 4, 2, 4), apartment(5, 4, 2, 5),
		apartment(6, 6, 1, 1), apartment(7, 6, 1, 2),
	}
	changes.NewMemberships = nil
	update(t, s, changes)
	for _, changed := range [][]domain.Apartment{
		{apartment(1, 4, 1, 2), apartment(2, 4, 1, 1)},                         // two
		{apartment(3, 4, 3, 4), apartment(4, 4, 3, 5), apartment(5, 4, 3, 3)},  // three in a ring, on another floor
		{apartment(1, 4, 1, 6), apartment(2, 4, 1, 2), apartment(3, 4, 3, 1)},  // a chain, over a number that was free
		{apartment(7, 6, 1, 1), apartment(6, 6, 1, 2), apartment(4, 4, -1, 5)}, // another block, and a floor alone
	} {
		update(t, s, application.Changes{ChangedApartments: changed})
		for _, a := range changed {
			changes.NewApartments[a.ID()-1] = a
		}
		wantRows(t, s, rowsOf(changes))
	}
}

func updateFreed(t *testing.T, s Subject) {
	update(t, s, town())
	update(t, s, application.Changes{
		At:                noon,
		ChangedApartments: []domain.Apartment{apartment(101, 4, 1, 905)},
		NewApartments:     []domain.Apartment{apartment(200, 4, 2, 901)},
	})
	update(t, s, application.Changes{ChangedApartments: []domain.Apartment{apartment(102, 4, 1, 906)}})
	r := ask{id: id(1), number: 902}.registration()
	wantRegister(t, s, r, application.Registered, nil)
	wantRegistrations(t, s, r)
	for i, taken := range []int64{901, 905, 906} {
		wantRegister(t, s, ask{id: id(2 + i), number: taken}.registration(), 0, domain.NumberTaken)
	}
}

// seen returns what a plan sees within a scope.
func seen(t *testing.T, s Subject, scope application.Scope) application.Kept {
	t.Helper()
	var got application.Kept
	plan := func(kept application.Kept) (application.Changes, error) {
		got = kept
		return application.Changes{}, nil
	}
	if err := s.UpdateRegister(t.Context(), scope, plan, nil); err != nil {
		t.Fatalf("scope %v: %v", scope, err)
	}
	return got
}

// wantSeen checks what a plan sees, in whatever order.
func wantSeen(t *testing.T, s Subject, scope application.Scope, want application.Kept) {
	t.Helper()
	got := seen(t, s, scope)
	wantSame(t, fmt.Sprintf("%v: blocks", scope), Rows{Blocks: got.Blocks}.sorted().Blocks, Rows{Blocks: want.Blocks}.sorted().Blocks)
	wantSame(t, fmt.Sprintf("%v: apartments", scope), sortedKept(got.Apartments), sortedKept(want.Apartments))
	wantSame(t, fmt.Sprintf("%v: memberships", scope),
		slices.SortedFunc(slices.Values(got.Memberships), compareMemberships),
		slices.SortedFunc(slices.Values(want.Memberships), compareMemberships))
}

func sortedKept(apartments []application.KeptApartment) []application.KeptApartment {
	return slices.SortedFunc(slices.Values(apartments), func(a, b application.KeptApartment) int {
		return cmp.Or(cmp.Compare(a.Apartment.Block(), b.Apartment.Block()),
			cmp.Compare(a.Apartment.Number().Int(), b.Apartment.Number().Int()))
	})
}

func imported(apartments ...domain.Apartment) []application.KeptApartment {
	var kept []application.KeptApartment
	for _, a := range apartments {
		kept = append(kept, application.KeptApartment{Apartment: a})
	}
	return kept
}

func updateScope(t *testing.T, s Subject) {
	changes := crowd()
	update(t, s, changes)
	blocks, apartments := changes.NewBlocks, changes.NewApartments
	inBlock := func(wanted ...domain.BlockID) []domain.Membership {
		return slices.DeleteFunc(slices.Clone(changes.NewMemberships), func(m domain.Membership) bool { return !slices.Contains(wanted, m.Block()) })
	}
	for _, c := range []struct {
		scope application.Scope
		want  application.Kept
	}{
		{application.Scope{}, application.Kept{}},
		{application.Scope{Blocks: []domain.BlockID{4}}, application.Kept{
			Blocks: blocks[:1], Apartments: imported(apartments[0], apartments[1]), Memberships: inBlock(4)}},
		{application.Scope{Blocks: []domain.BlockID{5, 6}}, application.Kept{
			Blocks: blocks[1:], Apartments: imported(apartments[2], apartments[3]), Memberships: inBlock(5, 6)}},
		{application.Scope{Apartments: []domain.ApartmentID{101, 104}}, application.Kept{
			Apartments: imported(apartments[0], apartments[3])}},
		// Apartments inside and outside of the blocks, those inside once.
		{application.Scope{Blocks: []domain.BlockID{6}, Apartments: []domain.ApartmentID{103, 102}}, application.Kept{
			Blocks: blocks[2:], Apartments: imported(apartments[1], apartments[2]), Memberships: inBlock(6)}},
		// What is not there yet.
		{application.Scope{Blocks: []domain.BlockID{101, 4, 99}, Apartments: []domain.ApartmentID{4, 99, application.MaxImportedApartmentID}}, application.Kept{
			Blocks: blocks[:1], Apartments: imported(apartments[0], apartments[1]), Memberships: inBlock(4)}},
		{application.Scope{Blocks: []domain.BlockID{99}, Apartments: []domain.ApartmentID{99}}, application.Kept{}},
	} {
		wantSeen(t, s, c.scope, c.want)
	}
	wantRows(t, s, rowsOf(changes))
}

func updateSeesRegistered(t *testing.T, s Subject) {
	changes := town()
	update(t, s, changes)
	r := ask{id: id(1), block: 6, floor: 2, number: 3}.registration()
	wantRegister(t, s, r, application.Registered, nil)
	own := s.Rows(t).registrations()[r.ID()].ID
	kept := application.KeptApartment{Apartment: r.Apartment().WithID(own), Registered: true}
	wantSeen(t, s, application.Scope{Apartments: []domain.ApartmentID{own, 101}}, application.Kept{
		Apartments: append(imported(changes.NewApartments[0]), kept)})
	wantSeen(t, s, application.Scope{Blocks: []domain.BlockID{6}, Apartments: []domain.ApartmentID{own}}, application.Kept{
		Blocks: changes.NewBlocks[2:], Apartments: append(imported(changes.NewApartments[2]), kept), Memberships: changes.NewMemberships[1:2]})
}

func updateBesideRegistered(t *testing.T, s Subject) {
	update(t, s, town())
	all := registrations([]ask{
		{id: id(1), floor: 1, number: 2, through: 101, where: location(new(31.25), new(30.05)), at: noon.Add(-time.Hour)},
		{id: id(2), block: 6, number: 2},
	})
	for _, r := range all {
		wantRegister(t, s, r, application.Registered, nil)
	}
	update(t, s, application.Changes{
		At:                noon,
		ChangedBlocks:     []domain.Block{block(4, "Palm Tower II", domain.BlockSuspended)},
		ChangedApartments: []domain.Apartment{apartment(101, 4, 1, 902), apartment(102, 4, 1, 901)},
		NewApartments:     []domain.Apartment{apartment(90_000, 4, 2, 77)},
		NewMemberships:    []domain.Membership{member(8, 4, s.Rows(t).registrations()[id(1)].ID, domain.RoleResident, domain.MembershipActive)},
	})
	wantRegistrations(t, s, all...)
	for _, r := range all {
		wantRegister(t, s, r, application.Replayed, nil)
	}
}

func updateCopies(t *testing.T, s Subject) {
	update(t, s, town())
	before := s.Rows(t)
	scope := application.Scope{Blocks: []domain.BlockID{4, 6}, Apartments: []domain.ApartmentID{104}}
	got := seen(t, s, scope)
	clear(got.Blocks)
	clear(got.Apartments)
	clear(got.Memberships)
	wantRows(t, s, before)

	changes := application.Changes{
		At:                 noon,
		NewBlocks:          []domain.Block{block(9, "New", domain.BlockActive)},
		NewApartments:      []domain.Apartment{apartment(300, 9, 1, 1)},
		NewMemberships:     []domain.Membership{member(300, 9, 300, domain.RoleResident, domain.MembershipActive)},
		ChangedBlocks:      []domain.Block{block(4, "Changed", domain.BlockActive)},
		ChangedApartments:  []domain.Apartment{apartment(101, 4, 1, 903)},
		ChangedMemberships: []domain.Membership{member(7, 6, 0, domain.RoleManager, domain.MembershipBanned)},
	}
	update(t, s, changes)
	before = s.Rows(t)
	clear(changes.NewBlocks)
	clear(changes.NewApartments)
	clear(changes.NewMemberships)
	clear(changes.ChangedBlocks)
	clear(changes.ChangedApartments)
	clear(changes.ChangedMemberships)
	wantRows(t, s, before)
}

func updatePlanFails(t *testing.T, s Subject) {
	update(t, s, town())
	before := s.Rows(t)
	faults := application.Faults{{Text: "is wrong"}, {Text: "too"}}
	for _, refusal := range []error{
		errors.New("an error of the plan's own"),
		fmt.Errorf("wrapped: %w", faults),
		domain.NumberTaken, domain.StoreUnavailable, context.Canceled, // whatever the store itself would make of it
		&domain.FieldError{Field: domain.FieldName, Code: domain.TooLong},
		faults,
	} {
		plans := 0
		plan := func(application.Kept) (application.Changes, error) {
			plans++
			return application.Changes{At: noon, NewBlocks: []domain.Block{block(9, "", domain.BlockActive)}}, refusal
		}
		err := s.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{9}}, plan, func(rows int) { t.Errorf("%d rows written", rows) })
		if !reflect.DeepEqual(err, refusal) {
			t.Errorf("error %v (%T), want the plan's: %v", err, err, refusal)
		}
		if plans != 1 {
			t.Errorf("%v: planned %d times", refusal, plans)
		}
	}
	wantRows(t, s, before)
}

func updatePlanPanics(t *testing.T, s Subject) {
	update(t, s, town())
	before := s.Rows(t)
	for _, thrown := range []any{"a plan's panic", errors.New("as an error")} {
		func() {
			defer func() {
				if got := recover(); got != thrown {
					t.Errorf("recovered %v, want %v", got, thrown)
				}
			}()
			_ = s.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{4, 9}}, func(application.Kept) (application.Changes, error) { panic(thrown) }, nil)
		}()
	}
	wantRows(t, s, before)
	update(t, s, application.Changes{ChangedBlocks: []domain.Block{block(4, "After", domain.BlockActive)}})
	r := ask{id: id(1), number: 2}.registration()
	wantRegister(t, s, r, application.Registered, nil)
	wantRegistrations(t, s, r)
	if _, err := s.MembersOf(t.Context(), 7, 0); err != nil {
		t.Error(err)
	}
}

func updateGone(t *testing.T, s Subject) {
	update(t, s, town())
	before := s.Rows(t)
	changes := application.Changes{
		At: noon, NewBlocks: []domain.Block{block(9, "", domain.BlockActive)}, NewApartments: []domain.Apartment{apartment(300, 9, 1, 1)},
		ChangedBlocks: []domain.Block{block(4, "Changed", domain.BlockActive)},
	}
	plan := func(application.Kept) (application.Changes, error) { return changes, nil }
	for what, ctx := range endedContexts(t) {
		if err := s.UpdateRegister(ctx, scopeOf(changes), plan, nil); !errors.Is(err, domain.StoreUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Or goes while it is planned.
	ctx, leave := context.WithCancel(t.Context())
	err := s.UpdateRegister(ctx, scopeOf(changes), func(application.Kept) (application.Changes, error) {
		leave()
		return changes, nil
	}, nil)
	if !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("gone while planning: %v", err)
	}
	wantRows(t, s, before)
	update(t, s, changes)
}

func updateGoneMidway(t *testing.T, s Subject) {
	update(t, s, town())
	for round := range 4 {
		before := s.Rows(t)
		var changes application.Changes
		changes.At = noon
		for i := range 1200 {
			n := int64(1 + 1200*round + i)
			changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(1000+n), 4, 1, 10_000+n))
		}
		ctx, leave := context.WithCancel(t.Context())
		told := 0
		err := s.UpdateRegister(ctx, scopeOf(changes), func(application.Kept) (application.Changes, error) { return changes, nil }, func(int) {
			if told++; told > round {
				leave()
			}
		})
		leave()
		switch {
		case err == nil:
			before.Apartments = append(before.Apartments, rowsOf(changes).Apartments...)
		case !errors.Is(err, domain.StoreUnavailable):
			t.Errorf("gone after progress was told %d times: %v", round, err)
		}
		wantRows(t, s, before)
	}
}

func updateProgress(t *testing.T, s Subject) {
	changes := town()
	for i := range int64(1100) {
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(1000+i), 6, 1, 1000+i))
	}
	last, told := 0, 0
	progress := func(rows int) {
		if rows < last || rows > changes.Len() {
			t.Errorf("%d rows are written, after %d, of %d", rows, last, changes.Len())
		}
		last = rows
		told++
	}
	if err := s.UpdateRegister(t.Context(), scopeOf(changes), func(application.Kept) (application.Changes, error) { return changes, nil }, progress); err != nil {
		t.Fatal(err)
	}
	if told == 0 || last != changes.Len() {
		t.Errorf("progress was told %d times and ended at %d of %d", told, last, changes.Len())
	}
}

func updateNothing(t *testing.T, s Subject) {
	update(t, s, application.Changes{})
	wantRows(t, s, Rows{})
	update(t, s, town())
	for _, scope := range []application.Scope{{}, scopeOf(town())} {
		progress := func(rows int) {
			if rows != 0 {
				t.Errorf("%d rows are written", rows)
			}
		}
		if err := s.UpdateRegister(t.Context(), scope, func(application.Kept) (application.Changes, error) { return application.Changes{}, nil }, progress); err != nil {
			t.Error(err)
		}
	}
	wantRows(t, s, rowsOf(town()))
}

// fileOf is the register file that brings what changes bring.
func fileOf(c application.Changes) application.Register {
	return application.Register{Blocks: c.NewBlocks, Apartments: c.NewApartments, Memberships: c.NewMemberships}
}

// importing is the use case that the port is for.
func importing(s Subject) *application.ImportRegister {
	return application.NewImportRegister(s, func() time.Time { return noon })
}

func updateAgain(t *testing.T, s Subject) {
	changes := crowd()
	rows := changes.Len()
	for _, want := range []application.Summary{{Added: rows}, {Unchanged: rows}, {Unchanged: rows}} {
		if got, err := importing(s).Import(t.Context(), fileOf(changes), nil); err != nil || got != want {
			t.Errorf("import: %+v, %v, want %+v", got, err, want)
		}
		wantRows(t, s, rowsOf(changes))
	}
}

// A store may read and write in portions, whatever their size: blocks, apartments and memberships of which there are
// more than a thousand each are added, found again, and all changed.
func updateMany(t *testing.T, s Subject) {
	const many = 1203
	changes := application.Changes{At: noon, NewBlocks: []domain.Block{block(1, "Largest", domain.BlockActive)}}
	for i := range int64(many) {
		n := i + 2
		changes.NewBlocks = append(changes.NewBlocks, block(domain.BlockID(n), strconv.FormatInt(n, 10), domain.BlockActive))
		changes.NewApartments = append(changes.NewApartments,
			apartment(domain.ApartmentID(1_000_000+n), 1, n%300, n),
			apartment(domain.ApartmentID(2_000_000+n), domain.BlockID(n), 0, 1))
		changes.NewMemberships = append(changes.NewMemberships,
			member(domain.UserID(n), domain.BlockID(n), domain.ApartmentID(2_000_000+n), domain.RoleManager, domain.MembershipActive))
	}
	rows := changes.Len()
	for _, want := range []application.Summary{{Added: rows}, {Unchanged: rows}} {
		if got, err := importing(s).Import(t.Context(), fileOf(changes), nil); err != nil || got != want {
			t.Fatalf("import: %+v, %v, want %+v", got, err, want)
		}
	}
	for i, b := range changes.NewBlocks {
		changes.NewBlocks[i] = block(b.ID(), b.Name()+" changed", domain.BlockSuspended)
	}
	for i, a := range changes.NewApartments {
		number := int64(a.Number().Int())
		if a.Block() == 1 { // all of them change places
			number = 2 + (number-2+many/2)%many
		}
		changes.NewApartments[i] = apartment(a.ID(), a.Block(), 7, number)
	}
	for i, m := range changes.NewMemberships {
		changes.NewMemberships[i] = member(m.User(), m.Block(), m.Apartment(), m.Role(), domain.MembershipBanned)
	}
	if got, err := importing(s).Import(t.Context(), fileOf(changes), nil); err != nil || got != (application.Summary{Changed: rows}) {
		t.Fatalf("import: %+v, %v, want all %d changed", got, err, rows)
	}
	wantRows(t, s, rowsOf(changes))
}
