package cluster_test

import (
	"sync"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/history"
)

// How often the clients race, and for how many numbers each.
const (
	races   = 20
	numbers = 60
)

// race has every client ask for every number, over all servers at once: each number has one winner, whoever it is.
func race(t *testing.T, c *databases.Cluster) {
	f := newField(t, c, everywhere(c))
	rounds := races
	if !whole() {
		rounds = 1
	}
	began := time.Now()
	for round := range rounds {
		won := make([]int, numbers)
		var mu sync.Mutex
		var clients sync.WaitGroup
		for i := range users {
			clients.Go(func() {
				for n := range numbers {
					o := history.Operation{User: firstUser + domain.UserID(i), Block: block, Floor: 1, Number: 10 + round*numbers + n}
					if f.askOn(f.servers[i%len(f.servers)], o) == history.OK {
						mu.Lock()
						won[n]++
						mu.Unlock()
					}
				}
			})
		}
		clients.Wait()
		for n, winners := range won {
			if winners != 1 {
				t.Errorf("number %d has %d winners", 10+round*numbers+n, winners)
			}
		}
	}
	f.conclude("race", began)
}
