package httpapi

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxTracked is how many users, or addresses, a limiter remembers: some 10 MB. Beyond it, the least recently seen one is
// forgotten, and begins with a full bucket again.
const maxTracked = 1 << 16

// limiter is a token bucket for each of many keys. A nil one limits nothing.
type limiter[K comparable] struct {
	mu        sync.Mutex
	perSecond rate.Limit
	burst     int
	buckets   *lru.Cache[K, *rate.Limiter]
}

// newLimiter returns a limiter, or nil for a rate of 0. The burst is the rate of two seconds.
func newLimiter[K comparable](perSecond int) *limiter[K] {
	if perSecond <= 0 {
		return nil
	}
	buckets, err := lru.New[K, *rate.Limiter](maxTracked)
	if err != nil {
		panic(err) // only a size of 0 or less is an error
	}
	return &limiter[K]{perSecond: rate.Limit(perSecond), burst: 2 * perSecond, buckets: buckets}
}

func (l *limiter[K]) bucket(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, known := l.buckets.Get(key)
	if !known {
		bucket = rate.NewLimiter(l.perSecond, l.burst)
		l.buckets.Add(key, bucket)
	}
	return bucket
}

// take takes a token of the key, and reports whether there was one.
func (l *limiter[K]) take(key K) bool {
	return l == nil || l.bucket(key).Allow()
}

// exhausted reports whether the key has no token left, and takes none.
func (l *limiter[K]) exhausted(key K) bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	bucket, known := l.buckets.Get(key)
	l.mu.Unlock()
	return known && bucket.TokensAt(time.Now()) < 1
}
