package sqlstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// errWriteAlone tells the callers of a batch that waited for a lock to write each on its own.
var errWriteAlone = errors.New("a batch waited for a lock")

// slowBlocks are the blocks whose rows someone holds: an import, or an operator. A foreign key makes each registration wait
// for its block's row, and in a batch everyone would wait with it. Outside of the batches, one registration of a block is
// written at a time, so that those of a slow block leave connections to the others.
type slowBlocks struct {
	mu    sync.Mutex
	until map[domain.BlockID]time.Time
	lanes map[domain.BlockID]*lane
}

// lane is where the registrations of one block wait for their turn.
type lane struct {
	turn  chan struct{}
	users int
}

// slowFor is how long a block is taken for slow after a registration in it waited too long.
const slowFor = 10 * time.Second

func newSlowBlocks() *slowBlocks {
	return &slowBlocks{until: map[domain.BlockID]time.Time{}, lanes: map[domain.BlockID]*lane{}}
}

func (s *slowBlocks) add(block domain.BlockID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for other, until := range s.until {
		if now.After(until) {
			delete(s.until, other)
		}
	}
	s.until[block] = now.Add(slowFor)
}

func (s *slowBlocks) holds(block domain.BlockID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.until[block])
}

// enter waits for a turn in the block's lane, and returns what ends the turn.
func (s *slowBlocks) enter(ctx context.Context, block domain.BlockID) (leave func(), err error) {
	s.mu.Lock()
	l := s.lanes[block]
	if l == nil {
		l = &lane{turn: make(chan struct{}, 1)}
		s.lanes[block] = l
	}
	l.users++
	s.mu.Unlock()
	forget := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(s.lanes, block)
		}
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, ctx.Err()
	}
}

// registerApart writes a registration in its caller's own time, beside the batches.
func (b *batches) registerApart(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	block := r.Apartment().Block()
	leave, err := b.slow.enter(ctx, block)
	if err != nil {
		return 0, err
	}
	defer leave()
	var outcome application.Outcome
	err = b.store.retry(ctx, func() (err error) {
		outcome, err = b.store.registerOnce(ctx, r)
		if isLockTimeout(err) {
			b.slow.add(block)
		}
		return err
	})
	return outcome, err
}
