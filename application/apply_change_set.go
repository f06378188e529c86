package application

import (
	"context"

	"omarty.net/registry/domain"
)

// ApplyChangeSetInput is what a caller asks ApplyChangeSet for.
type ApplyChangeSetInput struct {
	Caller
	Block domain.BlockID
	// Changes are at least one and domain.MaxChanges at most.
	Changes []domain.Change
	// IfVersion is the version that the block must have, nil for any.
	IfVersion *domain.Sequence
	// DryRun asks what would come of the changes, and has nothing written.
	DryRun bool
}

// ChangeSetOutput is what came of a change set.
type ChangeSetOutput struct {
	// ID names the change set in the ledger. It is zero for a dry run.
	ID domain.ChangeSetID
	domain.Applied
}

// ApplyChangeSet makes several changes in a block, all or none. Use NewApplyChangeSet; it is safe for concurrent use.
type ApplyChangeSet struct{ writing }

// NewApplyChangeSet returns the use case over its ports.
func NewApplyChangeSet(members Members, writer Writer, now Clock, newID NewChangeSetID) *ApplyChangeSet {
	return &ApplyChangeSet{writing{members, writer, now, newID}}
}

// Apply makes all the changes or none. What counts is how they end: apartments may change numbers with each other, and one may take
// a number that another gives up. A dry run agrees with the run at the same version of the block.
//
// It returns domain.NotFound for a block that the caller does not belong to, domain.NotPermitted, domain.KeyReused, a
// *domain.StaleBlockError, a *domain.ChangeSetError that has every change that cannot be made, a *domain.FieldError, and
// domain.StoreUnavailable, after which the changes may have been made.
func (a *ApplyChangeSet) Apply(ctx context.Context, in ApplyChangeSetInput) (ChangeSetOutput, error) {
	if _, err := a.authorize(ctx, in.Caller, in.Block); err != nil {
		return ChangeSetOutput{}, err
	}
	spec := a.changeSet(in.Caller, in.Block, in.Changes...)
	spec.IfVersion = in.IfVersion
	return a.output(ctx, spec, in.DryRun)
}

func (w writing) output(ctx context.Context, spec domain.ChangeSetSpec, dryRun bool) (ChangeSetOutput, error) {
	applied, err := w.apply(ctx, spec, dryRun)
	if err != nil || dryRun {
		return ChangeSetOutput{Applied: applied}, err
	}
	return ChangeSetOutput{ID: spec.ID, Applied: applied}, nil
}
