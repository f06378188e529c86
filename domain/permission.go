package domain

import "slices"

// Member is one membership of a user together with the block that it is in, as both are now.
type Member struct {
	Membership Membership
	Block      Block
	// Version is the block's, the sequence of its last change.
	Version Sequence
}

// Belongs reports whether a membership counts in a block: it is in that block and active, and the block is not suspended
// (wire contract, The block, and the permission).
func Belongs(m Membership, b Block) bool {
	return m.block == b.id && m.status == MembershipActive && b.status == BlockActive
}

// Action is something that a member may do in a block.
type Action string

// The actions.
const (
	ActionRead          Action = "read"          // read the block and its apartments
	ActionReadLedger    Action = "readLedger"    // read who changed what
	ActionReadLocations Action = "readLocations" // see in the ledger where devices were
	ActionWrite         Action = "write"         // register, correct, retire, restore and undo
)

// permissions says what each role may (REST v1, Who may).
var permissions = map[Role][]Action{
	RoleManager:     {ActionRead, ActionReadLedger, ActionReadLocations, ActionWrite},
	RoleBoardMember: {ActionRead, ActionReadLedger},
	RoleCashier:     {ActionRead},
	RoleResident:    {ActionRead},
	RoleWatchman:    {ActionRead},
}

// Can reports whether a membership lets its user do something in a block: it belongs there, in a role that may.
func Can(m Membership, action Action, b Block) bool {
	return Belongs(m, b) && slices.Contains(permissions[m.role], action)
}

// Permissions returns what the members, memberships of one user, let that user do in a block, in the order of the constants above.
func Permissions(members []Member, block BlockID) []Action {
	var may []Action
	for _, action := range []Action{ActionRead, ActionReadLedger, ActionReadLocations, ActionWrite} {
		can := func(m Member) bool { return m.Block.id == block && Can(m.Membership, action, m.Block) }
		if slices.ContainsFunc(members, can) {
			may = append(may, action)
		}
	}
	return may
}

// Authorize lets the user of the members do something in a block. A zero through is none; else the user has to belong to the
// block through that apartment. It returns NotFound for a block that the user may not read, which is also one that is not there,
// and NotPermitted where the user may read it and no more.
func Authorize(members []Member, action Action, block BlockID, through ApartmentID) error {
	may := Permissions(members, block)
	if len(may) == 0 {
		return NotFound
	}
	if through != 0 {
		if _, ok := blockThrough(members, block, through); !ok {
			return NotPermitted
		}
	}
	if !slices.Contains(may, action) {
		return NotPermitted
	}
	return nil
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
		if (block != 0 && block != m.Block.id) || !Can(m.Membership, ActionWrite, m.Block) {
			continue
		}
		if !slices.Contains(managed, m.Block.id) {
			managed = append(managed, m.Block.id)
		}
	}
	return managed
}
