package httpapi

import "testing"

// A flood of distinct keys leaves no more behind than a limiter remembers.
func TestLimiterIsBounded(t *testing.T) {
	l := newLimiter[int](1)
	for key := range 2 * maxTracked {
		if !l.take(key) {
			t.Fatalf("key %d was refused at once", key)
		}
	}
	if n := l.buckets.Len(); n != maxTracked {
		t.Errorf("%d keys are remembered", n)
	}
}
