package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/batcher"
	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/domain"
)

// committer puts change sets that wait into one transaction.
type committer struct {
	store *Store
	// batches is nil where each set has a transaction of its own.
	batches *batcher.Batcher[domain.ChangeSet, result]
	// locked are the blocks that someone has locked. Their sets are written outside of the batches, one of a block at a time, so
	// that they leave connections to the others.
	locked     lockedBlocks
	oneAtATime keyedSemaphore[domain.BlockID]
}

// result is what came of a change set.
type result struct {
	applied domain.Applied
	err     error
}

// errWriteAlone tells the callers of a batch that waited for a lock to write each on its own.
var errWriteAlone = errors.New("a batch waited for a lock")

// maxShared is the largest change set that shares a transaction with others.
const maxShared = 64

// newCommitter lets so many transactions be under way at once, until Close.
func newCommitter(s *Store, size, committers int, onBatch func([]context.Context) (context.Context, func())) *committer {
	c := &committer{store: s}
	if size == 1 {
		return c
	}
	c.batches = batcher.New(c.commit, batcher.Options[domain.ChangeSet]{
		MaxSize: size, MaxHandlers: committers, OnBatch: onBatch,
		// A second set of one id finds the first written.
		Conflicts: func(a, b *domain.ChangeSet) bool {
			return a.ID() == b.ID() || len(a.Changes()) > maxShared || len(b.Changes()) > maxShared
		},
		// By block, so that two committers take their locks in the same order.
		Compare: func(a, b *domain.ChangeSet) int {
			return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.Changes()[0].Number().Int(), b.Changes()[0].Number().Int()))
		},
	})
	return c
}

// apply waits for a set's batch. Where that waited for a lock too long, each set is written by its own caller, who waits for it
// alone.
func (c *committer) apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if c.locked.has(set.Block()) {
		return c.applyOutside(ctx, set)
	}
	var done result
	var err error
	if c.batches == nil {
		done = c.commit(ctx, []domain.ChangeSet{set})[0]
	} else {
		done, err = c.batches.Do(ctx, set)
	}
	if err = cmp.Or(err, done.err); errors.Is(err, errWriteAlone) {
		return c.applyOutside(ctx, set)
	}
	return done.applied, err
}

// close ends when no transaction is under way.
func (c *committer) close() {
	if c.batches != nil {
		c.batches.Close()
	}
}

// commit writes sets in one transaction, and returns what came of each. Where the transaction fails for the sake of a row, it is
// split until the set stands alone; where it waited too long for a lock, everyone is to write alone. One that the database gave
// up, or whose outcome a lost connection hides, is written again as a whole: what did commit is found by its id.
func (c *committer) commit(ctx context.Context, sets []domain.ChangeSet) []result {
	var results []result
	err := c.store.retry(ctx, func() (err error) {
		results, err = c.store.write(ctx, sets)
		if c.store.db.CauseOf(err) == cause.LockTimeout {
			if len(sets) == 1 {
				c.locked.add(sets[0].Block())
			}
			return errWriteAlone
		}
		return err
	})
	switch {
	case err == nil:
		return results
	case len(sets) > 1 && c.store.db.CauseOf(err) == cause.Row:
		half := len(sets) / 2
		return append(c.commit(ctx, sets[:half]), c.commit(ctx, sets[half:])...)
	default:
		return slices.Repeat([]result{{err: err}}, len(sets))
	}
}

// applyOutside writes a set in its caller's own time, beside the batches.
func (c *committer) applyOutside(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	block := set.Block()
	release, err := c.oneAtATime.acquire(ctx, block)
	if err != nil {
		return domain.Applied{}, err
	}
	defer release()
	var results []result
	err = c.store.retry(ctx, func() (err error) {
		results, err = c.store.write(ctx, []domain.ChangeSet{set})
		if c.store.db.CauseOf(err) == cause.LockTimeout {
			c.locked.add(block)
		}
		return err
	})
	if err != nil {
		return domain.Applied{}, err
	}
	return results[0].applied, results[0].err
}
