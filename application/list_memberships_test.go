package application_test

import (
	"fmt"
	"slices"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Each membership is told with its own permissions, those that give nothing too.
func TestListMemberships(t *testing.T) {
	register := town()
	register.Memberships = append(register.Memberships,
		membership(8, 6, 3, domain.RoleBoardMember, active),
		membership(8, 4, 1, resident, domain.MembershipBanned),
		membership(8, 5, 4, manager, active),
		membership(8, 4, 2, domain.RoleCashier, active),
	)
	app := over(newStore(t, register))
	out, err := app.ListMemberships.List(t.Context(), application.ListMembershipsInput{User: 8})
	var got []string
	for _, m := range out {
		got = append(got, fmt.Sprintf("%d %s %d %s %s %v", m.Block.ID(), m.Block.Name(), m.Membership.Apartment(), m.Membership.Role(), m.Membership.Status(), m.Permissions))
	}
	want := []string{
		"4 Block 4 1 resident banned []", "4 Block 4 2 cashier active [read]", "4 Block 4 2 resident active [read]",
		"5 Block 5 4 manager active []", "6 Block 6 3 board_member active [read readLedger]",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if nobody, err := app.ListMemberships.List(t.Context(), application.ListMembershipsInput{User: 99}); len(nobody) > 0 || err != nil {
		t.Errorf("user 99 has %v, %v", nobody, err)
	}
	none, err := over(failing{newStore(t, register), "MembersOf"}).ListMemberships.List(t.Context(), application.ListMembershipsInput{User: 8})
	wantNothing(t, none, err, domain.StoreUnavailable)
}

// Who knows a page at the block's version is told so, and the page is not read.
func TestPagesThatAreKnown(t *testing.T) {
	store := tower()
	version := func(v domain.Sequence) *domain.Sequence { return &v }
	for _, c := range []struct {
		known     *domain.Sequence
		unchanged bool
	}{{nil, false}, {version(1099), false}, {version(1100), true}, {version(0), false}} {
		app, broken := over(store), "none"
		if c.unchanged {
			app, broken = over(failing{store, "FindApartments"}), "FindApartments"
		}
		page, err := app.ListApartments.List(t.Context(), application.ListApartmentsInput{
			User: 7, ApartmentQuery: application.ApartmentQuery{Block: 4}, Known: c.known,
		})
		if err != nil || page.Unchanged != c.unchanged || page.Version != 1100 || (len(page.Items) == 0) != c.unchanged {
			t.Errorf("known %v, broken %s: %d apartments, unchanged %v, version %d, %v", c.known, broken, len(page.Items), page.Unchanged, page.Version, err)
		}
		if c.unchanged {
			app = over(failing{store, "FindChanges"})
		}
		entries, err := app.ReadLedger.Read(t.Context(), application.ReadLedgerInput{
			User: 7, LedgerQuery: application.LedgerQuery{Block: 4}, Known: c.known,
		})
		if err != nil || entries.Unchanged != c.unchanged || entries.Version != 1100 || (len(entries.Items) == 0) != c.unchanged || len(entries.Permissions) != 4 {
			t.Errorf("known %v: %d entries, unchanged %v, version %d, %v", c.known, len(entries.Items), entries.Unchanged, entries.Version, err)
		}
	}
}
