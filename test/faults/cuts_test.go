package faults_test

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/faults"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
)

// behindProxy serves a fresh database of the shared server through a proxy.
func behindProxy(t *testing.T, engine *databases.Engine, options string, settings ...string) (a asker, proxy *faults.Proxy, rows func() storetest.Rows) {
	t.Helper()
	direct := engine.NewDatabase(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err = faults.NewProxy(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	u.Host, u.RawQuery = proxy.Address(), options
	p := serve(t, u.String(), settings...)
	rows = func() storetest.Rows { return tables.At(t, direct) }
	return asker{program: p, history: history.New(rows())}, proxy, rows
}

// registered counts the apartments that have the number.
func registered(rows storetest.Rows, number int) int {
	n := 0
	for _, a := range rows.Apartments {
		if a.Number == number {
			n++
		}
	}
	return n
}

// What the program says to the server for a registration that comes alone, in turn, and for several at once.
var (
	alone    = []string{faults.ReadMemberships, faults.Register}
	together = []string{faults.ReadTogether, faults.Register, faults.ReadKept}
)

// everyFault returns the fault at each of what is said, before and after the server has executed it.
func everyFault(statements []string, effect faults.Effect, repeat faults.Repeat) []faults.Fault {
	var all []faults.Fault
	for _, statement := range statements {
		for _, executed := range []bool{false, true} {
			all = append(all, faults.Fault{Statement: statement, Executed: executed, Effect: effect, Repeat: repeat})
		}
	}
	return all
}

var repeats = map[faults.Repeat]string{faults.Once: "once", faults.Always: "always", faults.ThenDown: "and then everything"}

func nameOf(f faults.Fault) string {
	moment := "before"
	if f.Executed {
		moment = "after"
	}
	return fmt.Sprintf("%s %s, %s", moment, cmp.Or(f.Statement, "any"), repeats[f.Repeat])
}

// TestCuts cuts the connection at each statement of a registration. Cut once, the client notices nothing; cut again and
// again, it is told the truth, and asking again with the same key is registered.
func TestCuts(t *testing.T) { onEveryServer(t, testCuts) }

func testCuts(t *testing.T, engine *databases.Engine) {
	a, proxy, rows := behindProxy(t, engine, "")
	number := 100
	for _, repeat := range []faults.Repeat{faults.Once, faults.Always, faults.ThenDown} {
		for _, fault := range everyFault(alone, faults.Cut, repeat) {
			for _, withKey := range []bool{false, true} {
				number++
				o, key := numbered(number), ""
				if withKey {
					key = o.Key()
				}
				committed := fault.Statement == faults.Register && fault.Executed
				want := history.Unknown
				if repeat == faults.Once {
					want = history.OK
				}
				t.Run(fmt.Sprintf("%s, with key %t", nameOf(fault), withKey), func(t *testing.T) {
					a.t = t
					fired := proxy.Fired()
					proxy.Inject(fault)
					replayed := a.want(o, key, want)
					proxy.Heal()
					if proxy.Fired() == fired {
						t.Error("nothing was cut")
					}
					if want == history.OK && replayed != committed {
						t.Errorf("replayed is %t", replayed)
					}
					kept := registered(rows(), o.Number)
					if wantKept := want == history.OK || committed; (kept == 1) != wantKept || kept > 1 {
						t.Errorf("%d apartments have the number", kept)
					}
					if withKey {
						if replayed := a.want(o, key, history.OK); replayed != (kept == 1) {
							t.Errorf("asked again, replayed is %t, of %d apartments", replayed, kept)
						}
					}
					for _, fault := range a.history.Judge(rows()).Faults() {
						t.Error(fault)
					}
				})
			}
		}
	}
	a.t = t
	conclude(t, outcome{store: engine.String(), what: "connection cut", cuts: proxy.Fired(), verdict: a.history.Judge(rows())})
}

// TestCutsUnderLoad cuts connections at each statement while many clients ask. None of them notices.
func TestCutsUnderLoad(t *testing.T) { onEveryServer(t, testCutsUnderLoad) }

func testCutsUnderLoad(t *testing.T, engine *databases.Engine) {
	a, proxy, rows := behindProxy(t, engine, "")
	l := startLoad(t, a)
	for range rounds(t) {
		for _, fault := range everyFault(slices.Concat(alone, together), faults.Cut, faults.Once) {
			fired := proxy.Fired()
			proxy.Inject(fault)
			for proxy.Fired() == fired {
				l.await(1)
			}
			l.await(2 * users) // so that no client is met by every fault in turn
		}
	}
	l.end()
	verdict := a.history.Judge(rows())
	if verdict.Unknown > 0 {
		t.Errorf("%d clients were told to ask again:\n%s", verdict.Unknown, strings.Join(a.run.Load().Log.Warnings(), "\n"))
	}
	conclude(t, outcome{store: engine.String(), what: "cut under load", cuts: proxy.Fired(), verdict: verdict})
}

// TestSilence lets the server say no more at each statement of a registration. The client gets its answer all the same.
func TestSilence(t *testing.T) { onEveryServer(t, testSilence) }

func testSilence(t *testing.T, engine *databases.Engine) {
	a, proxy, rows := behindProxy(t, engine, "readTimeout=1s", "OMARTY_HTTP_REQUEST_TIMEOUT=700ms")
	number := 100
	for _, fault := range everyFault(alone, faults.Silence, faults.Once) {
		t.Run(nameOf(fault), func(t *testing.T) {
			a.t = t
			fired := proxy.Fired()
			// On a busy machine the deadline may pass before the statement is come to.
			var o history.Operation
			for range 10 {
				number++
				o = numbered(number)
				proxy.Inject(fault)
				a.want(o, o.Key(), history.Unknown)
				if proxy.Fired() > fired {
					break
				}
			}
			if proxy.Fired() == fired {
				t.Error("the server was never silent")
			}
			committed := fault.Statement == faults.Register && fault.Executed
			if kept := registered(rows(), o.Number); (kept == 1) != committed {
				t.Errorf("%d apartments have the number", kept)
			}
			proxy.Heal()
			if replayed := a.recover(o, o.Key()); committed && !replayed {
				t.Error("not replayed")
			}
		})
	}
	a.t = t
	conclude(t, outcome{store: engine.String(), what: "server silent", cuts: proxy.Fired(), verdict: a.history.Judge(rows())})
}

// TestPartedNetwork cuts the program off from a server that does not notice. Who came alone has left nothing locked, and is
// registered.
func TestPartedNetwork(t *testing.T) { onEveryServer(t, testPartedNetwork) }

func testPartedNetwork(t *testing.T, engine *databases.Engine) {
	a, proxy, rows := behindProxy(t, engine, "")
	for i, fault := range everyFault(alone, faults.Strand, faults.Once) {
		t.Run(nameOf(fault), func(t *testing.T) {
			a.t = t
			proxy.Inject(fault)
			o := numbered(100 + i)
			a.want(o, o.Key(), history.OK)
		})
	}
	a.t = t
	conclude(t, outcome{store: engine.String(), what: "network parted", cuts: proxy.Fired(), verdict: a.history.Judge(rows())})
}

// TestStuckRegistration takes the server away from a registration, and from a batch. Who is in it waits; one other at a time,
// of another block, is registered meanwhile.
func TestStuckRegistration(t *testing.T) { onEveryServer(t, testStuckRegistration) }

func testStuckRegistration(t *testing.T, engine *databases.Engine) {
	t.Parallel() // it waits for deadlines
	a, proxy, rows := behindProxy(t, engine, "")
	number := 100
	for _, stuck := range []struct {
		name, statement string
		effect          faults.Effect
		clients         int
	}{
		{"alone", faults.Register, faults.Silence, 1},
		{"in a batch", faults.ReadKept, faults.Silence, users},
		{"in a batch of a parted network", faults.ReadKept, faults.Strand, users},
	} {
		struck := proxy.Inject(faults.Fault{Statement: stuck.statement, Effect: stuck.effect, Repeat: faults.Once})
		var asked []history.Operation
		var answered <-chan struct{}
		for waits, begun := true, time.Now(); waits && time.Since(begun) < patience; { // until some have ridden together
			asked = nil
			for range stuck.clients {
				number++
				asked = append(asked, numbered(number))
			}
			asked[len(asked)-1].Number = asked[0].Number // of two users, one gets it
			answered = atOnce(asked, func(o history.Operation) { a.ask(o, o.Key()) })
			select {
			case <-struck:
				waits = false
			case <-answered:
			}
		}
		for range 4 {
			number++
			a.want(history.Operation{User: firstUser, Block: otherBlock, Floor: 1, Number: number}, "", history.OK)
		}
		select {
		case <-answered:
			if stuck.effect == faults.Silence { // else it may have been tried again, on another connection
				t.Errorf("%s: others waited too", stuck.name)
			}
		default:
			<-answered
		}
		if !soak() {
			proxy.Heal() // as if the server had given up its client
		}
		<-atOnce(asked, func(o history.Operation) { a.askOn(o, o.Key()) })
	}
	conclude(t, outcome{store: engine.String(), what: "server stuck", cuts: proxy.Fired(), verdict: a.history.Judge(rows())})
}

// atOnce does each operation in a goroutine of its own, and closes the channel after the last.
func atOnce(operations []history.Operation, do func(history.Operation)) <-chan struct{} {
	var running sync.WaitGroup
	for _, o := range operations {
		running.Go(func() { do(o) })
	}
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	return done
}
