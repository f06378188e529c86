package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

// roles is REST v1's table, Who may, with a role of a later version, which may do nothing by accident.
const roles = `
               manager  board_member  cashier  resident  watchman  owner
read           yes      yes           yes      yes       yes       no
readLedger     yes      yes           no       no        no        no
readLocations  yes      no            no       no        no        no
write          yes      no            no       no        no        no
unheardOf      no       no            no       no        no        no
`

// allowed reads the table: what each role may, in the order of the rows.
func allowed() (roleNames []domain.Role, actions []domain.Action, may map[domain.Role]map[domain.Action]bool) {
	rows := strings.Split(strings.TrimSpace(roles), "\n")
	may = map[domain.Role]map[domain.Action]bool{}
	for _, role := range strings.Fields(rows[0]) {
		roleNames = append(roleNames, domain.Role(role))
		may[domain.Role(role)] = map[domain.Action]bool{}
	}
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		action := domain.Action(cells[0])
		actions = append(actions, action)
		for i, cell := range cells[1:] {
			may[roleNames[i]][action] = cell == "yes"
		}
	}
	return roleNames, actions, may
}

// Every role, action, status of a membership and status of a block, those of a later version included, through an apartment
// and not.
func TestPermissionTable(t *testing.T) {
	roleNames, actions, may := allowed()
	memberships := []domain.MembershipStatus{domain.MembershipPending, domain.MembershipActive, domain.MembershipBanned, "left", ""}
	blocks := []domain.BlockStatus{domain.BlockActive, domain.BlockSuspended, "archived", ""}
	checked := 0
	for _, role := range roleNames {
		for _, status := range memberships {
			for _, is := range blocks {
				for _, through := range []domain.ApartmentID{0, 3} {
					m := must(domain.RestoreMembership(7, 4, through, role, status))
					block := must(domain.RestoreBlock(4, "Block 4", is))
					counts := status == domain.MembershipActive && is == domain.BlockActive
					checkMember(t, domain.Member{Membership: m, Block: block}, counts, actions, may[role])
					checked++
				}
			}
		}
	}
	if checked != 6*5*4*2 {
		t.Errorf("%d combinations checked", checked)
	}
}

// checkMember holds one membership against what its role may where it counts.
func checkMember(t *testing.T, m domain.Member, counts bool, actions []domain.Action, may map[domain.Action]bool) {
	t.Helper()
	what := fmt.Sprintf("%s, %s, in a block that is %s", m.Membership.Role(), m.Membership.Status(), m.Block.Status())
	if got := domain.Belongs(m.Membership, m.Block); got != counts {
		t.Errorf("%s: belongs %t", what, got)
	}
	other := must(domain.NewBlock(5, "Block 4", domain.BlockActive))
	if domain.Belongs(m.Membership, other) {
		t.Errorf("%s: belongs to another block", what)
	}
	var want []domain.Action
	for _, action := range actions {
		can := counts && may[action]
		if can {
			want = append(want, action)
		}
		if got := domain.Can(m.Membership, action, m.Block); got != can {
			t.Errorf("%s: can %s: %t", what, action, got)
		}
		if domain.Can(m.Membership, action, other) {
			t.Errorf("%s: can %s in another block", what, action)
		}
	}
	if got := domain.Permissions([]domain.Member{m}, 4); !slices.Equal(got, want) {
		t.Errorf("%s: permissions %v, want %v", what, got, want)
	}
	if got := domain.Permissions([]domain.Member{m}, 5); len(got) != 0 {
		t.Errorf("%s: permissions %v in another block", what, got)
	}
	for _, action := range actions {
		refusal := error(domain.NotPermitted)
		switch {
		case len(want) == 0:
			refusal = domain.NotFound
		case slices.Contains(want, action):
			refusal = nil
		}
		if got := domain.Authorize([]domain.Member{m}, action, 4, 0); got != refusal {
			t.Errorf("%s: to %s: %v, want %v", what, action, got, refusal)
		}
		if got := domain.Authorize([]domain.Member{m}, action, 5, 0); got != domain.NotFound {
			t.Errorf("%s: to %s in another block: %v", what, action, got)
		}
	}
}

func TestNobodyBelongsToNoBlock(t *testing.T) {
	if domain.Belongs(domain.Membership{}, domain.Block{}) || domain.Can(domain.Membership{}, domain.ActionRead, domain.Block{}) {
		t.Error("the zero membership counts in the zero block")
	}
	if got := domain.Permissions(nil, 4); len(got) != 0 {
		t.Errorf("permissions %v of nobody", got)
	}
	if got := domain.Authorize(nil, domain.ActionRead, 4, 0); got != domain.NotFound {
		t.Errorf("nobody: %v", got)
	}
	if got := domain.Authorize([]domain.Member{in(4, 0, domain.RoleManager)}, domain.ActionRead, 0, 0); got != domain.NotFound {
		t.Errorf("no block: %v", got)
	}
}

// Several memberships of one user add up, in their own block alone.
func TestPermissionsAddUp(t *testing.T) {
	const read, readLedger, readLocations, write = domain.ActionRead, domain.ActionReadLedger, domain.ActionReadLocations, domain.ActionWrite
	banned := member(4, domain.BlockActive, 0, domain.RoleManager, domain.MembershipBanned)
	for _, c := range []struct {
		members []domain.Member
		want    []domain.Action
	}{
		{[]domain.Member{in(4, 1, domain.RoleResident), in(4, 0, domain.RoleManager)}, []domain.Action{read, readLedger, readLocations, write}},
		{[]domain.Member{in(4, 1, domain.RoleResident), in(4, 0, domain.RoleBoardMember)}, []domain.Action{read, readLedger}},
		{[]domain.Member{in(4, 1, domain.RoleResident), in(5, 0, domain.RoleManager)}, []domain.Action{read}},
		{[]domain.Member{banned, in(4, 1, domain.RoleCashier)}, []domain.Action{read}},
		{[]domain.Member{banned, in(5, 1, domain.RoleManager)}, nil},
	} {
		reversed := slices.Clone(c.members)
		slices.Reverse(reversed)
		for _, members := range [][]domain.Member{c.members, reversed} {
			if got := domain.Permissions(members, 4); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", members, got, c.want)
			}
		}
	}
}

func TestAuthorizeThroughAnApartment(t *testing.T) {
	manager := []domain.Member{in(4, 1, domain.RoleManager), in(4, 2, domain.RoleResident), in(5, 3, domain.RoleManager)}
	movedIn := []domain.Member{in(4, 0, domain.RoleManager), member(4, domain.BlockActive, 2, domain.RoleResident, domain.MembershipPending)}
	for _, c := range []struct {
		members []domain.Member
		block   domain.BlockID
		through domain.ApartmentID
		want    error
	}{
		{manager, 4, 0, nil},
		{manager, 4, 1, nil},
		{manager, 4, 2, nil}, // through what the user is but a resident of
		{manager, 4, 3, domain.NotPermitted},
		{manager, 4, 9, domain.NotPermitted},
		{manager, 4, domain.NoSuchApartment, domain.NotPermitted},
		{manager, 6, 1, domain.NotFound},
		{manager, domain.NoSuchBlock, 1, domain.NotFound},
		{movedIn, 4, 0, nil},
		{movedIn, 4, 2, domain.NotPermitted},
	} {
		if got := domain.Authorize(c.members, domain.ActionWrite, c.block, c.through); got != c.want {
			t.Errorf("block %d through %d: %v, want %v", c.block, c.through, got, c.want)
		}
	}
}

// in is a membership of user 7 in an active block, through an apartment unless it is 0.
func in(block domain.BlockID, through domain.ApartmentID, role domain.Role) domain.Member {
	return member(block, domain.BlockActive, through, role, domain.MembershipActive)
}

func member(
	block domain.BlockID, is domain.BlockStatus, through domain.ApartmentID, role domain.Role, status domain.MembershipStatus,
) domain.Member {
	return domain.Member{
		Membership: must(domain.NewMembership(7, block, through, role, status)),
		Block:      must(domain.NewBlock(block, "", is)),
	}
}

func TestBlockToRegisterIn(t *testing.T) {
	const (
		manager  = domain.RoleManager
		resident = domain.RoleResident
		active   = domain.MembershipActive
		open     = domain.BlockActive
		closed   = domain.BlockSuspended
	)
	type members []domain.Member
	nobody := members{}
	oneBlock := members{in(4, 1, manager)}
	elsewhere := members{in(4, 0, manager)}                     // a manager who lives elsewhere
	twice := members{in(4, 1, manager), in(4, 0, manager)}      // one block, two memberships
	twoParts := members{in(4, 0, manager), in(4, 2, resident)}  // the role and the apartment apart
	twoBlocks := members{in(6, 3, manager), in(8, 4, manager)}  // two blocks
	neighbour := members{in(4, 1, manager), in(6, 3, resident)} // manages one, lives in another
	tenant := members{in(4, 1, resident), in(6, 3, resident)}   // manages none
	sameHome := members{in(4, 1, resident), in(4, 1, manager)}  // two roles through one apartment
	pending := members{member(4, open, 1, manager, domain.MembershipPending)}
	banned := members{member(4, open, 1, manager, domain.MembershipBanned)}
	suspended := members{member(4, closed, 1, manager, active)}
	oneOfTwo := members{in(4, 1, manager), member(5, closed, 5, manager, active)}
	demoted := members{member(4, open, 1, manager, domain.MembershipBanned), in(4, 2, resident)}
	movedIn := members{in(4, 0, manager), member(4, open, 2, resident, domain.MembershipPending)}
	lost := members{in(4, 1, manager), member(6, open, 3, manager, domain.MembershipBanned)}

	for _, c := range []struct {
		what      string
		members   members
		block     domain.BlockID
		apartment domain.ApartmentID
		want      domain.BlockID
		err       error
	}{
		// 1. With a block: that block; with an apartment too, through it.
		{"the block managed", oneBlock, 4, 0, 4, nil},
		{"a manager who lives elsewhere", elsewhere, 4, 0, 4, nil},
		{"several memberships in the block", twice, 4, 0, 4, nil},
		{"one block of several", twoBlocks, 6, 0, 6, nil},
		{"the other block of several", twoBlocks, 8, 0, 8, nil},
		{"another block", oneBlock, 6, 0, 0, domain.NotPermitted},
		{"a block that cannot exist", oneBlock, domain.NoSuchBlock, 0, 0, domain.NotPermitted},
		{"no membership", nobody, 4, 0, 0, domain.NotPermitted},
		{"a resident's", tenant, 4, 0, 0, domain.NotPermitted},
		{"the block where the manager is but a resident", neighbour, 6, 0, 0, domain.NotPermitted},
		{"pending", pending, 4, 0, 0, domain.NotPermitted},
		{"banned", banned, 4, 0, 0, domain.NotPermitted},
		{"suspended", suspended, 4, 0, 0, domain.NotPermitted},
		{"a banned manager who is a resident", demoted, 4, 0, 0, domain.NotPermitted},
		{"block and own apartment", oneBlock, 4, 1, 4, nil},
		{"block and an apartment of another role", twoParts, 4, 2, 4, nil},
		{"block and an apartment with both roles", sameHome, 4, 1, 4, nil},
		{"block and the apartment of one of two memberships", twice, 4, 1, 4, nil},
		{"block and a stranger's apartment", oneBlock, 4, 2, 0, domain.NotPermitted},
		{"block and an apartment, of one who lives elsewhere", elsewhere, 4, 1, 0, domain.NotPermitted},
		{"block and an apartment that cannot exist", oneBlock, 4, domain.NoSuchApartment, 0, domain.NotPermitted},
		{"a block that cannot exist and own apartment", oneBlock, domain.NoSuchBlock, 1, 0, domain.NotPermitted},
		{"block and own apartment in another block", twoBlocks, 6, 4, 0, domain.NotPermitted},
		{"block and a home in another block", neighbour, 4, 3, 0, domain.NotPermitted},
		{"another block and own apartment", neighbour, 6, 1, 0, domain.NotPermitted},
		{"block and an apartment by a pending membership", movedIn, 4, 2, 0, domain.NotPermitted},
		{"block and the apartment of a resident alone", tenant, 4, 1, 0, domain.NotPermitted},

		// 2. With an apartment alone: the block of that apartment.
		{"own apartment", oneBlock, 0, 1, 4, nil},
		{"an apartment of another role", twoParts, 0, 2, 4, nil},
		{"an apartment with both roles", sameHome, 0, 1, 4, nil},
		{"an apartment in the first of two blocks", twoBlocks, 0, 3, 6, nil},
		{"an apartment in the second of two blocks", twoBlocks, 0, 4, 8, nil},
		{"the home in the block managed", neighbour, 0, 1, 4, nil},
		{"the home in another block", neighbour, 0, 3, 0, domain.NotPermitted},
		{"a stranger's apartment", oneBlock, 0, 2, 0, domain.NotPermitted},
		{"an apartment, of one who lives elsewhere", elsewhere, 0, 1, 0, domain.NotPermitted},
		{"an apartment that cannot exist", oneBlock, 0, domain.NoSuchApartment, 0, domain.NotPermitted},
		{"an apartment by a pending membership", movedIn, 0, 2, 0, domain.NotPermitted},
		{"an apartment by a pending manager's membership", pending, 0, 1, 0, domain.NotPermitted},
		{"an apartment by a banned membership", lost, 0, 3, 0, domain.NotPermitted},
		{"an apartment in a suspended block", oneOfTwo, 0, 5, 0, domain.NotPermitted},
		{"an apartment of a resident alone", tenant, 0, 1, 0, domain.NotPermitted},
		{"an apartment, no membership", nobody, 0, 1, 0, domain.NotPermitted},

		// 3. With neither: the block managed, if it is one.
		{"one block managed", oneBlock, 0, 0, 4, nil},
		{"one block managed from elsewhere", elsewhere, 0, 0, 4, nil},
		{"one block managed twice over", twice, 0, 0, 4, nil},
		{"one block managed, another lived in", neighbour, 0, 0, 4, nil},
		{"one block managed, one suspended", oneOfTwo, 0, 0, 4, nil},
		{"one block managed, one no more", lost, 0, 0, 4, nil},
		{"two blocks managed", twoBlocks, 0, 0, 0, domain.BlockRequired},
		{"three, one of them twice", slices.Concat(twoBlocks, twice), 0, 0, 0, domain.BlockRequired},
		{"none managed", tenant, 0, 0, 0, domain.NotPermitted},
		{"none active", pending, 0, 0, 0, domain.NotPermitted},
		{"none but a suspended one", suspended, 0, 0, 0, domain.NotPermitted},
		{"no membership at all", nobody, 0, 0, 0, domain.NotPermitted},
	} {
		// A store answers in any order, and may have looked in the block alone.
		reversed := slices.Clone(c.members)
		slices.Reverse(reversed)
		for _, given := range []members{c.members, reversed, inBlock(c.members, c.block)} {
			got, err := domain.BlockToRegisterIn(given, c.block, c.apartment)
			if got != c.want || err != c.err {
				t.Errorf("%s: block %d, %v, want %d, %v", c.what, got, err, c.want, c.err)
			}
		}
	}
}

// inBlock is what is left of the members where the block, unless it is 0, was named.
func inBlock(members []domain.Member, block domain.BlockID) []domain.Member {
	return slices.DeleteFunc(slices.Clone(members), func(m domain.Member) bool {
		return block != 0 && m.Block.ID() != block
	})
}
