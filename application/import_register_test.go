package application_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// content is what a store has, a row a line: the apartments, then the memberships of users 1 to 20 with their blocks.
func content(t *testing.T, store *memstore.Store) string {
	t.Helper()
	var lines []string
	for _, a := range store.Apartments() {
		lines = append(lines, fmt.Sprintf("apartment %d: block %d, floor %d, number %d, by %d at %s",
			a.ID(), a.Block(), a.Floor().Level(), a.Number().Int(), a.RegisteredBy(), a.RegisteredAt().Format(time.RFC3339Nano)))
	}
	for user := range domain.UserID(20) {
		var memberships []string
		for _, m := range must(store.MembersOf(t.Context(), user+1, 0)) {
			memberships = append(memberships, fmt.Sprintf("user %d: block %d (%s, %s), apartment %d, %s, %s", m.Membership.User(),
				m.Block.ID(), m.Block.Name(), m.Block.Status(), m.Membership.Apartment(), m.Membership.Role(), m.Membership.Status()))
		}
		slices.Sort(memberships)
		lines = append(lines, memberships...)
	}
	return strings.Join(lines, "\n") + "\n"
}

func wantContent(t *testing.T, store *memstore.Store, want string) {
	t.Helper()
	if got := content(t, store); got != want {
		t.Errorf("the register is\n%swant\n%s", got, want)
	}
}

const townContent = `apartment 1: block 4, floor 1, number 1, by 0 at 2026-03-04T03:06:07.123456Z
apartment 2: block 4, floor 1, number 3, by 0 at 2026-03-04T03:06:07.123456Z
apartment 3: block 6, floor 0, number 10, by 0 at 2026-03-04T03:06:07.123456Z
apartment 4: block 5, floor 0, number 1, by 0 at 2026-03-04T03:06:07.123456Z
user 7: block 4 (Block 4, active), apartment 1, manager, active
user 8: block 4 (Block 4, active), apartment 2, resident, active
user 9: block 4 (Block 4, active), apartment 2, manager, pending
user 10: block 4 (Block 4, active), apartment 0, manager, active
user 10: block 6 (Block 6, active), apartment 3, manager, active
user 12: block 5 (Block 5, suspended), apartment 4, manager, active
`

func TestImportAddsThenFindsAllUnchanged(t *testing.T) {
	store := memstore.New()
	if got, want := mustImport(t, store, town()), (application.Summary{Added: 13}); got != want {
		t.Errorf("first: %+v, want %+v", got, want)
	}
	wantContent(t, store, townContent)

	// Later, the same rows are not even touched.
	later := application.NewImportRegister(store, func() time.Time { return now.Add(time.Hour) }, application.UUIDv7(clock))
	for range 2 {
		got, err := later.Import(t.Context(), town(), nil)
		if want := (application.Summary{Unchanged: 13}); err != nil || got != want {
			t.Errorf("again: %+v, %v, want %+v", got, err, want)
		}
		wantContent(t, store, townContent)
	}
	// Each apartment has one entry in its block's ledger, by nobody.
	want := "1 import #1 - > 1/1 by 0 (import)\n2 import #2 - > 1/3 by 0 (import)"
	if got := ledger(store, 4); got != want || len(store.LedgerEntries()) != 4 {
		t.Errorf("the ledger has\n%s\nwant\n%s", got, want)
	}
}

func TestImportUpdates(t *testing.T) {
	store := newStore(t, town())
	update := application.Register{
		Blocks: rows(
			block(4, "Palm Tower", domain.BlockActive),  // its name
			block(5, "Block 5", domain.BlockActive),     // its status
			block(6, "Block 6", domain.BlockActive),     // nothing
			block(8, "Block 8", domain.BlockSuspended)), // new
		Apartments: rows(
			apartment(1, 4, 2, 3),   // its floor, and its number with apartment 2
			apartment(2, 4, 1, 1),   // its number with apartment 1
			apartment(3, 6, 0, 10),  // nothing
			apartment(4, 5, 0, 2),   // its number
			apartment(7, 5, -1, 1)), // new, under the number that became free
		Memberships: rows(
			membership(7, 4, 1, manager, banned),            // its status
			membership(8, 4, 2, resident, active),           // nothing
			membership(8, 4, 2, domain.RoleCashier, active), // new: another role
			membership(8, 4, 1, resident, active),           // new: another apartment
			membership(8, 4, 0, resident, active),           // new: no apartment
			membership(8, 8, 0, resident, active),           // new: another block
			membership(9, 4, 2, manager, active)),           // its status
	}
	if got, want := mustImport(t, store, update), (application.Summary{Added: 6, Changed: 7, Unchanged: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	wantContent(t, store, `apartment 1: block 4, floor 2, number 3, by 0 at 2026-03-04T03:06:07.123456Z
apartment 2: block 4, floor 1, number 1, by 0 at 2026-03-04T03:06:07.123456Z
apartment 3: block 6, floor 0, number 10, by 0 at 2026-03-04T03:06:07.123456Z
apartment 4: block 5, floor 0, number 2, by 0 at 2026-03-04T03:06:07.123456Z
apartment 7: block 5, floor -1, number 1, by 0 at 2026-03-04T03:06:07.123456Z
user 7: block 4 (Palm Tower, active), apartment 1, manager, banned
user 8: block 4 (Palm Tower, active), apartment 0, resident, active
user 8: block 4 (Palm Tower, active), apartment 1, resident, active
user 8: block 4 (Palm Tower, active), apartment 2, cashier, active
user 8: block 4 (Palm Tower, active), apartment 2, resident, active
user 8: block 8 (Block 8, suspended), apartment 0, resident, active
user 9: block 4 (Palm Tower, active), apartment 2, manager, active
user 10: block 4 (Palm Tower, active), apartment 0, manager, active
user 10: block 6 (Block 6, active), apartment 3, manager, active
user 12: block 5 (Block 5, active), apartment 4, manager, active
`)
	// The file need not say again what it speaks of: blocks and apartments that are kept are enough.
	partly := application.Register{
		Apartments:  rows(apartment(8, 8, 0, 1)),
		Memberships: rows(membership(11, 6, 3, domain.RoleWatchman, active)),
	}
	if got, want := mustImport(t, store, partly), (application.Summary{Added: 2}); got != want {
		t.Errorf("partly: %+v, want %+v", got, want)
	}
}

// townWithRegistered has apartment 5, on floor 2 of block 4 with number 20, registered through the service.
func townWithRegistered(t *testing.T) *memstore.Store {
	t.Helper()
	store := newStore(t, town())
	wantOutcome(t, store, place(7, 4, 2, 20), registered)
	return store
}

func TestImportFaults(t *testing.T) {
	type file = application.Register
	const highest = application.MaxImportedApartmentID
	four, six := block(4, "Block 4", domain.BlockActive), block(6, "Block 6", domain.BlockActive)
	renamed := block(4, "Palm Tower", domain.BlockActive)
	const registered = "apartment 5 was registered through the service as floor 2, number 20 of block 4: " +
		"an import does not overwrite it"

	for _, c := range []struct {
		what     string
		register file
		want     []string
	}{
		{"a block twice, the same or not", file{
			Blocks: rows(four, six, four, renamed),
		}, []string{
			"blocks[2]: block 4 stands in blocks[0] already: keep one of them",
			"blocks[3]: block 4 stands in blocks[0] already: keep one of them",
		}},
		{"an apartment twice, the same or not", file{
			Apartments: rows(apartment(1, 4, 1, 1), apartment(2, 4, 1, 3), apartment(1, 4, 1, 1), apartment(1, 4, 1, 5)),
		}, []string{
			"apartments[2]: apartment 1 stands in apartments[0] already: keep one of them",
			"apartments[3]: apartment 1 stands in apartments[0] already: keep one of them",
		}},
		{"a number of a row whose id stands twice", file{
			Apartments: rows(apartment(20, 4, 1, 30), apartment(20, 4, 1, 31), apartment(21, 4, 1, 30)),
		}, []string{
			"apartments[1]: apartment 20 stands in apartments[0] already: keep one of them",
			"apartments[2]: apartment 21: number 30 of block 4 is apartment 20 in apartments[0]: a number is in a block once",
		}},
		{"a row that is refused keeps its number", file{
			Apartments: rows(apartment(5, 4, 2, 21), apartment(22, 4, 1, 20), apartment(23, 4, 1, 21)),
		}, []string{
			"apartments[0]: " + registered,
			"apartments[1]: apartment 22: number 20 of block 4 is apartment 5 already: a number is in a block once",
		}},
		{"a membership twice, the same or not", file{
			Memberships: rows(manages(7, 4, 1), livesIn(8, 4, 2), manages(7, 4, 1), membership(7, 4, 1, manager, banned)),
		}, []string{
			"memberships[2]: the membership of user 7 stands in memberships[0] already: keep one of them",
			"memberships[3]: the membership of user 7 stands in memberships[0] already: keep one of them",
		}},
		{"an id that leaves no room", file{
			Apartments: rows(apartment(highest+1, 4, 1, 5), apartment(math.MaxInt64, 99, 1, 6)),
		}, []string{
			"apartments[0]: apartment 4611686018427387905: its id is above 4611686018427387904, which leaves no room to number new apartments",
			"apartments[1]: apartment 9223372036854775807: its id is above 4611686018427387904, which leaves no room to number new apartments",
		}},
		{"no such block", file{
			Apartments:  rows(apartment(20, 99, 1, 5)),
			Memberships: rows(manages(7, 99, 0), manages(7, 99, 20)),
		}, []string{
			"apartments[0]: apartment 20: block 99 does not exist: add it to blocks",
			"memberships[0]: the membership of user 7: block 99 does not exist: add it to blocks",
			"memberships[1]: the membership of user 7: block 99 does not exist: add it to blocks",
		}},
		{"no such apartment", file{
			Memberships: rows(manages(7, 4, 99)),
		}, []string{
			"memberships[0]: the membership of user 7: apartment 99 does not exist: add it to apartments",
		}},
		{"through an apartment of another block, in the file or kept", file{
			Apartments:  rows(apartment(20, 6, 1, 5)),
			Memberships: rows(manages(7, 4, 20), manages(7, 4, 3)),
		}, []string{
			"memberships[0]: the membership of user 7 in block 4 is through apartment 20, which is in block 6",
			"memberships[1]: the membership of user 7 in block 4 is through apartment 3, which is in block 6",
		}},
		{"a number twice in the file", file{
			Apartments: rows(apartment(20, 4, 1, 5), apartment(21, 6, 1, 5), apartment(22, 4, 9, 5), apartment(23, 4, 9, 5)),
		}, []string{
			"apartments[2]: apartment 22: number 5 of block 4 is apartment 20 in apartments[0]: a number is in a block once",
			"apartments[3]: apartment 23: number 5 of block 4 is apartment 20 in apartments[0]: a number is in a block once",
		}},
		{"a number of an imported apartment that is not in the file", file{
			Apartments: rows(apartment(1, 4, 1, 3), apartment(20, 4, 1, 1)),
		}, []string{
			"apartments[0]: apartment 1: number 3 of block 4 is apartment 2 already: a number is in a block once",
		}},
		{"a number of a registered apartment", file{
			Apartments: rows(apartment(1, 4, 1, 20), apartment(20, 4, 1, 20)),
		}, []string{
			"apartments[0]: apartment 1: number 20 of block 4 is apartment 5 already: a number is in a block once",
			"apartments[1]: apartment 20: number 20 of block 4 is apartment 5 already: a number is in a block once",
		}},
		{"another floor for a registered apartment", file{Apartments: rows(apartment(5, 4, 3, 20))}, []string{"apartments[0]: " + registered}},
		{"another number for a registered apartment", file{Apartments: rows(apartment(5, 4, 2, 21))}, []string{"apartments[0]: " + registered}},
		{"another block for a registered apartment", file{Apartments: rows(apartment(5, 6, 2, 20))}, []string{"apartments[0]: " + registered}},
		{"a block that does not exist for a registered apartment", file{Apartments: rows(apartment(5, 99, 2, 20))}, []string{"apartments[0]: " + registered}},
		{"a block that does not exist for an imported apartment", file{
			Apartments: rows(apartment(1, 99, 1, 1)),
		}, []string{
			"apartments[0]: apartment 1 is in block 4: it cannot move to block 99",
		}},
		{"neither such a block nor such an apartment", file{
			Memberships: rows(manages(7, 99, 98)),
		}, []string{
			"memberships[0]: the membership of user 7: block 99 does not exist: add it to blocks",
			"memberships[0]: the membership of user 7: apartment 98 does not exist: add it to apartments",
		}},
		{"another block for an imported apartment", file{
			Apartments: rows(apartment(1, 6, 1, 1)),
		}, []string{
			"apartments[0]: apartment 1 is in block 4: it cannot move to block 6",
		}},
		{"everything at once, in the order of the rows", file{
			Blocks: rows(four, four),
			Apartments: rows(apartment(5, 4, 3, 20), apartment(1, 6, 1, 1), apartment(2, 4, 1, 3), apartment(2, 4, 1, 3),
				apartment(20, 4, 1, 3), apartment(highest+1, 4, 1, 6)),
			Memberships: rows(manages(10, 4, 0), manages(10, 4, 0), livesIn(8, 4, 3)),
		}, []string{
			"blocks[1]: block 4 stands in blocks[0] already: keep one of them",
			"apartments[0]: " + registered,
			"apartments[1]: apartment 1 is in block 4: it cannot move to block 6",
			"apartments[3]: apartment 2 stands in apartments[2] already: keep one of them",
			"apartments[4]: apartment 20: number 3 of block 4 is apartment 2 in apartments[2]: a number is in a block once",
			"apartments[5]: apartment 4611686018427387905: its id is above 4611686018427387904, which leaves no room to number new apartments",
			"memberships[1]: the membership of user 10 stands in memberships[0] already: keep one of them",
			"memberships[2]: the membership of user 8 in block 4 is through apartment 3, which is in block 6",
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			store := townWithRegistered(t)
			before := content(t, store)
			// Good rows must not get in beside a bad one.
			register := c.register
			register.Blocks = append(register.Blocks, rows(block(7, "Block 7", domain.BlockActive))...)
			register.Apartments = append(register.Apartments, rows(apartment(70, 7, 0, 1))...)
			register.Memberships = append(register.Memberships, rows(manages(20, 7, 70))...)

			untouched := func(int, int) { t.Error("rows were written") }
			summary, err := importIn(store).Import(t.Context(), register, untouched)
			var got application.Faults
			if !errors.As(err, &got) || !errors.Is(err, domain.Invalid) || summary != (application.Summary{}) {
				t.Fatalf("%+v, %v, want faults alone", summary, err)
			}
			if want := strings.Join(c.want, "\n"); got.Error() != want {
				t.Errorf("faults\n%s\nwant\n%s", got, want)
			}
			wantContent(t, store, before)
		})
	}
}

// A caller who knows of further rows tells by a fault's missing entry whether they may mend it.
func TestImportFaultsNameWhatIsMissing(t *testing.T) {
	register := application.Register{
		Apartments:  rows(apartment(20, 99, 1, 5), apartment(21, 4, 1, 20), apartment(1, 6, 1, 1)),
		Memberships: rows(manages(7, 98, 0), manages(7, 4, 97), manages(7, 4, 3)),
	}
	_, err := importIn(townWithRegistered(t)).Import(t.Context(), register, nil)
	faults, _ := errors.AsType[application.Faults](err)
	var got []application.Entry
	for _, fault := range faults {
		got = append(got, fault.Missing)
	}
	want := []application.Entry{{application.SectionBlocks, 99}, {application.SectionApartments, 5}, {}, {application.SectionBlocks, 98}, {application.SectionApartments, 97}, {}}
	if !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v of\n%v", got, want, err)
	}
}

func TestImportAcceptsARegisteredApartmentAsItIs(t *testing.T) {
	store := townWithRegistered(t)
	before := content(t, store)
	same := application.Register{
		Apartments:  rows(apartment(5, 4, 2, 20)),
		Memberships: rows(livesIn(20, 4, 5)),
	}
	if got, want := mustImport(t, store, same), (application.Summary{Added: 1, Unchanged: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	wantContent(t, store, before+"user 20: block 4 (Block 4, active), apartment 5, resident, active\n")
}

func TestImportedIDsLeaveRoomForNewOnes(t *testing.T) {
	const highest domain.ApartmentID = 4_611_686_018_427_387_904
	store := newStore(t, application.Register{
		Blocks:      rows(block(4, "Block 4", domain.BlockActive)),
		Apartments:  rows(apartment(highest, 4, 0, 1)),
		Memberships: rows(manages(7, 4, 0)),
	})
	wantOutcome(t, store, place(7, 4, 0, 2), registered)
	if all := store.Apartments(); len(all) != 2 || all[0].ID() != highest || all[1].ID() <= highest {
		t.Errorf("apartments %+v", all)
	}
}

// hesitant is a store that has to try once more: it plans on what an earlier try saw, then on what is there. It tells of
// its progress after the first row, too.
type hesitant struct {
	*memstore.Store
	saw   application.Kept
	scope application.Scope
}

func (h *hesitant) UpdateRegister(
	ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), progress func(int),
) error {
	h.scope = scope
	_, _ = plan(h.saw) // this try came to nothing, whatever its plan was
	return h.Store.UpdateRegister(ctx, scope, func(kept application.Kept) (application.Changes, error) {
		changes, err := plan(kept)
		if err == nil {
			progress(1)
		}
		return changes, err
	}, progress)
}

func TestImportPlannedAgain(t *testing.T) {
	newcomer := application.Register{
		Apartments:  rows(apartment(20, 4, 1, 5), apartment(2, 4, 7, 3), apartment(3, 6, 0, 10)),
		Memberships: rows(livesIn(20, 4, 20)),
	}
	for _, c := range []struct {
		what string
		saw  application.Kept
	}{
		{"nothing, so that blocks were missing", application.Kept{}},
		{"all of it written already", application.Kept{
			Blocks: []domain.Block{block(4, "Block 4", domain.BlockActive), block(6, "Block 6", domain.BlockActive)},
			Apartments: []application.KeptApartment{
				{Apartment: apartment(20, 4, 1, 5)}, {Apartment: apartment(2, 4, 7, 3)}, {Apartment: apartment(3, 6, 0, 10)},
			},
			Memberships: []domain.Membership{livesIn(20, 4, 20)},
		}},
	} {
		store := &hesitant{Store: newStore(t, town()), saw: c.saw}
		var progress [][2]int
		summary, err := importIn(store).Import(t.Context(), newcomer, func(done, total int) {
			progress = append(progress, [2]int{done, total})
		})
		if want := (application.Summary{Added: 2, Changed: 1, Unchanged: 1}); err != nil || summary != want {
			t.Errorf("%s: %+v, %v, want %+v", c.what, summary, err, want)
		}
		if want := [][2]int{{1, 3}, {3, 3}}; !slices.Equal(progress, want) {
			t.Errorf("%s: progress %v, want %v", c.what, progress, want)
		}
		// No one need be told of the progress.
		if got, want := mustImport(t, store, newcomer), (application.Summary{Unchanged: 4}); got != want {
			t.Errorf("%s: once more %+v, want %+v", c.what, got, want)
		}
	}

	// The last plan is the one that counts, for the worse too.
	empty := application.Kept{Blocks: []domain.Block{block(4, "Block 4", domain.BlockActive)}}
	store := &hesitant{Store: newStore(t, town()), saw: empty}
	taken := application.Register{Apartments: rows(apartment(20, 4, 1, 1))}
	summary, err := importIn(store).Import(t.Context(), taken, nil)
	if !errors.Is(err, domain.Invalid) || summary != (application.Summary{}) {
		t.Errorf("%+v, %v, want a fault", summary, err)
	}
	wantContent(t, store.Store, townContent)
}

func TestImportAsksForWhatTheFileSpeaksOf(t *testing.T) {
	store := &hesitant{Store: newStore(t, town())}
	mustImport(t, store, application.Register{
		Blocks:      rows(block(9, "", domain.BlockActive), block(8, "", domain.BlockActive)),
		Apartments:  rows(apartment(20, 6, 1, 5), apartment(15, 4, 1, 5), apartment(16, 8, 1, 5)),
		Memberships: rows(livesIn(7, 5, 0), livesIn(8, 4, 2), livesIn(9, 4, 15)),
	})
	wantBlocks, wantApartments := []domain.BlockID{4, 5, 6, 8, 9}, []domain.ApartmentID{2, 15, 16, 20}
	if got := store.scope; !slices.Equal(got.Blocks, wantBlocks) || !slices.Equal(got.Apartments, wantApartments) {
		t.Errorf("scope %+v, want blocks %v and apartments %v", got, wantBlocks, wantApartments)
	}
}

func TestImportOfACallerWhoIsGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := memstore.New()
	untouched := func(int, int) { t.Error("rows were written") }
	summary, err := importIn(store).Import(ctx, town(), untouched)
	if !errors.Is(err, domain.StoreUnavailable) || summary != (application.Summary{}) {
		t.Errorf("%+v, %v", summary, err)
	}
	wantContent(t, store, "\n")
}
