package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// batches puts registrations that wait into one transaction. A lone one has the plain transaction.
type batches struct {
	rides[domain.Registration, application.Outcome]
	store *Store
	// slow are the blocks that someone has locked. Their registrations do not ride along.
	slow *slowBlocks
}

type result = answer[application.Outcome]

// startBatches lets so many transactions be under way at once, until close.
func startBatches(s *Store, size, committers int) *batches {
	b := &batches{store: s, slow: newSlowBlocks()}
	b.size, b.atOnce, b.onRide = size, committers, s.onBatch
	// A second registration of one id finds the first written.
	b.apart = func(q, r *domain.Registration) bool { return q.ID() == r.ID() }
	b.alone = b.writeAlone
	b.together = b.writeTogether
	return b
}

// register waits for a registration's batch. Where that waited for a lock too long, each registration is written by its own
// caller, who waits for it alone.
func (b *batches) register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	if b.slow.holds(r.Apartment().Block()) {
		return b.registerApart(ctx, r)
	}
	outcome, err := b.do(ctx, r)
	if errors.Is(err, errWriteAlone) {
		return b.registerApart(ctx, r)
	}
	return outcome, err
}

func (b *batches) writeAlone(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	done := b.write(ctx, []domain.Registration{r})[0]
	return done.value, done.err
}

// writeTogether writes a batch.
func (b *batches) writeTogether(ctx context.Context, aboard []*passenger[domain.Registration, application.Outcome]) []result {
	// By key, so that two committers take their locks in the same order.
	slices.SortStableFunc(aboard, func(p, q *passenger[domain.Registration, application.Outcome]) int {
		a, b := p.call.Apartment(), q.call.Apartment()
		return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.Number().Int(), b.Number().Int()))
	})
	registrations := make([]domain.Registration, len(aboard))
	for i, p := range aboard {
		registrations[i] = p.call
	}
	return b.write(ctx, registrations)
}

// write writes registrations in one transaction, and returns what came of each. Where the transaction fails for the sake of
// a row, it is split until the row stands alone; where it waited too long for a lock, everyone is to write alone.
func (b *batches) write(ctx context.Context, registrations []domain.Registration) []result {
	var results []result
	err := b.store.retry(ctx, func() (err error) {
		results, err = b.store.registerTogether(ctx, registrations)
		if isLockTimeout(err) {
			if len(registrations) == 1 {
				b.slow.add(registrations[0].Apartment().Block())
			}
			return errWriteAlone
		}
		return err
	})
	switch {
	case err == nil:
		return results
	case len(registrations) > 1 && isOfARow(err):
		half := len(registrations) / 2
		return append(b.write(ctx, registrations[:half]), b.write(ctx, registrations[half:])...)
	default:
		return sameFor[application.Outcome](len(registrations), err)
	}
}

// registerTogether is one transaction. A lone registration has the plain one.
func (s *Store) registerTogether(ctx context.Context, registrations []domain.Registration) ([]result, error) {
	if len(registrations) == 1 {
		outcome, err := s.registerOnce(ctx, registrations[0])
		return []result{{value: outcome}}, err
	}
	return s.source.insertTogether(ctx, s, registrations)
}
