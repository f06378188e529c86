package faults_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// tight are settings under which a store that is held up is noticed soon, and its connections are few.
var tight = []string{"OMARTY_HTTP_REQUEST_TIMEOUT=1s", "OMARTY_DATABASE_MAX_CONNECTIONS=2"}

// TestHeldLock has another client of the database hold what every registration needs, until all connections of the program
// wait for it.
func TestHeldLock(t *testing.T) {
	for _, store := range []struct {
		name string
		url  func(t *testing.T) string
		lock func(t *testing.T, url string) (unlock func())
	}{
		{"SQLite", func(t *testing.T) string { return "sqlite://" + filepath.Join(here.Temporary(t), "register.db") }, lockFile},
		{"MariaDB", func(t *testing.T) string { return databases.MariaDB.NewDatabase(t) }, lockBlock},
		{"MySQL", func(t *testing.T) string { return databases.MySQL.NewDatabase(t) }, lockBlock},
	} {
		t.Run(store.name, func(t *testing.T) {
			url := store.url(t)
			p := serve(t, url, tight...)
			first := p.run.Load()
			a := newAsker(t, p, url)
			for outage := range 2 {
				unlock := store.lock(t, url)
				var clients sync.WaitGroup
				for i := range users {
					clients.Go(func() {
						o := numbered(1000*(outage+1) + i)
						a.want(o, o.Key(), history.Unknown)
					})
				}
				clients.Wait()
				p.wantRunning(first)
				unlock()
				for i := range users {
					o := numbered(1000*(outage+1) + i)
					a.recover(o, o.Key())
				}
			}
			conclude(t, outcome{store: store.name, what: "lock held", verdict: a.history.Judge(tables.At(t, url))})
		})
	}
}

// lockFile holds the lock of an SQLite file's one writer.
func lockFile(t *testing.T, url string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+url[len("sqlite://"):]+"?_txlock=immediate&_busy_timeout=60000")
	if err != nil {
		t.Fatal(err)
	}
	return begin(t, db, "SELECT 1")
}

// lockBlock holds the row of the block, which every registration refers to.
func lockBlock(t *testing.T, url string) (unlock func()) {
	t.Helper()
	return begin(t, tables.Open(t, url), fmt.Sprintf("SELECT id FROM blocks WHERE id = %d FOR UPDATE", block))
}

// begin begins a transaction by a statement, to be ended by what it returns, or with t.
func begin(t *testing.T, db *sql.DB, statement string) (end func()) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = tx.Exec(statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() }) // as it is but after a failure
	return func() {
		t.Helper()
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
}

// plainUser is a user of the server who may do everything in one database, and nothing that an administrator may.
func plainUser(t *testing.T, server *databases.Server) (asPlain, asAdministrator string) {
	t.Helper()
	asAdministrator = server.NewDatabase(t)
	u, err := url.Parse(asAdministrator)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tables.Open(t, asAdministrator),
		"CREATE USER 'plain'@'127.0.0.1' IDENTIFIED BY 'plain'",
		"GRANT ALL PRIVILEGES ON "+u.Path[1:]+".* TO 'plain'@'127.0.0.1'")
	u.User = url.UserPassword("plain", "plain")
	return u.String(), asAdministrator
}

// disconnectPlain ends all connections of the user, as MariaDB's KILL USER would.
func disconnectPlain(t *testing.T, admin *sql.DB) {
	t.Helper()
	rows, err := admin.Query("SELECT id FROM information_schema.processlist WHERE user = 'plain'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec(fmt.Sprint("KILL ", id)); err != nil && !isGone(err) {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// isGone reports whether a connection that was to be killed has ended already.
func isGone(err error) bool {
	said, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && said.Number == 1094
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestServerRefuses has the server refuse what it is there for, and take it again.
func TestServerRefuses(t *testing.T) { onEveryServer(t, testServerRefuses) }

func testServerRefuses(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	url, asAdministrator := plainUser(t, server)
	admin := tables.Open(t, asAdministrator)
	p := serve(t, url, tight...)
	first := p.run.Load()
	a := newAsker(t, p, asAdministrator)
	for i, c := range []struct {
		name       string
		begin, end func(t *testing.T)
	}{
		{
			"read-only",
			func(t *testing.T) { execute(t, admin, "SET GLOBAL read_only = ON") },
			func(t *testing.T) { execute(t, admin, "SET GLOBAL read_only = OFF") },
		},
		{
			"no more connections",
			func(t *testing.T) {
				execute(t, admin, "SET GLOBAL max_connections = 10")
				disconnectPlain(t, admin)
				occupy(t, url)
			},
			func(t *testing.T) {
				disconnectPlain(t, admin)
				execute(t, admin, "SET GLOBAL max_connections = 100")
			},
		},
		{
			"password changed",
			func(t *testing.T) {
				execute(t, admin, "ALTER USER 'plain'@'127.0.0.1' IDENTIFIED BY 'another'")
				disconnectPlain(t, admin)
			},
			func(t *testing.T) { execute(t, admin, "ALTER USER 'plain'@'127.0.0.1' IDENTIFIED BY 'plain'") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a.t = t
			o := numbered(1000 * (i + 1))
			c.begin(t)
			for range 3 {
				a.want(o, o.Key(), history.Unknown)
			}
			p.wantRunning(first)
			c.end(t)
			a.recover(o, o.Key())
		})
	}
	a.t = t
	conclude(t, outcome{store: engine.String(), what: "server refuses", verdict: a.history.Judge(tables.At(t, asAdministrator))})
}

// occupy opens connections until the server has no more. They stay open until t ends.
func occupy(t *testing.T, url string) {
	t.Helper()
	db := tables.Open(t, url)
	for range 1000 {
		connection, err := db.Conn(t.Context())
		if err != nil {
			t.Logf("the server is full: %v", err)
			return
		}
		t.Cleanup(func() { _ = connection.Close() }) // the server has closed it
	}
	t.Fatal("the server takes any number of connections")
}
