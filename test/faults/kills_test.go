package faults_test

import (
	"path/filepath"
	"sync"
	"testing"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// onEveryServer runs a test on each kind of server.
func onEveryServer(t *testing.T, test func(t *testing.T, engine *databases.Engine)) {
	for _, engine := range databases.Engines() {
		t.Run(engine.String(), func(t *testing.T) { test(t, engine) })
	}
}

// Between two kills so many apartments are acknowledged.
const acknowledgedBetween = 100

// TestServerKilled kills the server under load and starts it again. The program answers meanwhile, and recovers by itself.
func TestServerKilled(t *testing.T) { onEveryServer(t, testServerKilled) }

func testServerKilled(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	url := server.NewDatabase(t)
	p := serve(t, url)
	a := newAsker(t, p, url)
	first := p.run.Load()
	restartIdle(t, a, server)
	l := startLoad(t, a)
	kills := rounds(t)
	for round := range kills {
		l.await(acknowledgedBetween)
		l.gate.shut()
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		// Of the floor that no client of the load asks for.
		o := history.Operation{User: firstUser, Block: block, Floor: 9, Number: 900_000 + round}
		a.want(o, o.Key(), history.Unknown)
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		l.gate.open()
		a.recover(o, o.Key())
		p.wantRunning(first)
	}
	l.await(acknowledgedBetween)
	l.end()
	conclude(t, outcome{store: engine.String(), what: "server killed", kills: kills + 1, verdict: a.history.Judge(tables.At(t, url))})
}

// restartIdle kills the server and starts it again while nobody asks, and leaves the program with as many connections that
// are dead as there are clients. None of those who ask next may notice.
func restartIdle(t *testing.T, a asker, server *databases.Server) {
	t.Helper()
	askAtOnce := func(from int) {
		var clients sync.WaitGroup
		for i := range users {
			clients.Go(func() { a.want(numbered(from+i), "", history.OK) })
		}
		clients.Wait()
	}
	askAtOnce(800_000)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	askAtOnce(800_100)
}

// TestProgramKilled kills the program under load and starts it again.
func TestProgramKilled(t *testing.T) {
	for _, store := range []struct {
		name string
		url  func(t *testing.T) string
	}{
		{"SQLite", func(t *testing.T) string { return "sqlite://" + filepath.Join(here.Temporary(t), "register.db") }},
		{"MariaDB", func(t *testing.T) string { return databases.MariaDB.NewDatabase(t) }},
		{"MySQL", func(t *testing.T) string { return databases.MySQL.NewDatabase(t) }},
	} {
		t.Run(store.name, func(t *testing.T) {
			url := store.url(t)
			p := serve(t, url)
			p.mayDie = true
			a := newAsker(t, p, url)
			l := startLoad(t, a)
			kills := rounds(t)
			for range kills {
				l.await(acknowledgedBetween)
				l.gate.shut()
				p.die()
				if err := p.start(); err != nil {
					t.Fatal(err)
				}
				l.gate.open()
			}
			l.await(acknowledgedBetween)
			l.end()
			verdict := a.history.Judge(tables.At(t, url))
			if verdict.Unknown == 0 {
				t.Error("no client was left without an answer: the program was not killed under load")
			}
			conclude(t, outcome{store: store.name, what: "program killed", kills: kills, verdict: verdict})
		})
	}
}
