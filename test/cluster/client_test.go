package cluster_test

import (
	"sync"
	"time"

	"omarty.net/registry/test/history"
)

// ask sends an operation to a server. An answer that no client may get here fails the test.
func (f *field) ask(s *server, o history.Operation) history.Outcome {
	f.t.Helper()
	outcome, _, err := f.history.Ask(s.Address, o, o.Key())
	if err != nil {
		f.t.Error(err)
	}
	if outcome != history.Unknown {
		s.stall.answered()
	}
	return outcome
}

// A client pauses so long before it asks again. That is less than Retry-After says, so that a stall shows.
const pause = 20 * time.Millisecond

// askOn asks until the outcome is known.
func (f *field) askOn(s *server, o history.Operation) history.Outcome {
	f.t.Helper()
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(pause) {
		if outcome := f.ask(s, o); outcome != history.Unknown {
			return outcome
		}
	}
	f.t.Errorf("%s: the program does not recover\n%s", o, s.Log.Text())
	return history.Unknown
}

// stall measures the longest time that a server under load gave nobody an answer other than 503.
type stall struct {
	mu      sync.Mutex
	last    time.Time // zero where it is not measured
	longest time.Duration
}

func (s *stall) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.longest = time.Now(), 0
}

func (s *stall) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.IsZero() {
		return
	}
	now := time.Now()
	s.longest, s.last = max(s.longest, now.Sub(s.last)), now
}

// end returns the longest.
func (s *stall) end() time.Duration {
	s.answered()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Time{}
	return s.longest
}
