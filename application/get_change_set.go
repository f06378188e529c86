package application

import (
	"context"

	"omarty.net/registry/domain"
)

// GetChangeSetInput is what a caller asks GetChangeSet for.
type GetChangeSetInput struct {
	User      domain.UserID
	Block     domain.BlockID
	ChangeSet domain.ChangeSetID
}

// GetChangeSet tells what a change set did. Use NewGetChangeSet; it is safe for concurrent use.
type GetChangeSet struct {
	members    Members
	apartments Apartments
	ledger     Ledger
}

// NewGetChangeSet returns the use case over its ports.
func NewGetChangeSet(members Members, apartments Apartments, ledger Ledger) *GetChangeSet {
	return &GetChangeSet{members, apartments, ledger}
}

// Get returns what a change set did, without the changes that changed nothing.
//
// It returns domain.NotFound for a block that the caller does not belong to or a change set that its ledger does not have,
// domain.NotPermitted for a caller who may not read the ledger, and domain.StoreUnavailable.
func (g *GetChangeSet) Get(ctx context.Context, in GetChangeSetInput) (ChangeSetOutput, error) {
	if _, err := permitted(ctx, g.members, in.User, domain.ActionReadLedger, in.Block); err != nil {
		return ChangeSetOutput{}, err
	}
	entries, kept, err := changeSetEntries(ctx, g.ledger, g.apartments, in.Block, in.ChangeSet)
	if err != nil {
		return ChangeSetOutput{}, err
	}
	if len(entries) == 0 {
		return ChangeSetOutput{}, domain.NotFound
	}
	return ChangeSetOutput{ID: in.ChangeSet, Applied: domain.AppliedBy(entries, kept)}, nil
}

// permitted returns the memberships of a user in a block who may do something there.
func permitted(ctx context.Context, members Members, user domain.UserID, action domain.Action, block domain.BlockID) ([]domain.Member, error) {
	of, err := members.MembersOf(ctx, user, block)
	if err != nil {
		return nil, err
	}
	return of, domain.Authorize(of, action, block, 0)
}
