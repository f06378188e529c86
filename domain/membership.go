package domain

// Role is what a member is in a block.
type Role string

// The roles. Only a manager registers apartments.
const (
	RoleManager     Role = "manager"
	RoleBoardMember Role = "board_member"
	RoleCashier     Role = "cashier"
	RoleResident    Role = "resident"
	RoleWatchman    Role = "watchman"
)

// ParseRole reads a role by its name, or returns a *FieldError with the code NotKnown, or Missing for none.
func ParseRole(text string) (Role, error) {
	return oneOf(FieldRole, text, RoleManager, RoleBoardMember, RoleCashier, RoleResident, RoleWatchman)
}

// MembershipStatus says whether a membership gives anything.
type MembershipStatus string

// The statuses of a membership. Only an active one gives anything; a manager is dismissed as banned.
const (
	MembershipPending MembershipStatus = "pending"
	MembershipActive  MembershipStatus = "active"
	MembershipBanned  MembershipStatus = "banned"
)

// ParseMembershipStatus reads a status by its name, or returns a *FieldError with the code NotKnown, or Missing for none.
func ParseMembershipStatus(text string) (MembershipStatus, error) {
	return oneOf(FieldStatus, text, MembershipPending, MembershipActive, MembershipBanned)
}

// Membership is a user's part in a block: in a role, and through an apartment unless the user lives elsewhere. A user may
// have several in a block.
type Membership struct {
	user      UserID
	block     BlockID
	apartment ApartmentID
	role      Role
	status    MembershipStatus
}

// NewMembership returns a membership; a zero apartment is none. It returns a *FieldError for an id that is not above 0
// or a role or status that is not known.
func NewMembership(user UserID, block BlockID, apartment ApartmentID, role Role, status MembershipStatus) (Membership, error) {
	if _, err := ParseRole(string(role)); err != nil {
		return Membership{}, err
	}
	if _, err := ParseMembershipStatus(string(status)); err != nil {
		return Membership{}, err
	}
	return RestoreMembership(user, block, apartment, role, status)
}

// RestoreMembership reloads a membership that a store kept. A role or a status that this version does not know is kept,
// and gives nothing. It returns a *FieldError for an id that is not above 0.
func RestoreMembership(user UserID, block BlockID, apartment ApartmentID, role Role, status MembershipStatus) (Membership, error) {
	if _, err := NewUserID(int64(user)); err != nil {
		return Membership{}, err
	}
	if _, err := NewBlockID(int64(block)); err != nil {
		return Membership{}, err
	}
	if apartment != 0 {
		if _, err := NewApartmentID(int64(apartment)); err != nil {
			return Membership{}, err
		}
	}
	return Membership{user: user, block: block, apartment: apartment, role: role, status: status}, nil
}

// User returns whose membership it is.
func (m Membership) User() UserID { return m.user }

// Block returns the id of the block that it is in.
func (m Membership) Block() BlockID { return m.block }

// Apartment returns the id of the apartment that the user belongs to the block through, zero for none.
func (m Membership) Apartment() ApartmentID { return m.apartment }

// Role returns what the user is in the block.
func (m Membership) Role() Role { return m.role }

// Status returns whether the membership gives anything.
func (m Membership) Status() MembershipStatus { return m.status }

// MembershipKey is what a membership is known by: two with the same key are the same membership.
type MembershipKey struct {
	User      UserID
	Block     BlockID
	Apartment ApartmentID
	Role      Role
}

// Key returns what the membership is known by.
func (m Membership) Key() MembershipKey {
	return MembershipKey{User: m.user, Block: m.block, Apartment: m.apartment, Role: m.role}
}
