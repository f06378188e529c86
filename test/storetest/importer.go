package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var importerPromises = slices.Concat([]promise[Filler]{
	{"new rows are kept, apartments as registered by nobody, each with an entry of the ledger", updateAdds},
	{"changed rows replace those that they are about, and no other", updateChanges},
	{"entries are in the order of the apartments' ids, block by block", updateEntries},
	{"numbers of a block change places", updateExchanges},
	{"a freed number is for another apartment", updateFreed},
	{"retired apartments come and go", updateRetired},
	{"the plan sees what is kept within the scope", updateScope},
	{"the plan sees which apartments an import changed last", updateSeesImported},
	{"what users have changed stays as it is", updateBesideUsers},
	{"what goes in and out is copied", updateCopies},
	{"the plan's error is returned as it is, and nothing is written", updatePlanFails},
	{"when the plan panics, nothing is written and the store goes on", updatePlanPanics},
	{"nothing is written for a caller who is gone", updateGone},
	{"a caller who goes leaves all changes or none", updateGoneMidway},
	{"progress grows, and ends at the number of changes", updateProgress},
	{"no changes, and no progress to tell", updateNothing},
	{"the same import again changes nothing", updateAgain},
	{"more rows than a statement takes", updateMany},
}, importerAtOncePromises)

func updateAdds(t *testing.T, s *subject[Filler]) {
	changes := town()
	changes.At = time.Date(2026, 2, 28, 23, 59, 59, 999_999_000, time.UTC)
	s.update(t, changes)
	s.wantKept(t)
	// And rows of every kind again, beside those.
	s.update(t, changeSets(application.Changes{
		At:             noon.Add(time.Hour),
		NewBlocks:      []domain.Block{block(3, "برج النخيل 🏢", domain.BlockSuspended)},
		NewApartments:  []domain.Apartment{apartment(50, 3, domain.MinFloor, 901), apartment(51, 4, domain.MaxFloor, domain.MaxNumber)},
		NewMemberships: []domain.Membership{member(7, 3, 50, domain.RoleWatchman, domain.MembershipPending)},
	}))
}

// change returns the change of an apartment, as it is kept, to another place.
func (k *kept) change(id domain.ApartmentID, floor, number int) application.ApartmentChange {
	return k.changeTo(id, state(floor, number, domain.ApartmentRegistered))
}

func (k *kept) changeTo(id domain.ApartmentID, after domain.State) application.ApartmentChange {
	return application.ApartmentChange{Apartment: k.model.blocks[k.model.blockOf[id]].apartments[id], After: after}
}

func updateChanges(t *testing.T, s *subject[Filler]) {
	s.update(t, crowd())
	s.update(t, changeSets(application.Changes{
		At:                noon.Add(time.Hour),
		ChangedBlocks:     []domain.Block{block(4, "برج", domain.BlockSuspended), block(5, "Old Mill", domain.BlockActive)},
		ChangedApartments: []application.ApartmentChange{s.change(101, 9, 901), s.change(103, 0, 999_999)},
		// Two of many that differ in a single part of the key, each to a status that none of those has; one as it is.
		ChangedMemberships: []domain.Membership{
			member(7, 4, 101, domain.RoleCashier, domain.MembershipActive),
			member(7, 4, 0, domain.RoleManager, domain.MembershipBanned),
			member(8, 4, 102, domain.RoleManager, domain.MembershipPending),
		},
	}))
	s.wantKept(t)
	s.update(t, changeSets(application.Changes{At: noon.Add(2 * time.Hour), ChangedApartments: []application.ApartmentChange{s.change(101, 1, 901)}}))
}

func updateEntries(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.done(t, asked(1, register(1, 1)))
	s.update(t, changeSets(application.Changes{
		At: noon,
		NewApartments: []domain.Apartment{
			apartment(900_003, 6, 1, 3), apartment(900_001, 4, 1, 11), apartment(50, 4, 1, 12), apartment(900_002, 6, 1, 1), apartment(900_000, 4, 1, 13),
		},
		ChangedApartments: []application.ApartmentChange{s.change(102, 2, 902), s.change(103, 2, 902), s.change(101, 2, 901)},
	}))
	var order []domain.ApartmentID
	for _, e := range s.rows(t).of(func(b domain.BlockID) bool { return b == 4 }).sorted().Changes[3:] {
		order = append(order, e.Apartment)
	}
	if want := []domain.ApartmentID{50, 101, 102, 900_000, 900_001}; !slices.Equal(order, want) {
		t.Errorf("entries are about %v, want %v", order, want)
	}
}

func updateExchanges(t *testing.T, s *subject[Filler]) {
	changes := five()
	changes.NewBlocks = append(changes.NewBlocks, block(6, "", domain.BlockActive))
	changes.NewApartments = append(changes.NewApartments, apartment(6, 6, 1, 1), apartment(7, 6, 1, 2))
	s.update(t, changeSets(changes))
	for _, changed := range [][]application.ApartmentChange{
		{s.change(1, 1, 2), s.change(2, 1, 1)},                         // two
		{s.change(3, 3, 4), s.change(4, 3, 5), s.change(5, 3, 3)},      // three in a ring, on another floor
		{s.change(1, 1, 6), s.change(2, 1, 2), s.change(3, 3, 1)},      // a chain, over a number that was free
		{s.change(7, 1, 1), s.change(6, 1, 2), s.change(4, -1, 5)},     // another block, and a floor alone
		{s.change(1, 1, 5), s.change(4, -1, 100), s.change(5, -1, 99)}, // freed by one that comes later
	} {
		for i, c := range changed {
			changed[i] = s.changeTo(c.Apartment.ID(), c.After) // from what it is now
		}
		s.update(t, changeSets(application.Changes{At: noon, ChangedApartments: changed}))
		s.wantKept(t)
	}
}

func updateFreed(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.update(t, changeSets(application.Changes{
		At:                noon,
		ChangedApartments: []application.ApartmentChange{s.change(101, 1, 905)},
		NewApartments:     []domain.Apartment{apartment(200, 4, 2, 901)},
	}))
	s.update(t, changeSets(application.Changes{At: noon, ChangedApartments: []application.ApartmentChange{s.change(102, 1, 906)}}))
	s.done(t, asked(1, register(1, 902)))
	for i, taken := range []int{901, 905, 906} {
		s.refusedAt(t, asked(2+i, register(1, taken)), refusals{0: domain.NumberTaken})
	}
}

func updateRetired(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	gone := func(id domain.ApartmentID, number int) application.ApartmentChange {
		return s.changeTo(id, state(1, number, domain.ApartmentRetired))
	}
	s.update(t, changeSets(application.Changes{
		At: noon, NewApartments: []domain.Apartment{retired(apartment(200, 4, 2, 901)), retired(apartment(201, 4, 2, 901)), apartment(202, 4, 2, 902)},
		ChangedApartments: []application.ApartmentChange{gone(102, 902)},
	}))
	s.wantKept(t)
	s.refusedAt(t, asked(1, restore(102)), refusals{0: domain.NumberTaken})
	s.update(t, changeSets(application.Changes{At: noon.Add(time.Hour), ChangedApartments: []application.ApartmentChange{
		s.change(102, 1, 901), gone(101, 901), gone(202, 77),
	}}))
	s.done(t, asked(1, register(1, 902), restore(202)))
}

// seen returns what a plan sees within a scope.
func (k *kept) seen(t *testing.T, scope application.Scope) application.Kept {
	t.Helper()
	var got application.Kept
	plan := func(kept application.Kept) (application.Changes, error) {
		got = kept
		return application.Changes{}, nil
	}
	if err := k.store.UpdateRegister(t.Context(), scope, plan, nil); err != nil {
		t.Fatalf("scope %v: %v", scope, err)
	}
	return got
}

// wantSeen checks what a plan sees, in whatever order, and returns it.
func (k *kept) wantSeen(t *testing.T, scope application.Scope) application.Kept {
	t.Helper()
	got := k.seen(t, scope)
	if wrong := differentKept(got, k.model.within(scope)); wrong != "" {
		t.Errorf("scope %v: %s", scope, wrong)
	}
	return got
}

func updateScope(t *testing.T, s *subject[Filler]) {
	s.update(t, crowd())
	for _, c := range []struct {
		scope                           application.Scope
		blocks, apartments, memberships int
	}{
		{application.Scope{}, 0, 0, 0},
		{application.Scope{Blocks: []domain.BlockID{4}}, 1, 2, 15},
		{application.Scope{Blocks: []domain.BlockID{5, 6}}, 2, 2, 20},
		{application.Scope{Apartments: []domain.ApartmentID{101, 104}}, 0, 2, 0},
		// Apartments inside and outside of the blocks, those inside once.
		{application.Scope{Blocks: []domain.BlockID{6}, Apartments: []domain.ApartmentID{103, 102}}, 1, 2, 10},
		// What is not there yet.
		{application.Scope{Blocks: []domain.BlockID{101, 4, 99}, Apartments: []domain.ApartmentID{4, 99, application.MaxImportedApartmentID}}, 1, 2, 15},
		{application.Scope{Blocks: []domain.BlockID{99, math.MaxInt64}, Apartments: []domain.ApartmentID{99}}, 0, 0, 0},
	} {
		got := s.wantSeen(t, c.scope)
		if len(got.Blocks) != c.blocks || len(got.Apartments) != c.apartments || len(got.Memberships) != c.memberships {
			t.Errorf("scope %v: %d blocks, %d apartments, %d memberships are seen", c.scope, len(got.Blocks), len(got.Apartments), len(got.Memberships))
		}
	}
}

func updateSeesImported(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	a := s.done(t, askedIn(6, 1, register(2, 3)))[0].ID()
	s.done(t, asked(2, correct(101, 2, 0), retire(102)))
	s.done(t, askedIn(6, 3, retire(103)))
	s.update(t, changeSets(application.Changes{At: noon, ChangedApartments: []application.ApartmentChange{s.change(104, 3, 3)}}))
	got := s.wantSeen(t, application.Scope{Blocks: []domain.BlockID{4, 5}, Apartments: []domain.ApartmentID{a, 103}})
	for _, k := range got.Apartments {
		if want := k.Apartment.ID() == 104; k.Imported != want {
			t.Errorf("apartment %d: imported %t", k.Apartment.ID(), k.Imported)
		}
	}
	// What is back as it was is a user's all the same.
	s.done(t, asked(4, correct(101, 1, 0), restore(102)))
	s.wantSeen(t, application.Scope{Blocks: []domain.BlockID{4}})
}

func updateBesideUsers(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	specs := []domain.ChangeSetSpec{asked(1, register(1, 2)), askedIn(6, 2, register(0, 2), retire(103))}
	specs[0].Origin.At = noon.Add(-time.Hour)
	var first domain.ApartmentID
	for i, spec := range specs {
		if a := s.done(t, spec)[0].ID(); i == 0 {
			first = a
		}
	}
	s.update(t, changeSets(application.Changes{
		At:                noon,
		ChangedBlocks:     []domain.Block{block(4, "Palm Tower II", domain.BlockSuspended)},
		ChangedApartments: []application.ApartmentChange{s.change(101, 1, 902), s.change(102, 1, 901)},
		NewApartments:     []domain.Apartment{apartment(90_000, 4, 2, 77)},
		NewMemberships:    []domain.Membership{member(8, 4, first, domain.RoleResident, domain.MembershipActive)},
	}))
	for _, spec := range specs {
		s.replayed(t, spec)
	}
	// The use case, whose plan is the port's reason to be, refuses what would overwrite a user's change.
	_, err := importing(s.store).Import(t.Context(), application.Register{Apartments: []domain.Apartment{apartment(103, 6, 5, 5)}}, nil)
	var faults application.Faults
	if !errors.As(err, &faults) {
		t.Errorf("an import over a user's change: %v", err)
	}
}

func updateCopies(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	got := s.seen(t, application.Scope{Blocks: []domain.BlockID{4, 6}, Apartments: []domain.ApartmentID{104}})
	clear(got.Blocks)
	clear(got.Apartments)
	clear(got.Memberships)
	s.wantKept(t)

	changes := changeSets(application.Changes{
		At:                 noon,
		NewBlocks:          []domain.Block{block(9, "New", domain.BlockActive)},
		NewApartments:      []domain.Apartment{apartment(300, 9, 1, 1)},
		NewMemberships:     []domain.Membership{member(300, 9, 300, domain.RoleResident, domain.MembershipActive)},
		ChangedBlocks:      []domain.Block{block(4, "Changed", domain.BlockActive)},
		ChangedApartments:  []application.ApartmentChange{s.change(101, 1, 903)},
		ChangedMemberships: []domain.Membership{member(7, 6, 0, domain.RoleManager, domain.MembershipBanned)},
	})
	s.update(t, changes)
	clear(changes.NewBlocks)
	clear(changes.NewApartments)
	clear(changes.NewMemberships)
	clear(changes.ChangedBlocks)
	clear(changes.ChangedApartments)
	clear(changes.ChangedMemberships)
	clear(changes.ChangeSets)
}

func updatePlanFails(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
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
		err := s.Store.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{9}}, plan, func(rows int) { t.Errorf("%d rows written", rows) })
		if !reflect.DeepEqual(err, refusal) {
			t.Errorf("error %v (%T), want the plan's: %v", err, err, refusal)
		}
		if plans != 1 {
			t.Errorf("%v: planned %d times", refusal, plans)
		}
	}
}

func updatePlanPanics(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	for _, thrown := range []any{"a plan's panic", errors.New("as an error")} {
		func() {
			defer func() {
				if got := recover(); got != thrown {
					t.Errorf("recovered %v, want %v", got, thrown)
				}
			}()
			_ = s.Store.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{4, 9}}, func(application.Kept) (application.Changes, error) { panic(thrown) }, nil)
		}()
	}
	s.wantKept(t)
	s.update(t, application.Changes{At: noon, ChangedBlocks: []domain.Block{block(4, "After", domain.BlockActive)}})
	s.done(t, asked(1, register(1, 2)))
}

func updateGone(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	changes := changeSets(application.Changes{
		At: noon, NewBlocks: []domain.Block{block(9, "", domain.BlockActive)}, NewApartments: []domain.Apartment{apartment(300, 9, 1, 1)},
		ChangedBlocks: []domain.Block{block(4, "Changed", domain.BlockActive)},
	})
	plan := func(application.Kept) (application.Changes, error) { return changes, nil }
	wantUnavailable(t, func(ctx context.Context) error { return s.Store.UpdateRegister(ctx, scopeOf(changes), plan, nil) })
	// Or goes while it is planned.
	ctx, leave := context.WithCancel(t.Context())
	err := s.Store.UpdateRegister(ctx, scopeOf(changes), func(application.Kept) (application.Changes, error) {
		leave()
		return changes, nil
	}, nil)
	if !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("gone while planning: %v", err)
	}
	s.wantKept(t)
	s.update(t, changes)
}

func updateGoneMidway(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	for round := range 4 {
		var changes application.Changes
		changes.At = noon
		for i := range 1200 {
			n := 1 + 1200*round + i
			changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(1000+n), 4, 1, 10_000+n))
		}
		changes = changeSets(changes)
		ctx, leave := context.WithCancel(t.Context())
		told := 0
		err := s.Store.UpdateRegister(ctx, scopeOf(changes), func(application.Kept) (application.Changes, error) { return changes, nil }, func(int) {
			if told++; told > round {
				leave()
			}
		})
		leave()
		switch {
		case err == nil:
			s.model.update(changes)
		case !errors.Is(err, domain.StoreUnavailable):
			t.Errorf("gone after progress was told %d times: %v", round, err)
		}
		s.wantKept(t)
	}
}

func updateProgress(t *testing.T, s *subject[Filler]) {
	changes := town()
	for i := range 1100 {
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
	if err := s.Store.UpdateRegister(t.Context(), scopeOf(changes), func(application.Kept) (application.Changes, error) { return changes, nil }, progress); err != nil {
		t.Fatal(err)
	}
	s.model.update(changes)
	if told == 0 || last != changes.Len() {
		t.Errorf("progress was told %d times and ended at %d of %d", told, last, changes.Len())
	}
}

func updateNothing(t *testing.T, s *subject[Filler]) {
	s.update(t, application.Changes{})
	s.wantKept(t)
	s.update(t, town())
	for _, scope := range []application.Scope{{}, scopeOf(town())} {
		progress := func(rows int) {
			if rows != 0 {
				t.Errorf("%d rows are written", rows)
			}
		}
		if err := s.Store.UpdateRegister(t.Context(), scope, func(application.Kept) (application.Changes, error) { return application.Changes{}, nil }, progress); err != nil {
			t.Error(err)
		}
	}
}

// fileOf is the register file that brings what changes bring.
func fileOf(c application.Changes) application.Register {
	return application.Register{Blocks: c.NewBlocks, Apartments: c.NewApartments, Memberships: c.NewMemberships}
}

// noted notes what an import writes, whose change sets it draws itself.
type noted struct {
	application.Importer
	changes application.Changes
}

func (n *noted) UpdateRegister(ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), progress func(int)) error {
	return n.Importer.UpdateRegister(ctx, scope, func(kept application.Kept) (changes application.Changes, err error) {
		n.changes, err = plan(kept)
		return n.changes, err
	}, progress)
}

// importing is the use case that the port is for.
func importing(importer application.Importer) *application.ImportRegister {
	return application.NewImportRegister(importer, func() time.Time { return noon }, newChangeSetID)
}

// imported imports a register, and checks what is said of it.
func (k *kept) imported(t *testing.T, register application.Register, want application.Summary) {
	t.Helper()
	n := noted{Importer: k.store}
	if got, err := importing(&n).Import(t.Context(), register, nil); err != nil || got != want {
		t.Fatalf("import: %+v, %v, want %+v", got, err, want)
	}
	k.model.update(n.changes)
}

func updateAgain(t *testing.T, s *subject[Filler]) {
	rows := crowd().Len()
	for _, want := range []application.Summary{{Added: rows}, {Unchanged: rows}, {Unchanged: rows}} {
		s.imported(t, fileOf(crowd()), want)
		s.wantKept(t)
	}
}

// A store may read and write in portions, whatever their size: blocks, apartments and memberships of which there are
// more than a thousand each are added, found again, and all changed.
func updateMany(t *testing.T, s *subject[Filler]) {
	const many = 1203
	r := application.Register{Blocks: []domain.Block{block(1, "Largest", domain.BlockActive)}}
	for i := range many {
		n := i + 2
		r.Blocks = append(r.Blocks, block(domain.BlockID(n), strconv.Itoa(n), domain.BlockActive))
		r.Apartments = append(r.Apartments,
			apartment(domain.ApartmentID(1_000_000+n), 1, n%300, n),
			apartment(domain.ApartmentID(2_000_000+n), domain.BlockID(n), 0, 1))
		r.Memberships = append(r.Memberships,
			member(domain.UserID(n), domain.BlockID(n), domain.ApartmentID(2_000_000+n), domain.RoleManager, domain.MembershipActive))
	}
	rows := len(r.Blocks) + len(r.Apartments) + len(r.Memberships)
	s.imported(t, r, application.Summary{Added: rows})
	s.imported(t, r, application.Summary{Unchanged: rows})
	for i, b := range r.Blocks {
		r.Blocks[i] = block(b.ID(), b.Name()+" changed", domain.BlockSuspended)
	}
	for i, a := range r.Apartments {
		number := a.Number().Int()
		if a.Block() == 1 { // all of them change places
			number = 2 + (number-2+many/2)%many
		}
		r.Apartments[i] = apartment(a.ID(), a.Block(), 7, number)
		if a.Block() == 1 && i%100 == 0 { // but some are retired
			r.Apartments[i] = retired(r.Apartments[i])
		}
	}
	for i, m := range r.Memberships {
		r.Memberships[i] = member(m.User(), m.Block(), m.Apartment(), m.Role(), domain.MembershipBanned)
	}
	changed := 0
	for _, a := range r.Apartments {
		if s.model.blocks[a.Block()].apartments[a.ID()].State() != a.State() {
			changed++
		}
	}
	unchanged := len(r.Apartments) - changed
	s.imported(t, r, application.Summary{Changed: rows - unchanged, Unchanged: unchanged})
}
