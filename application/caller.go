package application

import (
	"context"
	"errors"

	"omarty.net/registry/domain"
)

// Caller is who asks for a change, already authenticated, and from where.
type Caller struct {
	User domain.UserID
	// Through is the caller's own apartment, zero for none: the caller must then belong to the block through it.
	Through domain.ApartmentID
	// Location is where the caller's device is.
	Location domain.Location
	// Key lets the caller ask again for the same changes; zero for none.
	Key IdempotencyKey
	// Source is the way that the request came; "" stands for domain.SourceAPI.
	Source domain.Source
	// RequestID names the request in logs, "" for none.
	RequestID string
}

// writing is what the use cases that write share.
type writing struct {
	members Members
	writer  Writer
	now     Clock
	newID   NewChangeSetID
}

// authorize lets a caller write in a block, and returns a version that the block has.
func (w writing) authorize(ctx context.Context, c Caller, block domain.BlockID) (domain.Sequence, error) {
	members, err := w.members.MembersOf(ctx, c.User, block)
	if err != nil {
		return 0, err
	}
	if err := domain.Authorize(members, domain.ActionWrite, block, c.Through); err != nil {
		return 0, err
	}
	return members[0].Version, nil
}

// changeSet returns the spec of a change set by a caller.
func (w writing) changeSet(c Caller, block domain.BlockID, changes ...domain.Change) domain.ChangeSetSpec {
	source := c.Source
	if source == "" {
		source = domain.SourceAPI
	}
	return domain.ChangeSetSpec{
		ID: w.changeSetID(c), Block: block, Changes: changes,
		Origin: domain.Origin{By: c.User, Through: c.Through, Location: c.Location, At: w.now(), Source: source, RequestID: c.RequestID},
	}
}

func (w writing) changeSetID(c Caller) domain.ChangeSetID {
	if c.Key == (IdempotencyKey{}) {
		return w.newID()
	}
	return changeSetIDFor(c.User, c.Key)
}

func (w writing) apply(ctx context.Context, spec domain.ChangeSetSpec, dryRun bool) (domain.Applied, error) {
	set, err := domain.NewChangeSet(spec)
	if err != nil {
		return domain.Applied{}, err
	}
	if dryRun {
		return w.writer.DryRun(ctx, set)
	}
	return w.writer.Apply(ctx, set)
}

// ApartmentOutput is what came of one change to one apartment.
type ApartmentOutput struct {
	// Apartment is as the change left it.
	Apartment domain.Apartment
	// Outcome is domain.Done, or domain.Unchanged where the apartment was so already.
	Outcome domain.Outcome
	// Replayed says that an earlier request with the same key made the change.
	Replayed bool
}

// applyOne applies a set of one change.
func (w writing) applyOne(ctx context.Context, spec domain.ChangeSetSpec) (ApartmentOutput, error) {
	applied, err := w.apply(ctx, spec, false)
	var refused *domain.ChangeSetError
	if errors.As(err, &refused) {
		err = refused.Changes[0]
	}
	if err != nil {
		return ApartmentOutput{}, err
	}
	one := applied.Changes[0]
	return ApartmentOutput{Apartment: one.Apartment, Outcome: one.Outcome, Replayed: applied.Replayed}, nil
}

// changeOne lets a caller make one change to an apartment.
func (w writing) changeOne(ctx context.Context, c Caller, block domain.BlockID, change domain.Change, err error) (ApartmentOutput, error) {
	if err != nil {
		return ApartmentOutput{}, err
	}
	if _, err := w.authorize(ctx, c, block); err != nil {
		return ApartmentOutput{}, err
	}
	return w.applyOne(ctx, w.changeSet(c, block, change))
}
