package faults_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/test/history"
)

// A client asks so often for one apartment before it gives up. Only the first two are sent whether or not somebody has
// been killed, so that each outage is over by the fourth.
const attempts = 10

// load is as many clients as there are users, each asking for one apartment after the other.
type load struct {
	asker
	asked        atomic.Int64
	acknowledged chan struct{}
	gate         gate
	stop         context.CancelFunc
	clients      sync.WaitGroup
}

// startLoad starts the clients. They end with t, if not stopped before.
func startLoad(t *testing.T, a asker) *load {
	ctx, stop := context.WithCancel(t.Context())
	l := &load{asker: a, acknowledged: make(chan struct{}, 1), stop: stop}
	l.gate.open()
	t.Cleanup(func() {
		l.gate.open()
		l.end()
	})
	for i := range users {
		l.clients.Go(func() {
			for ctx.Err() == nil {
				l.register(l.next(i))
			}
		})
	}
	return l
}

// next returns what a client asks for next: of eight operations one has no key to ask again with.
func (l *load) next(client int) (history.Operation, string) {
	n := int(l.asked.Add(1))
	o := history.Contended(client, n)
	if n%8 == 5 {
		return o, ""
	}
	return o, o.Key()
}

// register asks until the outcome is known.
func (l *load) register(o history.Operation, key string) {
	for attempt := 1; attempt <= attempts; attempt++ {
		if attempt > 2 {
			l.gate.wait()
		}
		outcome, _ := l.ask(o, key)
		if outcome == history.OK {
			select {
			case l.acknowledged <- struct{}{}:
			default:
			}
		}
		if outcome != history.Unknown || key == "" {
			return
		}
	}
	l.t.Errorf("%s: still unknown after %d attempts", o, attempts)
}

// await returns when so many more apartments have been acknowledged.
func (l *load) await(more int) {
	l.t.Helper()
	bound := time.After(patience)
	for range more + 1 { // the first may have waited here
		select {
		case <-l.acknowledged:
		case <-bound:
			l.t.Fatalf("the clients get no answers: %s", l.run.Load().Log.Text())
		}
	}
}

// end returns when every client knows what became of its last apartment.
func (l *load) end() {
	l.stop()
	l.clients.Wait()
}

// gate keeps those who wait while it is shut.
type gate struct {
	mu     sync.Mutex
	opened chan struct{}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened == nil {
		g.opened = make(chan struct{})
	}
	select {
	case <-g.opened:
	default:
		close(g.opened)
	}
}

func (g *gate) wait() {
	g.mu.Lock()
	opened := g.opened
	g.mu.Unlock()
	<-opened
}
