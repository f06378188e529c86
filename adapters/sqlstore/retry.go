package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
)

// A transaction is tried so often, with a random pause between that may grow to the longest; for a time, and not so often,
// where another transaction got in the way or the lock of an SQLite file is held.
const (
	maxAttempts      = 4
	conflictPatience = 3 * time.Second
	busyPatience     = 20 * time.Second
	firstPause       = 5 * time.Millisecond
	longestPause     = 100 * time.Millisecond
)

// retry calls a whole transaction, and again while its error is one that another try may not meet, within ctx.
func (s *Store) retry(ctx context.Context, transaction func() error) error {
	return s.retryFor(ctx, conflictPatience, transaction)
}

// retryFor is retry with a patience of its own for transactions that get in the way.
func (s *Store) retryFor(ctx context.Context, conflictPatience time.Duration, transaction func() error) error {
	began, pause := time.Now(), firstPause
	for attempt := 1; ; attempt++ {
		err := transaction()
		if err == nil {
			return nil
		}
		told := s.db.CauseOf(err)
		if told < cause.Transient {
			return err
		}
		if told == cause.Lost || told == cause.Elsewhere {
			s.db.LeaveServer()
		}
		if attempt >= maxAttempts && time.Since(began) >= patienceWith(told, conflictPatience) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(rand.Int64N(int64(pause)))): // #nosec G404 -- spreads retries, guards nothing
		}
		if attempt == 1 || told != cause.Busy { // one wait for a lock is one
			s.onRetry()
		}
		pause = min(4*pause, longestPause)
	}
}

// patienceWith is how long a transaction is tried again after an error.
func patienceWith(told cause.Cause, conflicts time.Duration) time.Duration {
	switch told {
	case cause.Busy:
		return busyPatience
	case cause.Conflict, cause.Elsewhere:
		return conflicts
	default:
		return 0
	}
}
