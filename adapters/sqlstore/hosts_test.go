package sqlstore_test

import (
	"context"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// withHosts returns the address of a database with other hosts.
func withHosts(address string, hosts ...string) string {
	before, after, _ := strings.Cut(address, "@")
	_, name, _ := strings.Cut(after, "/")
	return before + "@" + strings.Join(hosts, ",") + "/" + name
}

// silentHost takes connections and never says a word, as a server does that is stopped.
func silentHost(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// pair is two servers, each with an empty register of the same name, for a user who may not write where others may not.
type pair struct {
	servers   [2]*databases.Server
	hosts     [2]string
	addresses [2]string
}

func startPair(t *testing.T, engine *databases.Engine) (p pair) {
	t.Helper()
	for i := range p.servers {
		p.servers[i] = engine.StartOwn(t)
		u, err := url.Parse(p.servers[i].URL())
		if err != nil {
			t.Fatal(err)
		}
		p.hosts[i] = u.Host
		execute(t, tables.Open(t, p.servers[i].NewDatabase(t)), "CREATE DATABASE register")
		p.addresses[i] = otherUser(t, p.servers[i].URL()+"register", "omarty_clerk", "clerk")
		withBlock(t, p.addresses[i])
	}
	return p
}

func (p pair) registered(t *testing.T, server int) int {
	t.Helper()
	return len(tables.At(t, p.addresses[server]).Apartments)
}

// Connections go to the first host that takes writes, and to another as soon as it does not any more. The two servers share
// nothing, so what each has shows who was asked.
func TestMySQLSeveralHosts(t *testing.T) {
	onEveryServer(t, func(t *testing.T, engine *databases.Engine) {
		p := startPair(t, engine)
		store := opened(t, withHosts(p.addresses[0], silentHost(t), p.hosts[0], p.hosts[1]), 0)
		admin := tables.Open(t, p.servers[0].NewDatabase(t))
		asked := byte(0)
		registerAt := func(what string, server int) {
			t.Helper()
			asked++
			before := p.registered(t, server)
			wantRegister(t, store, registration(asked, int64(asked)), registered, nil)
			if p.registered(t, server) != before+1 {
				t.Errorf("%s: it was not registered at server %d", what, server)
			}
		}
		registerAt("one is silent", 0)
		execute(t, admin, "SET GLOBAL read_only = 1")
		registerAt("the first has become read-only", 1)
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("one of three takes writes: %v", err)
		}
		execute(t, admin, "SET GLOBAL read_only = 0")
		if err := p.servers[1].Kill(); err != nil {
			t.Fatal(err)
		}
		registerAt("the second is gone, and the first takes writes again", 0)
		if err := p.servers[1].Restart(); err != nil {
			t.Fatal(err)
		}
		before := p.registered(t, 1)
		if err := p.servers[0].Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // a request's own
		defer cancel()
		outcome, err := register(ctx, store, registration(100, 100))
		if err := p.servers[0].Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if err != nil || outcome != registered || p.registered(t, 1) != before+1 {
			t.Errorf("the first has fallen silent: outcome %q, %v, not registered at the second", outcome, err)
		}
	})
}

// In random order, two servers share what each of many stores asks for first.
func TestMySQLHostsInRandomOrder(t *testing.T) {
	p := startPair(t, databases.MariaDB)
	address := withHosts(p.addresses[0], p.hosts[0], p.hosts[1]) + "?hosts=random"
	for i := byte(1); p.registered(t, 0) == 0 || p.registered(t, 1) == 0; i++ {
		wantRegister(t, opened(t, address, 0), registration(i, int64(i)), registered, nil)
		if i == 100 { // which happens once in 2 to the power of 99
			t.Fatal("one of two hosts was never asked")
		}
	}
}
