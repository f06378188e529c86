package httpapi

import (
	"sync"

	"omarty.net/registry/domain"
)

// turns bounds how many of something each user has at once. Use newTurns.
type turns struct {
	most int

	mu    sync.Mutex
	taken map[domain.UserID]int
}

func newTurns(most int) *turns { return &turns{most: most, taken: map[domain.UserID]int{}} }

// take takes one of a user's turns, and returns the function that gives it back, or false where the user has no more.
func (t *turns) take(user domain.UserID) (giveBack func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken[user] == t.most {
		return nil, false
	}
	t.taken[user]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.taken[user]--; t.taken[user] == 0 {
			delete(t.taken, user)
		}
	}, true
}
