package domain

import "slices"

// Member is one membership of a user together with the block that it is in, as both are now.
type Member struct {
	Membership Membership
	Block      Block
}

// Belongs reports whether a membership counts in a block: it is in that block and active, and the block is not suspended
// (wire contract, The block, and the permission).
func Belongs(m Membership, b Block) bool {
	return m.block == b.id && m.status == MembershipActive && b.status == BlockActive
}

// MayRegisterApartments reports whether a membership lets its user register apartments in a block: it belongs there, as
// a manager's (wire contract, The block, and the permission).
func MayRegisterApartments(m Membership, b Block) bool {
	return Belongs(m, b) && m.role == RoleManager
}

// BlockToRegisterIn tells which block a user means and may register apartments in. The members are all the memberships
// of that user, or all in the block where one is named. A zero block or apartment is one that was not named (wire
// contract, The block, and the permission):
//
//   - a block: that one; with an apartment too, the user must belong to the block through it;
//   - an apartment alone: the block that the user belongs to through it;
//   - neither: the block that the user manages, if it is one; BlockRequired if they are several.
//
// Everything else, a block that does not exist included, is NotPermitted.
func BlockToRegisterIn(members []Member, block BlockID, apartment ApartmentID) (BlockID, error) {
	if apartment != 0 {
		through, ok := blockThrough(members, block, apartment)
		if !ok {
			return 0, NotPermitted
		}
		block = through
	}
	managed := managedBlocks(members, block)
	switch len(managed) {
	case 0:
		return 0, NotPermitted
	case 1:
		return managed[0], nil
	default:
		return 0, BlockRequired
	}
}

// blockThrough returns the block that the members belong to through the apartment. A zero block is any.
func blockThrough(members []Member, block BlockID, apartment ApartmentID) (BlockID, bool) {
	for _, m := range members {
		if m.Membership.apartment == apartment && (block == 0 || block == m.Block.id) && Belongs(m.Membership, m.Block) {
			return m.Block.id, true
		}
	}
	return 0, false
}

// managedBlocks returns the blocks that the members manage, each once. A zero block is any.
func managedBlocks(members []Member, block BlockID) []BlockID {
	var managed []BlockID
	for _, m := range members {
		if (block != 0 && block != m.Block.id) || !MayRegisterApartments(m.Membership, m.Block) {
			continue
		}
		if !slices.Contains(managed, m.Block.id) {
			managed = append(managed, m.Block.id)
		}
	}
	return managed
}
