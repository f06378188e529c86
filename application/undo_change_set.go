package application

import (
	"context"
	"errors"
	"slices"

	"omarty.net/registry/domain"
)

// UndoChangeSetInput is what a caller asks UndoChangeSet for.
type UndoChangeSetInput struct {
	Caller
	Block domain.BlockID
	// ChangeSet is the one to undo.
	ChangeSet domain.ChangeSetID
	// DryRun asks what would come of it, and has nothing written.
	DryRun bool
}

// UndoChangeSet makes apartments again what they were before a change set. Use NewUndoChangeSet; it is safe for concurrent use.
type UndoChangeSet struct {
	writing
	apartments Apartments
	ledger     Ledger
}

// NewUndoChangeSet returns the use case over its ports.
func NewUndoChangeSet(members Members, writer Writer, apartments Apartments, ledger Ledger, now Clock, newID NewChangeSetID) *UndoChangeSet {
	return &UndoChangeSet{writing{members, writer, now, newID}, apartments, ledger}
}

// Undo makes the inverse of a change set, as a change set of its own. Apartments that the set registered are retired. Of a set that
// left everything as it was, nothing is undone: the output has no id and no changes.
//
// It returns domain.NotFound for a block that the caller does not belong to or a change set that its ledger does not have,
// domain.NotPermitted, domain.KeyReused, a *domain.UndoError where an apartment has changed since, a *domain.ChangeSetError where
// a number is now another's, a *domain.FieldError where it takes more than domain.MaxChanges changes to undo an import, and
// domain.StoreUnavailable, after which the changes may have been made.
func (u *UndoChangeSet) Undo(ctx context.Context, in UndoChangeSetInput) (ChangeSetOutput, error) {
	version, err := u.authorize(ctx, in.Caller, in.Block)
	if err != nil {
		return ChangeSetOutput{}, err
	}
	spec := u.changeSet(in.Caller, in.Block)
	spec.Undoes, spec.Origin.Source = in.ChangeSet, domain.SourceUndo
	if done, known, err := u.asked(ctx, spec); known || err != nil {
		if in.DryRun {
			done.ID = domain.ChangeSetID{}
		}
		return done, err
	}
	entries, kept, err := u.did(ctx, in.Block, in.ChangeSet)
	if err != nil {
		return ChangeSetOutput{}, err
	}
	if len(entries) == 0 {
		return ChangeSetOutput{}, domain.NotFound
	}
	if spec.Changes, err = domain.Undo(entries, kept); err != nil {
		return ChangeSetOutput{}, err
	}
	if len(spec.Changes) == 0 { // the set has left everything as it was
		return ChangeSetOutput{Applied: domain.Applied{Version: version}}, nil
	}
	out, err := u.output(ctx, spec, in.DryRun)
	if errors.Is(err, domain.VersionMismatch) { // something came in between
		_, kept, again := u.did(ctx, in.Block, in.ChangeSet)
		if again == nil {
			_, again = domain.Undo(entries, kept)
		}
		if again != nil {
			return ChangeSetOutput{}, again
		}
	}
	return out, err
}

// asked answers an undo that was asked for before under the same key: what undoes a set depends on when it is asked.
func (u *UndoChangeSet) asked(ctx context.Context, spec domain.ChangeSetSpec) (ChangeSetOutput, bool, error) {
	entries, kept, err := u.did(ctx, spec.Block, spec.ID)
	if err != nil || len(entries) == 0 {
		return ChangeSetOutput{}, false, err
	}
	if entries[0].Asked != domain.UndoDigest(spec.Undoes) {
		return ChangeSetOutput{}, true, domain.KeyReused
	}
	applied := domain.AppliedBy(entries, kept)
	applied.Replayed = true
	return ChangeSetOutput{ID: spec.ID, Applied: applied}, true, nil
}

// did returns the entries of a change set, and the apartments that they name as they are now.
func (u *UndoChangeSet) did(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, []domain.Apartment, error) {
	return changeSetEntries(ctx, u.ledger, u.apartments, block, id)
}

func changeSetEntries(ctx context.Context, ledger Ledger, apartments Apartments, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, []domain.Apartment, error) {
	entries, err := ledger.ChangeSetEntries(ctx, block, id)
	if err != nil || len(entries) == 0 {
		return nil, nil, err
	}
	ids := make([]domain.ApartmentID, len(entries))
	for i, e := range entries {
		ids[i] = e.Apartment
	}
	slices.Sort(ids)
	kept, err := apartments.ApartmentsByID(ctx, block, slices.Compact(ids))
	return entries, kept, err
}
