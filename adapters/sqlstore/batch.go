package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/batcher"
	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// batches puts registrations that wait into one transaction.
type batches struct {
	*batcher.Batcher[domain.Registration, result]
	store *Store
	// locked are the blocks that someone has locked. Their registrations are written outside of the batches, one of a block at a
	// time, so that they leave connections to the others.
	locked     lockedBlocks
	oneAtATime keyedSemaphore[domain.BlockID]
}

// result is what came of a registration.
type result struct {
	outcome application.Outcome
	err     error
}

// errWriteAlone tells the callers of a batch that waited for a lock to write each on its own.
var errWriteAlone = errors.New("a batch waited for a lock")

// errStaleLog says that the log has a registration of an apartment that is gone.
var errStaleLog = cause.Fixed(errors.New("the log has this registration's id already, for another apartment"))

// newBatches lets so many transactions be under way at once, until Close.
func newBatches(s *Store, size, committers int, onBatch func([]context.Context) (context.Context, func())) *batches {
	b := &batches{store: s}
	b.Batcher = batcher.New(b.write, batcher.Options[domain.Registration]{
		MaxSize: size, MaxHandlers: committers, OnBatch: onBatch,
		// A second registration of one id finds the first written.
		Conflicts: func(q, r *domain.Registration) bool { return q.ID() == r.ID() },
		// By key, so that two committers take their locks in the same order.
		Compare: func(q, r *domain.Registration) int {
			a, b := q.Apartment(), r.Apartment()
			return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.Number().Int(), b.Number().Int()))
		},
	})
	return b
}

// register waits for a registration's batch. Where that waited for a lock too long, each registration is written by its own
// caller, who waits for it alone.
func (b *batches) register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	if b.locked.has(r.Apartment().Block()) {
		return b.registerOutside(ctx, r)
	}
	done, err := b.Do(ctx, r)
	if err = cmp.Or(err, done.err); errors.Is(err, errWriteAlone) {
		return b.registerOutside(ctx, r)
	}
	return done.outcome, err
}

// write writes registrations in one transaction, and returns what came of each. Where the transaction fails for the sake of
// a row, it is split until the row stands alone; where it waited too long for a lock, everyone is to write alone.
func (b *batches) write(ctx context.Context, registrations []domain.Registration) []result {
	var results []result
	err := b.store.retry(ctx, func() (err error) {
		results, err = b.store.registerTogether(ctx, registrations)
		if b.store.db.CauseOf(err) == cause.LockTimeout {
			if len(registrations) == 1 {
				b.locked.add(registrations[0].Apartment().Block())
			}
			return errWriteAlone
		}
		return err
	})
	switch {
	case err == nil:
		return results
	case len(registrations) > 1 && b.store.isOfARow(err):
		half := len(registrations) / 2
		return append(b.write(ctx, registrations[:half]), b.write(ctx, registrations[half:])...)
	default:
		return slices.Repeat([]result{{err: err}}, len(registrations))
	}
}

// isOfARow reports whether a transaction failed for the sake of one of its rows.
func (s *Store) isOfARow(err error) bool {
	return s.db.CauseOf(err) == cause.Row || s.db.ViolatedKey(err) != cause.KeyNone
}

// registerTogether is one transaction. A lone registration has the plain one.
func (s *Store) registerTogether(ctx context.Context, registrations []domain.Registration) ([]result, error) {
	if len(registrations) == 1 {
		outcome, err := s.registerOnce(ctx, registrations[0])
		return []result{{outcome: outcome}}, err
	}
	return s.writer.insertTogether(ctx, registrations)
}

// registerOutside writes a registration in its caller's own time, beside the batches.
func (b *batches) registerOutside(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	block := r.Apartment().Block()
	release, err := b.oneAtATime.acquire(ctx, block)
	if err != nil {
		return 0, err
	}
	defer release()
	var outcome application.Outcome
	err = b.store.retry(ctx, func() (err error) {
		outcome, err = b.store.registerOnce(ctx, r)
		if b.store.db.CauseOf(err) == cause.LockTimeout {
			b.locked.add(block)
		}
		return err
	})
	return outcome, err
}
