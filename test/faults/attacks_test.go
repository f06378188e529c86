package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/history"
)

// mostMemory is what the program may take, in MiB, whatever its clients do.
const mostMemory = 256

// honestClients register ten apartments a second each.
const honestClients = 20

// attackingUser is the user whose token an attacker has.
func attackingUser(client int) domain.UserID { return firstUser + domain.UserID(client%users) }

// TestAttacks has honest clients served beside attackers, and looks at the most memory that the program takes. How long
// the honest ones wait is printed: before, and beside the attack.
func TestAttacks(t *testing.T) {
	for _, attack := range []struct {
		name     string
		settings []string
		run      func(ctx context.Context, a *attackers)
	}{
		{"8,000 heads of 14 KB", nil, longHeads},
		{"JSON of 64 KiB, 500/s", nil, wideJSON},
		{"bodies of 1 MiB, 39 at once", []string{"OMARTY_HTTP_BODY_LIMIT=1MiB"}, largeBodies},
		{"1,000 slow heads", nil, slowHeads},
		{"2,000 idle", nil, idleConnections},
		{"15,000 dropped", nil, droppedRequests},
		{"1,000 stalled bodies", nil, stalledBodies},
		{"50,000 forged tokens/s", nil, forgedTokens},
		{"the same, with a limit", []string{"OMARTY_HTTP_FAILURE_LIMIT=10"}, forgedTokens},
	} {
		t.Run(attack.name, func(t *testing.T) {
			p := serve(t, "sqlite://"+filepath.Join(here.Temporary(t), "register.db"), attack.settings...)
			h := newHonest(t, p)
			calm := h.serveFor(length())
			ctx, cancel := context.WithCancel(t.Context())
			a := &attackers{t: t, address: p.run.Load().Address}
			attack.run(ctx, a)
			attacked := h.serveFor(2 * length())
			done := a.done.Load()
			cancel()
			a.clients.Wait()
			peak := peakOf(t, p)
			t.Logf("%-28s peak %4d MiB; honest p50 %7s -> %7s, p99 %7s -> %7s (x %.1f); %d of theirs",
				attack.name, peak, calm.at(50), attacked.at(50), calm.at(99), attacked.at(99),
				float64(attacked.at(99))/float64(calm.at(99)), done)
			if peak >= mostMemory {
				t.Errorf("the program has had %d MiB", peak)
			}
		})
	}
}

// length is how long each part of an attack is looked at.
func length() time.Duration {
	if soak() {
		return 8 * time.Second
	}
	return time.Second
}

// honest are clients who keep their connections and register one apartment after the other. Each has to be answered so.
type honest struct {
	program *program
	clients [honestClients]*http.Client
	numbers [honestClients]int
}

func newHonest(t *testing.T, p *program) *honest {
	h := &honest{program: p}
	for i := range h.clients {
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		h.clients[i] = &http.Client{Timeout: patience, Transport: transport}
	}
	return h
}

// serveFor has them register for a time, and returns how long each answer took.
func (h *honest) serveFor(d time.Duration) (took durations) {
	var mu sync.Mutex
	var all sync.WaitGroup
	until := time.Now().Add(d)
	for i := range h.clients {
		all.Go(func() {
			turn := time.NewTicker(100 * time.Millisecond)
			defer turn.Stop()
			for ; time.Now().Before(until); <-turn.C {
				begun := time.Now()
				if err := h.register(i); err != nil {
					h.program.t.Errorf("an honest client: %v", err)
				}
				mu.Lock()
				took = append(took, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	return took
}

func (h *honest) register(client int) error {
	h.numbers[client]++
	o := history.Operation{User: attackingUser(client), Block: block, Floor: 1, Number: 1 + h.numbers[client]*honestClients + client}
	r, err := o.Request(h.program.run.Load().Address, "")
	if err != nil {
		return err
	}
	response, err := h.clients[client].Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && !bytes.Contains(answer, []byte("Apartment registered.")) {
		err = fmt.Errorf("%s: %s", o, answer)
	}
	return err
}

// durations are sorted.
type durations []time.Duration

func (d durations) at(percent int) time.Duration {
	return d[(len(d)-1)*percent/100].Round(10 * time.Microsecond)
}

var residentMemory = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakOf returns the most memory that the program has had, in MiB.
func peakOf(t *testing.T, p *program) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.run.Load().Command.Process.Pid))
	if err != nil {
		t.Skipf("memory is read from /proc: %v", err)
	}
	found := residentMemory.FindSubmatch(status)
	if found == nil {
		t.Fatalf("no memory in %s", status)
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}
