package sqlstore

import (
	"context"
	"sync"
	"time"

	"omarty.net/registry/domain"
)

// lockedBlocks are the blocks whose rows someone holds: an import, or an operator. A foreign key makes each registration wait
// for its block's row, and in a batch everyone would wait with it.
type lockedBlocks struct {
	mu    sync.Mutex
	until map[domain.BlockID]time.Time
}

// lockedFor is how long a block is taken for locked after a registration in it waited too long.
const lockedFor = 10 * time.Second

func (l *lockedBlocks) add(block domain.BlockID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for other, until := range l.until {
		if now.After(until) {
			delete(l.until, other)
		}
	}
	if l.until == nil {
		l.until = map[domain.BlockID]time.Time{}
	}
	l.until[block] = now.Add(lockedFor)
}

func (l *lockedBlocks) has(block domain.BlockID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.until[block])
}

// keyedSemaphore lets one caller a key through at a time.
type keyedSemaphore[Key comparable] struct {
	mu   sync.Mutex
	keys map[Key]*semaphore
}

type semaphore struct {
	held  chan struct{}
	users int
}

// acquire waits until the key is free, and returns what frees it.
func (s *keyedSemaphore[Key]) acquire(ctx context.Context, key Key) (release func(), err error) {
	s.mu.Lock()
	if s.keys == nil {
		s.keys = map[Key]*semaphore{}
	}
	own := s.keys[key]
	if own == nil {
		own = &semaphore{held: make(chan struct{}, 1)}
		s.keys[key] = own
	}
	own.users++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(s.keys, key)
		}
	}
	select {
	case own.held <- struct{}{}:
		return func() { <-own.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
