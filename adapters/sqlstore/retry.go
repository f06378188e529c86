package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

// A transaction is tried so often, or for so long where the lock of an SQLite file is held, with a random pause between that
// may grow to the longest.
const (
	maxAttempts  = 4
	busyTimeout  = 20 * time.Second
	firstPause   = 5 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

// retry calls a whole transaction, and again while its error is one that another try may not meet, within ctx.
func (s *Store) retry(ctx context.Context, transaction func() error) error {
	began, pause := time.Now(), firstPause
	for attempt := 1; ; attempt++ {
		err := transaction()
		if err == nil || causeOf(err) != causeTransient {
			return err
		}
		if waits := isBusy(err) && time.Since(began) < busyTimeout; attempt >= maxAttempts && !waits {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(rand.Int64N(int64(pause)))): // #nosec G404 -- spreads retries, guards nothing
		}
		if attempt == 1 || !isBusy(err) { // one wait for a lock is one
			s.onRetry()
		}
		pause = min(4*pause, longestPause)
	}
}
