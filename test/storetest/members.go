package storetest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// membersPromises are those of application.Members.
var membersPromises = []promise{
	{"every membership of the user, whatever its role and status, each with its block", membersAll},
	{"where a block is named, those in that block alone", membersInBlock},
	{"nothing of a user or a block that is not there, which is no error", membersNone},
	{"membership and block as they are now", membersNow},
	{"a slice that is the caller's own", membersCopied},
	{"ids and names to their limits", membersLimits},
	{"unavailable to a caller who is gone", membersGone},
}

var (
	roles    = []domain.Role{domain.RoleManager, domain.RoleBoardMember, domain.RoleCashier, domain.RoleResident, domain.RoleWatchman}
	statuses = []domain.MembershipStatus{domain.MembershipPending, domain.MembershipActive, domain.MembershipBanned}
)

// crowd is the town in which user 7 has every role in every block, by every status, through an apartment or none, and so
// has user 8 in the first block.
func crowd() application.Changes {
	changes := town()
	changes.NewMemberships = nil
	homes := map[domain.BlockID]domain.ApartmentID{4: 101, 5: 104, 6: 103}
	for i, role := range roles {
		for j, block := range []domain.BlockID{4, 5, 6} {
			changes.NewMemberships = append(changes.NewMemberships,
				member(7, block, homes[block], role, statuses[(i+j)%3]),
				member(7, block, 0, role, statuses[(i+j+1)%3]),
			)
		}
		changes.NewMemberships = append(changes.NewMemberships, member(8, 4, 102, role, statuses[i%3]))
	}
	return changes
}

// membersIn is what MembersOf must answer after changes to an empty store. Block 0 is any.
func membersIn(changes application.Changes, user domain.UserID, block domain.BlockID) []domain.Member {
	var members []domain.Member
	for _, m := range changes.NewMemberships {
		if m.User() != user || (block != 0 && m.Block() != block) {
			continue
		}
		at := slices.IndexFunc(changes.NewBlocks, func(b domain.Block) bool { return b.ID() == m.Block() })
		members = append(members, domain.Member{Membership: m, Block: changes.NewBlocks[at]})
	}
	return members
}

func wantMembers(t *testing.T, s Subject, user domain.UserID, block domain.BlockID, want []domain.Member) []domain.Member {
	t.Helper()
	got, err := s.MembersOf(t.Context(), user, block)
	if err != nil {
		t.Fatalf("user %d, block %d: %v", user, block, err)
	}
	if !slices.Equal(sortedMembers(got), sortedMembers(want)) {
		t.Errorf("user %d, block %d: members\n%+v, want\n%+v", user, block, got, want)
	}
	return got
}

func sortedMembers(members []domain.Member) []domain.Member {
	return slices.SortedFunc(slices.Values(members), func(a, b domain.Member) int { return compareMemberships(a.Membership, b.Membership) })
}

func membersAll(t *testing.T, s Subject) {
	update(t, s, crowd())
	wantMembers(t, s, 7, 0, membersIn(crowd(), 7, 0))
	wantMembers(t, s, 8, 0, membersIn(crowd(), 8, 0))
}

func membersInBlock(t *testing.T, s Subject) {
	update(t, s, crowd())
	for _, b := range crowd().NewBlocks {
		wantMembers(t, s, 7, b.ID(), membersIn(crowd(), 7, b.ID()))
	}
	wantMembers(t, s, 8, 4, membersIn(crowd(), 8, 4))
}

func membersNone(t *testing.T, s Subject) {
	wantMembers(t, s, 7, 0, nil)
	update(t, s, crowd())
	for _, c := range []struct {
		user  domain.UserID
		block domain.BlockID
	}{
		{99, 0}, {99, 4}, {math.MaxInt64, 0},
		{7, 99}, {7, math.MaxInt64}, {7, domain.NoSuchBlock},
		{8, 5}, {8, 6}, // blocks that are there, where user 8 is not
		{4, 0}, {101, 0}, // what are ids of a block and an apartment
	} {
		wantMembers(t, s, c.user, c.block, nil)
	}
}

func membersNow(t *testing.T, s Subject) {
	changes := town()
	update(t, s, changes)
	wantMembers(t, s, 7, 0, membersIn(changes, 7, 0))

	update(t, s, application.Changes{
		ChangedBlocks:      []domain.Block{block(4, "Palm Tower II", domain.BlockSuspended), block(5, "Old Mill", domain.BlockActive)},
		ChangedMemberships: []domain.Membership{member(7, 6, 0, domain.RoleManager, domain.MembershipBanned)},
		NewMemberships:     []domain.Membership{member(7, 5, 0, domain.RoleCashier, domain.MembershipPending)},
	})
	changes.NewBlocks[0] = block(4, "Palm Tower II", domain.BlockSuspended)
	changes.NewBlocks[1] = block(5, "Old Mill", domain.BlockActive)
	changes.NewMemberships[1] = member(7, 6, 0, domain.RoleManager, domain.MembershipBanned)
	changes.NewMemberships = append(changes.NewMemberships, member(7, 5, 0, domain.RoleCashier, domain.MembershipPending))
	wantMembers(t, s, 7, 0, membersIn(changes, 7, 0))
	wantMembers(t, s, 9, 0, membersIn(changes, 9, 0))
}

func membersCopied(t *testing.T, s Subject) {
	update(t, s, crowd())
	got := wantMembers(t, s, 7, 4, membersIn(crowd(), 7, 4))
	clear(got)
	_ = append(got[:0], domain.Member{Membership: member(7, 4, 0, domain.RoleManager, domain.MembershipActive)})
	wantMembers(t, s, 7, 4, membersIn(crowd(), 7, 4))
	wantMembers(t, s, 7, 0, membersIn(crowd(), 7, 0))
}

func membersLimits(t *testing.T, s Subject) {
	const beyondDoubles = 1<<53 + 1
	changes := application.Changes{
		At: noon,
		NewBlocks: []domain.Block{
			block(math.MaxInt64, strings.Repeat("ن", domain.MaxBlockName-1)+"🏢", domain.BlockActive),
			block(beyondDoubles, "", domain.BlockSuspended),
			block(beyondDoubles-1, `'quoted' "twice" \n %s ; -- ?`+"\x00\t\n", domain.BlockActive),
			block(1, " برج النخيل ٤ ", domain.BlockActive),
		},
		NewApartments: []domain.Apartment{
			apartment(application.MaxImportedApartmentID, math.MaxInt64, 300, 999_999), apartment(beyondDoubles, 1, -20, 1),
		},
		NewMemberships: []domain.Membership{
			member(math.MaxInt64, math.MaxInt64, application.MaxImportedApartmentID, domain.RoleManager, domain.MembershipActive),
			member(beyondDoubles, 1, beyondDoubles, domain.RoleResident, domain.MembershipActive),
			member(beyondDoubles, beyondDoubles, 0, domain.RoleManager, domain.MembershipActive),
			member(beyondDoubles-1, beyondDoubles-1, 0, domain.RoleManager, domain.MembershipActive),
			member(1, 1, 0, domain.RoleManager, domain.MembershipActive),
		},
	}
	update(t, s, changes)
	for _, m := range changes.NewMemberships {
		wantMembers(t, s, m.User(), 0, membersIn(changes, m.User(), 0))
		wantMembers(t, s, m.User(), m.Block(), membersIn(changes, m.User(), m.Block()))
	}
	wantRows(t, s, rowsOf(changes))
}

func membersGone(t *testing.T, s Subject) {
	update(t, s, town())
	for what, ctx := range endedContexts(t) {
		for _, block := range []domain.BlockID{0, 4, 99} {
			if got, err := s.MembersOf(ctx, 7, block); !errors.Is(err, domain.StoreUnavailable) || len(got) != 0 {
				t.Errorf("%s, block %d: %v, %v", what, block, got, err)
			}
		}
	}
}
