package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

// A transaction is tried so often, with a random pause between that may grow to the longest.
const (
	maxAttempts  = 4
	firstPause   = 5 * time.Millisecond
	longestPause = 100 * time.Millisecond
)

// retry calls a whole transaction, and again while its error is one that another try may not meet, within ctx.
func (s *Store) retry(ctx context.Context, transaction func() error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := transaction()
		if err == nil || attempt == maxAttempts || causeOf(err) != causeTransient {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(rand.Int64N(int64(pause)))): // #nosec G404 -- spreads retries, guards nothing
		}
		s.onRetry()
		pause = min(4*pause, longestPause)
	}
}
