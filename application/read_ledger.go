package application

import (
	"context"
	"slices"

	"omarty.net/registry/domain"
)

// ReadLedgerInput is what a caller asks ReadLedger for.
type ReadLedgerInput struct {
	User domain.UserID
	LedgerQuery
	// Known is the version of the block at which the caller has read the page before, nil for none.
	Known *domain.Sequence
}

// ReadLedgerOutput is a page of a block's ledger.
type ReadLedgerOutput struct {
	Page[domain.LedgerEntry, domain.Sequence]
	// Version is one that the block had before the page was read.
	Version domain.Sequence
	// Unchanged says that the block is still at the version that the caller knows: the page was not read again.
	Unchanged bool
	// Permissions are what the caller may do in the block.
	Permissions []domain.Action
}

// ReadLedger tells who changed what in a block. Use NewReadLedger; it is safe for concurrent use.
type ReadLedger struct {
	members Members
	ledger  Ledger
}

// NewReadLedger returns the use case over its ports.
func NewReadLedger(members Members, ledger Ledger) *ReadLedger { return &ReadLedger{members, ledger} }

// Read returns a page of a block's ledger, without the locations of devices where the caller may not see them. A page may have
// fewer entries than its limit, or none, and yet not be the last: Next is nil on the last one alone.
//
// It returns domain.NotFound for a block that the caller does not belong to, domain.NotPermitted for a caller who may not read the
// ledger, and domain.StoreUnavailable.
func (r *ReadLedger) Read(ctx context.Context, in ReadLedgerInput) (ReadLedgerOutput, error) {
	members, err := permitted(ctx, r.members, in.User, domain.ActionReadLedger, in.Block)
	if err != nil {
		return ReadLedgerOutput{}, err
	}
	version, may := members[0].Version, domain.Permissions(members, in.Block)
	if in.Known != nil && *in.Known == version {
		return ReadLedgerOutput{Version: version, Unchanged: true, Permissions: may}, nil
	}
	in.Limit = PageSize(in.Limit)
	page, err := r.ledger.FindChanges(ctx, in.LedgerQuery)
	if err != nil {
		return ReadLedgerOutput{}, err
	}
	if !slices.Contains(may, domain.ActionReadLocations) {
		for i := range page.Items {
			page.Items[i].Origin.Location = domain.Location{}
		}
	}
	return ReadLedgerOutput{Page: page, Version: version, Permissions: may}, nil
}
