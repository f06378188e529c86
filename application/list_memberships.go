package application

import (
	"cmp"
	"context"
	"slices"

	"omarty.net/registry/domain"
)

// ListMembershipsInput is what a caller asks ListMemberships for.
type ListMembershipsInput struct {
	User domain.UserID
}

// MembershipOutput is one membership of the caller.
type MembershipOutput struct {
	domain.Member
	// Permissions are what this membership lets the caller do, none where it gives nothing.
	Permissions []domain.Action
}

// ListMemberships tells users where they belong. Use NewListMemberships; it is safe for concurrent use.
type ListMemberships struct{ members Members }

// NewListMemberships returns the use case over its port.
func NewListMemberships(members Members) *ListMemberships { return &ListMemberships{members} }

// List returns every membership of the caller, whatever its role and status, by block, apartment and role.
//
// It returns domain.StoreUnavailable.
func (l *ListMemberships) List(ctx context.Context, in ListMembershipsInput) ([]MembershipOutput, error) {
	members, err := l.members.MembersOf(ctx, in.User, 0)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(members, func(a, b domain.Member) int {
		x, y := a.Membership, b.Membership
		return cmp.Or(cmp.Compare(x.Block(), y.Block()), cmp.Compare(x.Apartment(), y.Apartment()), cmp.Compare(x.Role(), y.Role()))
	})
	out := make([]MembershipOutput, len(members))
	for i, m := range members {
		out[i] = MembershipOutput{m, domain.Permissions([]domain.Member{m}, m.Block.ID())}
	}
	return out, nil
}
