package telemetry

import (
	"context"
	"errors"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Ports are the ports of a store that requests use.
type Ports interface {
	application.Members
	application.Writer
	application.Blocks
	application.Apartments
	application.Ledger
}

// operations name the methods of Ports in metrics and spans.
var operations = []string{
	"members_of", "apply", "dry_run", "blocks_by_id", "apartments_by_id", "find_apartments", "find_changes", "change_set_entries",
}

// Store counts, times and traces each call of a store. Its methods promise what the store's do.
type Store struct {
	next    Ports
	metrics *Metrics
	tracing *Tracing
}

// NewStore returns next, watched. A nil Tracing traces nothing.
func NewStore(next Ports, m *Metrics, t *Tracing) Store { return Store{next, m, t} }

// MembersOf implements application.Members.
func (s Store) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	return watched(ctx, s, "members_of", block, func(ctx context.Context, block domain.BlockID) ([]domain.Member, error) {
		return s.next.MembersOf(ctx, user, block)
	})
}

// Apply implements application.Writer.
func (s Store) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	return watched(ctx, s, "apply", set, s.next.Apply)
}

// DryRun implements application.Writer.
func (s Store) DryRun(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	return watched(ctx, s, "dry_run", set, s.next.DryRun)
}

// BlocksByID implements application.Blocks.
func (s Store) BlocksByID(ctx context.Context, ids []domain.BlockID) ([]application.BlockSummary, error) {
	return watched(ctx, s, "blocks_by_id", ids, s.next.BlocksByID)
}

// ApartmentsByID implements application.Apartments.
func (s Store) ApartmentsByID(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error) {
	return watched(ctx, s, "apartments_by_id", ids, func(ctx context.Context, ids []domain.ApartmentID) ([]domain.Apartment, error) {
		return s.next.ApartmentsByID(ctx, block, ids)
	})
}

// FindApartments implements application.Apartments.
func (s Store) FindApartments(ctx context.Context, query application.ApartmentQuery) (application.Page[domain.Apartment, application.ApartmentCursor], error) {
	return watched(ctx, s, "find_apartments", query, s.next.FindApartments)
}

// FindChanges implements application.Ledger.
func (s Store) FindChanges(ctx context.Context, query application.LedgerQuery) (application.Page[domain.LedgerEntry, domain.Sequence], error) {
	return watched(ctx, s, "find_changes", query, s.next.FindChanges)
}

// ChangeSetEntries implements application.Ledger.
func (s Store) ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
	return watched(ctx, s, "change_set_entries", id, func(ctx context.Context, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
		return s.next.ChangeSetEntries(ctx, block, id)
	})
}

// watched makes a call of the store within a span, and then counts it.
func watched[In, Out any](ctx context.Context, s Store, operation string, in In, call func(context.Context, In) (Out, error)) (Out, error) {
	ctx, span := s.tracing.below(ctx, operation)
	began := time.Now()
	out, err := call(ctx, in)
	s.metrics.stored(ctx, operation, err, time.Since(began))
	end(span, err)
	return out, err
}

// Traced returns a use case that runs within a span of that name, and call itself for a nil Tracing.
func Traced[In, Out any](t *Tracing, name string, call func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	if t == nil {
		return call
	}
	return func(ctx context.Context, in In) (Out, error) {
		ctx, span := t.below(ctx, name)
		out, err := call(ctx, in)
		end(span, err)
		return out, err
	}
}

// The codes of calls that ended without a code of the domain.
const (
	ok     domain.Code = "ok"
	failed domain.Code = "failed"
)

// codeOf returns how a call ended. There are few codes, so metrics may have them as labels.
func codeOf(err error) domain.Code {
	if err == nil {
		return ok
	}
	if code, found := errors.AsType[domain.Code](err); found {
		return code
	}
	return failed
}
