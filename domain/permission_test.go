package domain_test

import (
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

// rules is the whole of who may do what, as the wire contract says it (The block, and the permission): "registers" may
// register apartments, "belongs" may only name the block, "-" is given nothing. The last row, and the columns left and
// archived, are words of a later version, which must give nothing by accident.
const rules = `
block         active                               suspended                      archived
membership    pending  active     banned  left     pending  active  banned  left  pending  active  banned  left
manager       -        registers  -       -        -        -       -       -     -        -       -       -
board_member  -        belongs    -       -        -        -       -       -     -        -       -       -
cashier       -        belongs    -       -        -        -       -       -     -        -       -       -
resident      -        belongs    -       -        -        -       -       -     -        -       -       -
watchman      -        belongs    -       -        -        -       -       -     -        -       -       -
owner         -        belongs    -       -        -        -       -       -     -        -       -       -
`

func TestPermissionTable(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(rules), "\n")
	blocks, statuses := strings.Fields(rows[0])[1:], strings.Fields(rows[1])[1:]
	checked := 0
	for _, row := range rows[2:] {
		role, cells := strings.Fields(row)[0], strings.Fields(row)[1:]
		for i, want := range cells {
			for _, through := range []domain.ApartmentID{0, 3} {
				block := must(domain.RestoreBlock(4, "Block 4", domain.BlockStatus(blocks[i/4])))
				m := must(domain.RestoreMembership(7, 4, through, domain.Role(role), domain.MembershipStatus(statuses[i])))
				what := role + ", " + statuses[i] + ", in a block that is " + blocks[i/4]
				if got := domain.Belongs(m, block); got != (want != "-") {
					t.Errorf("%s: belongs %t", what, got)
				}
				if got := domain.MayRegisterApartments(m, block); got != (want == "registers") {
					t.Errorf("%s: may register apartments %t", what, got)
				}
				other := must(domain.NewBlock(5, "Block 4", domain.BlockActive))
				if domain.Belongs(m, other) || domain.MayRegisterApartments(m, other) {
					t.Errorf("%s: counts in another block", what)
				}
				checked++
			}
		}
	}
	if checked != 6*4*3*2 {
		t.Errorf("%d combinations checked", checked)
	}
	if domain.Belongs(domain.Membership{}, domain.Block{}) || domain.MayRegisterApartments(domain.Membership{}, domain.Block{}) {
		t.Error("nobody belongs to no block")
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
