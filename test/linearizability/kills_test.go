package linearizability_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/linearizability"
	"omarty.net/registry/test/tables"
)

const clients = 24

func soak() bool { return os.Getenv("OMARTY_SOAK") == "1" }

// length is how long clients ask.
func length() time.Duration {
	if soak() {
		return time.Minute
	}
	return 4 * time.Second
}

// TestServerKilledOnSQLite kills the server under load, and starts it again.
func TestServerKilledOnSQLite(t *testing.T) {
	r := newRun(t, "sqlite://"+filepath.Join(here.Temporary(t), "register.db"))
	r.disturb(length(), r.killServer)
	r.conclude()
}

// TestServersAndDatabaseKilled kills one of two servers, the database that both work on, or all of them, and both servers while it stands
// still.
func TestServersAndDatabaseKilled(t *testing.T) {
	for _, engine := range databases.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			if engine == databases.MySQL && !soak() {
				t.Skip("make soak runs it: MySQL takes seconds to start again")
			}
			database := engine.StartOwn(t)
			url := database.NewDatabase(t)
			r := newRun(t, url, url)
			r.disturb(length(), r.killServer, func() {
				demand(t, database.Kill())
				demand(t, database.Restart())
				r.kills["database"]++
			}, func() {
				demand(t, database.Kill())
				r.killServers()
				demand(t, database.Restart())
				r.restartServers()
				r.kills["database and servers"]++
			}, func() {
				// What the servers have sent is done after their end, beside what clients ask for again.
				demand(t, database.Signal(syscall.SIGSTOP))
				time.Sleep(rand.N(time.Second / 2))
				r.killServers()
				demand(t, database.Signal(syscall.SIGCONT))
				r.restartServers()
				r.kills["servers while the database stood still"]++
			})
			r.conclude()
		})
	}
}

// run is a register that servers serve, each at a URL of its own.
type run struct {
	t       *testing.T
	urls    []string
	servers []*linearizability.Server
	// kills counts what was killed.
	kills map[string]int
	calls []linearizability.Call
}

// newRun imports the register through the first URL, and starts the servers. They end with t.
func newRun(t *testing.T, urls ...string) *run {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), urls[0], sqlstore.Options{})
	demand(t, err)
	_, err = store.Migrate(t.Context())
	demand(t, err)
	demand(t, linearizability.Import(t.Context(), store, clients))
	demand(t, store.Close())
	r := &run{t: t, urls: urls, kills: map[string]int{}}
	for _, url := range urls {
		s, err := linearizability.Start(url)
		demand(t, err)
		t.Cleanup(func() { _ = s.Kill() }) // it may be gone
		r.servers = append(r.servers, s)
	}
	return r
}

func demand(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *run) killServer() {
	s := r.servers[rand.IntN(len(r.servers))]
	demand(r.t, s.Kill())
	demand(r.t, s.Restart())
	r.kills["server"]++
}

func (r *run) killServers() {
	for _, s := range r.servers {
		demand(r.t, s.Kill())
	}
}

func (r *run) restartServers() {
	for _, s := range r.servers {
		demand(r.t, s.Restart())
	}
}

// disturb has clients ask for so long, and does one of the ways to kill after the other meanwhile.
func (r *run) disturb(length time.Duration, ways ...func()) {
	r.t.Helper()
	ctx, stop := context.WithTimeout(r.t.Context(), length)
	var err error
	var asking sync.WaitGroup
	asking.Go(func() { r.calls, err = linearizability.Run(ctx, clients, r.connect) })
	defer asking.Wait()
	defer stop()
	between := min(length/8, 2*time.Second)
	for i := 0; ctx.Err() == nil; i++ {
		select {
		case <-ctx.Done():
		case <-time.After(between/2 + rand.N(between)):
			ways[i%len(ways)]()
		}
	}
	asking.Wait()
	demand(r.t, err)
}

// connect returns a connection to the servers for a client: mostly to the same one.
func (r *run) connect(client int) linearizability.Asker {
	return linearizability.NewConnection(func() *linearizability.Server {
		other := 0
		if rand.IntN(4) == 0 {
			other = 1
		}
		return r.servers[(client+other)%len(r.servers)]
	})
}

// conclude ends the servers, and holds what clients were told against what is kept at each URL.
func (r *run) conclude() {
	r.t.Helper()
	r.killServers()
	for _, s := range r.servers {
		if output := s.Output(); output != "" {
			r.t.Errorf("a server wrote:\n%s", output)
		}
	}
	var checked linearizability.Kept
	for i, url := range r.urls {
		rows := tables.At(r.t, url)
		kept := linearizability.KeptIn(rows)
		if i > 0 && reflect.DeepEqual(kept, checked) {
			continue
		}
		checked = kept
		faults := append(linearizability.Check(r.calls, kept), rows.Contradictions()...)
		for _, fault := range faults[:min(len(faults), 10)] {
			r.t.Errorf("at server %d: %s", i, fault)
		}
		if len(faults) > 10 {
			r.t.Errorf("at server %d: %d faults", i, len(faults))
		}
	}
	r.t.Logf("killed: %v\n%s", r.kills, linearizability.Statistics(r.calls, checked))
}
