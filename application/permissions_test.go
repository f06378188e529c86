package application_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// use asks a use case for something in a block that a manager may have.
type use struct {
	name string
	// ports are those of the store that it needs.
	ports string
	ask   func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error
}

// uses are all use cases of members.
var uses = []use{
	{"CreateApartment", "MembersOf Apply", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		in := place(user, block, 9, 99)
		out, err := app.CreateApartment.Create(t.Context(), in)
		return allOrNothing(t, err, out.Outcome != "", out.Replayed)
	}},
	{"CorrectApartment", "MembersOf Apply", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		caller := application.Caller{User: user}
		out, err := app.CorrectApartment.Correct(t.Context(), application.CorrectApartmentInput{Caller: caller, Block: block, Apartment: 1, Floor: floorAt(9)})
		return allOrNothing(t, err, out.Outcome != "", out.Apartment != domain.Apartment{})
	}},
	{"RetireApartment", "MembersOf Apply", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		caller := application.Caller{User: user}
		out, err := app.RetireApartment.Retire(t.Context(), application.RetireApartmentInput{Caller: caller, Block: block, Apartment: 1})
		return allOrNothing(t, err, out.Outcome != "", out.Apartment != domain.Apartment{})
	}},
	{"RestoreApartment", "MembersOf Apply", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		caller := application.Caller{User: user}
		out, err := app.RestoreApartment.Restore(t.Context(), application.RestoreApartmentInput{Caller: caller, Block: block, Apartment: 2})
		return allOrNothing(t, err, out.Outcome != "", out.Apartment != domain.Apartment{})
	}},
	{"ApplyChangeSet", "MembersOf Apply", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		return applyAs(app, t, user, block, false)
	}},
	{"ApplyChangeSet, a dry run", "MembersOf DryRun", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		return applyAs(app, t, user, block, true)
	}},
	{"UndoChangeSet", "MembersOf ChangeSetEntries ApartmentsByID Apply", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		return undoAs(app, t, user, block, false)
	}},
	{"UndoChangeSet, a dry run", "MembersOf ChangeSetEntries ApartmentsByID DryRun", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		return undoAs(app, t, user, block, true)
	}},
	{"GetChangeSet", "MembersOf ChangeSetEntries ApartmentsByID", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		out, err := app.GetChangeSet.Get(t.Context(), application.GetChangeSetInput{User: user, Block: block, ChangeSet: changeSet(1)})
		return allOrNothing(t, err, out.ID != domain.ChangeSetID{}, len(out.Changes) > 0)
	}},
	{"ReadLedger", "MembersOf FindChanges", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		out, err := app.ReadLedger.Read(t.Context(), application.ReadLedgerInput{User: user, LedgerQuery: application.LedgerQuery{Block: block}})
		return allOrNothing(t, err, len(out.Items) > 0, out.Version > 0)
	}},
	{"GetBlock", "MembersOf BlocksByID", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		out, err := app.GetBlock.Get(t.Context(), application.GetBlockInput{User: user, Block: block})
		return allOrNothing(t, err, out.ID() != 0, len(out.Permissions) > 0)
	}},
	{"GetApartment", "MembersOf ApartmentsByID", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		out, err := app.GetApartment.Get(t.Context(), application.GetApartmentInput{User: user, Block: block, Apartment: 1})
		return allOrNothing(t, err, out.ID() != 0, out.Version() > 0)
	}},
	{"ListApartments", "MembersOf FindApartments", func(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID) error {
		in := application.ListApartmentsInput{User: user, ApartmentQuery: application.ApartmentQuery{Block: block}}
		out, err := app.ListApartments.List(t.Context(), in)
		return allOrNothing(t, err, len(out.Items) > 0, out.Version > 0)
	}},
}

func applyAs(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID, dryRun bool) error {
	in := application.ApplyChangeSetInput{
		Caller: application.Caller{User: user}, Block: block, Changes: rows(register(9, 99), retire(1)), DryRun: dryRun,
	}
	out, err := app.ApplyChangeSet.Apply(t.Context(), in)
	return allOrNothing(t, err, len(out.Changes) == 2, (out.ID != domain.ChangeSetID{}) != dryRun)
}

func undoAs(app *application.Application, t *testing.T, user domain.UserID, block domain.BlockID, dryRun bool) error {
	in := application.UndoChangeSetInput{Caller: application.Caller{User: user}, Block: block, ChangeSet: changeSet(1), DryRun: dryRun}
	out, err := app.UndoChangeSet.Undo(t.Context(), in)
	return allOrNothing(t, err, len(out.Changes) == 1, (out.ID != domain.ChangeSetID{}) != dryRun)
}

// allOrNothing returns an error, and checks that there is a result without one.
func allOrNothing(t *testing.T, err error, results ...bool) error {
	t.Helper()
	if err == nil && !results[0] {
		t.Error("neither a result nor an error")
	}
	if err != nil && results[0] && !errors.Is(err, domain.NotPermitted) {
		t.Errorf("a result beside the error %v", err)
	}
	return err
}

// tenement has block 4 with apartments 1 and 2, of which change set 1 has retired the latter, and a member of each role.
func tenement(t *testing.T) *memstore.Store {
	t.Helper()
	store := memstore.New().WithBlock(4, "Palm Tower", memstore.Apartments(0, 1, 2)...).WithBlock(6, "Garden", memstore.Apartments(0, 1)...).
		WithManager(7, 4).WithMember(11, 4, domain.RoleBoardMember).WithMember(12, 4, domain.RoleCashier).
		WithMember(13, 4, domain.RoleResident).WithMember(14, 4, domain.RoleWatchman).WithManager(10, 6)
	mustImport(t, store, application.Register{
		Blocks:      rows(block(5, "Closed", domain.BlockSuspended)),
		Memberships: rows(membership(8, 4, 0, manager, domain.MembershipPending), membership(9, 4, 0, manager, banned), manages(7, 5, 0)),
	})
	change(t, over(store), retire(2))
	return store
}

// whoMay is REST v1's table, Who may, by use cases: p is not permitted, n is not found, as if the block were not there.
// Creating an apartment by the app's contract is not permitted to either.
const whoMay = `
use case                   manager  board  cashier  resident  watchman  pending  banned  of-another  stranger
CreateApartment            yes      p      p        p         p         p        p       p           p
CorrectApartment           yes      p      p        p         p         n        n       n           n
RetireApartment            yes      p      p        p         p         n        n       n           n
RestoreApartment           yes      p      p        p         p         n        n       n           n
ApplyChangeSet             yes      p      p        p         p         n        n       n           n
ApplyChangeSet, a dry run  yes      p      p        p         p         n        n       n           n
UndoChangeSet              yes      p      p        p         p         n        n       n           n
UndoChangeSet, a dry run   yes      p      p        p         p         n        n       n           n
GetChangeSet               yes      yes    p        p         p         n        n       n           n
ReadLedger                 yes      yes    p        p         p         n        n       n           n
GetBlock                   yes      yes    yes      yes       yes       n        n       n           n
GetApartment               yes      yes    yes      yes       yes       n        n       n           n
ListApartments             yes      yes    yes      yes       yes       n        n       n           n
`

func TestWhoMay(t *testing.T) {
	users := map[string]domain.UserID{
		"manager": 7, "board": 11, "cashier": 12, "resident": 13, "watchman": 14, "pending": 8, "banned": 9, "of-another": 10, "stranger": 99,
	}
	lines := strings.Split(strings.TrimSpace(whoMay), "\n")
	names := strings.Fields(lines[0])[2:]
	if len(lines)-1 != len(uses) || len(names) != len(users) {
		t.Fatalf("%d rows and %d columns, want %d and %d", len(lines)-1, len(names), len(uses), len(users))
	}
	for i, use := range uses {
		cells := strings.Fields(strings.TrimPrefix(lines[i+1], use.name))
		for j, name := range names {
			store := tenement(t)
			before := store.LedgerEntries()
			want := map[string]error{"yes": nil, "p": domain.NotPermitted, "n": domain.NotFound}[cells[j]]
			if err := use.ask(after(store), t, users[name], 4); !errors.Is(err, want) {
				t.Errorf("%s by %s: %v, want %v", use.name, name, err, want)
			}
			if want != nil && !slices.Equal(store.LedgerEntries(), before) {
				t.Errorf("%s by %s has written", use.name, name)
			}
		}
		// Neither a block that is suspended nor one that is not there is there for anyone.
		refusal := error(domain.NotFound)
		if use.name == "CreateApartment" {
			refusal = domain.NotPermitted
		}
		for _, block := range []domain.BlockID{5, 99, domain.NoSuchBlock} {
			if err := use.ask(after(tenement(t)), t, 7, block); !errors.Is(err, refusal) {
				t.Errorf("%s in block %d: %v, want %v", use.name, block, err, refusal)
			}
		}
	}
}

// after returns the use cases over a store whose ledger has change set 1.
func after(store application.Store) *application.Application {
	last := byte(1)
	return application.New(store, application.WithClock(clock), application.WithChangeSetIDs(func() domain.ChangeSetID {
		last++
		return changeSet(last)
	}))
}

// Who writes through an apartment has to belong to the block through it.
func TestWritingThroughAnApartment(t *testing.T) {
	for through, want := range map[domain.ApartmentID]error{0: nil, 1: nil, 2: domain.NotPermitted, 99: domain.NotPermitted} {
		store := newStore(t, town())
		in := application.RetireApartmentInput{Caller: application.Caller{User: 7, Through: through}, Block: 4, Apartment: 2}
		if _, err := over(store).RetireApartment.Retire(t.Context(), in); !errors.Is(err, want) {
			t.Errorf("through %d: %v, want %v", through, err, want)
		}
		if want == nil && store.LedgerEntries()[2].Origin.Through != through {
			t.Errorf("the ledger has %+v", store.LedgerEntries()[2].Origin)
		}
	}
}

// A store that cannot answer says so, whichever of its ports it is.
func TestStoreUnavailable(t *testing.T) {
	for _, use := range uses {
		for port := range strings.FieldsSeq(use.ports) {
			store := tenement(t)
			before := store.LedgerEntries()
			if err := use.ask(after(failing{store, port}), t, 7, 4); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("%s without %s: %v", use.name, port, err)
			}
			if !slices.Equal(store.LedgerEntries(), before) {
				t.Errorf("%s without %s has written", use.name, port)
			}
		}
		// All its other ports it leaves alone.
		for _, port := range []string{"MembersOf", "Apply", "DryRun", "BlocksByID", "ApartmentsByID", "FindApartments", "FindChanges", "ChangeSetEntries"} {
			if slices.Contains(strings.Fields(use.ports), port) {
				continue
			}
			if err := use.ask(after(failing{tenement(t), port}), t, 7, 4); err != nil {
				t.Errorf("%s asks %s: %v", use.name, port, err)
			}
		}
	}
}
