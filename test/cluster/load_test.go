package cluster_test

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"omarty.net/registry/test/history"
)

// load is as many clients as there are users, a third at each server, each asking for one apartment after the other until
// it knows what became of it.
type load struct {
	*field
	asked   atomic.Int64
	stop    context.CancelFunc
	clients sync.WaitGroup
	began   time.Time
	stalls  []time.Duration
}

// startLoad starts the clients, each of which rests so long after an apartment. They end with the test, if not stopped
// before.
func (f *field) startLoad(rest time.Duration) *load {
	ctx, stop := context.WithCancel(context.WithoutCancel(f.t.Context()))
	l := &load{field: f, stop: stop, began: time.Now()}
	f.t.Cleanup(func() { l.end() })
	for i := range users {
		s := f.servers[i%len(f.servers)]
		l.clients.Go(func() {
			for ctx.Err() == nil {
				f.askOn(s, history.Contended(i, int(l.asked.Add(1))))
				time.Sleep(rest)
			}
		})
	}
	l.await(300)
	for _, s := range f.servers {
		s.stall.begin()
	}
	return l
}

// await returns when so many more operations have been begun.
func (l *load) await(more int64) {
	l.t.Helper()
	for want, begun := l.asked.Load()+more, time.Now(); l.asked.Load() < want; time.Sleep(time.Millisecond) {
		if time.Since(begun) > patience {
			l.t.Fatalf("the clients get no answers: %s", l.servers[0].Log.Text())
		}
	}
}

// awaitServer returns when a server has answered again.
func (l *load) awaitServer(i int) {
	l.t.Helper()
	s := &l.servers[i].stall
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		answered := s.last.After(begun)
		s.mu.Unlock()
		if answered {
			return
		}
		if time.Since(begun) > patience {
			l.t.Fatalf("server %d does not recover: %s", i, l.servers[i].Log.Text())
		}
	}
}

// end returns when every client knows what became of its last apartment.
func (l *load) end() {
	l.stop()
	if l.stalls == nil {
		for _, s := range l.servers {
			l.stalls = append(l.stalls, s.stall.end())
		}
	}
	l.clients.Wait()
}

// conclude ends the load and judges it.
func (l *load) conclude(what string) {
	l.t.Helper()
	for i := range l.servers {
		l.awaitServer(i)
	}
	l.end()
	l.field.conclude(what, l.began, l.stalls...)
}
