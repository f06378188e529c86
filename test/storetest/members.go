package storetest

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var membersPromises = []promise[MembersStore]{
	{"every membership of the user, whatever its role and status, each with its block", membersAll},
	{"where a block is named, those in that block alone", membersInBlock},
	{"nothing of a user or a block that is not there, which is no error", membersNone},
	{"membership, block and version as they are now", membersNow},
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

// wantMembers compares with the model, and returns what the store answers.
func wantMembers(t *testing.T, s *subject[MembersStore], user domain.UserID, block domain.BlockID) []domain.Member {
	t.Helper()
	got, err := s.Store.MembersOf(t.Context(), user, block)
	if err != nil {
		t.Fatalf("user %d, block %d: %v", user, block, err)
	}
	if wrong := difference("members", sortedMembers(got), sortedMembers(s.model.membersOf(user, block))); wrong != "" {
		t.Errorf("user %d, block %d: %s", user, block, wrong)
	}
	return got
}

func sortedMembers(members []domain.Member) []domain.Member {
	return slices.SortedFunc(slices.Values(members), func(a, b domain.Member) int { return compareMemberships(a.Membership, b.Membership) })
}

func membersAll(t *testing.T, s *subject[MembersStore]) {
	s.update(t, crowd())
	if got := wantMembers(t, s, 7, 0); len(got) != 30 {
		t.Errorf("%d members, want 30", len(got))
	}
	wantMembers(t, s, 8, 0)
}

func membersInBlock(t *testing.T, s *subject[MembersStore]) {
	s.update(t, crowd())
	for _, b := range crowd().NewBlocks {
		if got := wantMembers(t, s, 7, b.ID()); len(got) != 10 {
			t.Errorf("%d members, want 10", len(got))
		}
	}
	wantMembers(t, s, 8, 4)
}

func membersNone(t *testing.T, s *subject[MembersStore]) {
	wantMembers(t, s, 7, 0)
	s.update(t, crowd())
	for _, c := range []struct {
		user  domain.UserID
		block domain.BlockID
	}{
		{99, 0}, {99, 4}, {math.MaxInt64, 0},
		{7, 99}, {7, math.MaxInt64}, {7, domain.NoSuchBlock},
		{8, 5}, {8, 6}, // blocks that are there, where user 8 is not
		{4, 0}, {101, 0}, // what are ids of a block and an apartment
	} {
		if got := wantMembers(t, s, c.user, c.block); len(got) != 0 {
			t.Errorf("user %d, block %d: %v", c.user, c.block, got)
		}
	}
}

func membersNow(t *testing.T, s *subject[MembersStore]) {
	s.update(t, town())
	wantMembers(t, s, 7, 0)
	s.update(t, application.Changes{
		At:                 noon,
		ChangedBlocks:      []domain.Block{block(4, "Palm Tower II", domain.BlockSuspended), block(5, "Old Mill", domain.BlockActive)},
		ChangedMemberships: []domain.Membership{member(7, 6, 0, domain.RoleManager, domain.MembershipBanned)},
		NewMemberships:     []domain.Membership{member(7, 5, 0, domain.RoleCashier, domain.MembershipPending)},
	})
	wantMembers(t, s, 7, 0)
	wantMembers(t, s, 9, 0)
	s.done(t, asked(1, register(1, 1), register(1, 2)))
	s.done(t, askedIn(6, 2, retire(103)))
	for _, m := range wantMembers(t, s, 7, 0) {
		if want := map[domain.BlockID]domain.Sequence{4: 4, 5: 1, 6: 2}[m.Block.ID()]; m.Version != want {
			t.Errorf("block %d has version %d, want %d", m.Block.ID(), m.Version, want)
		}
	}
}

func membersCopied(t *testing.T, s *subject[MembersStore]) {
	s.update(t, crowd())
	got := wantMembers(t, s, 7, 4)
	clear(got)
	_ = append(got[:0], domain.Member{Membership: member(7, 4, 0, domain.RoleManager, domain.MembershipActive)})
	wantMembers(t, s, 7, 4)
	wantMembers(t, s, 7, 0)
}

func membersLimits(t *testing.T, s *subject[MembersStore]) {
	const beyondDoubles = 1<<53 + 1
	changes := changeSets(application.Changes{
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
	})
	s.update(t, changes)
	for _, m := range changes.NewMemberships {
		wantMembers(t, s, m.User(), 0)
		wantMembers(t, s, m.User(), m.Block())
	}
}

func membersGone(t *testing.T, s *subject[MembersStore]) {
	s.update(t, town())
	for _, block := range []domain.BlockID{0, 4, 99} {
		wantUnavailable(t, func(ctx context.Context) error {
			got, err := s.Store.MembersOf(ctx, 7, block)
			if len(got) > 0 {
				t.Errorf("block %d: %v", block, got)
			}
			return err
		})
	}
}
