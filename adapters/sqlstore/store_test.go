package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
)

// kind is what a register can be kept in.
type kind struct {
	name, dialect string
	empty         func(t testing.TB) string // makes an empty database and returns its URL
}

var kinds = []kind{
	{"SQLite", "sqlite", sqliteURL},
	{databases.MariaDB.String(), "mysql", databases.MariaDB.NewDatabase},
	{databases.MySQL.String(), "mysql", databases.MySQL.NewDatabase},
}

// onEveryDatabase runs a test on an empty database of each kind.
func onEveryDatabase(t *testing.T, test func(t *testing.T, dialect, address string)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) { test(t, k.dialect, k.empty(t)) })
	}
}

// onEveryServer runs a test on each kind of server.
func onEveryServer(t *testing.T, test func(t *testing.T, engine *databases.Engine)) {
	for _, engine := range databases.Engines() {
		t.Run(engine.String(), func(t *testing.T) { test(t, engine) })
	}
}

// Stores are under test with batches of their default size, and with a transaction for each registration.
var eachBatchSize = map[string]int{"in batches": 0, "one by one": 1}

func TestStoreKeepsItsPromises(t *testing.T) {
	for _, k := range kinds {
		for name, size := range eachBatchSize {
			if size == 1 && k.dialect != "sqlite" {
				continue // takes a minute a server, and how sets are put together is the same on all
			}
			t.Run(k.name+" "+name, func(t *testing.T) {
				empty := k.eachEmpty(t)
				storetest.Run(t, func(t *testing.T) storetest.Subject { return subject(t, empty(t), size) })
			})
		}
	}
}

// eachEmpty returns what makes an empty database for one case after the other. On a server it is the same one, emptied: to make its
// tables takes longer than most cases.
func (k kind) eachEmpty(t *testing.T) func(t *testing.T) string {
	t.Helper()
	if k.dialect == "sqlite" {
		return func(t *testing.T) string { return k.empty(t) }
	}
	address := k.empty(t)
	migrated(t, address, 0)
	db := tables.Open(t, address)
	return func(t *testing.T) string {
		t.Helper()
		session := must(db.Conn(t.Context()))
		defer session.Close() //nolint:errcheck // nothing is at stake
		execute(t, session, "SET foreign_key_checks = 0", "TRUNCATE TABLE memberships", "TRUNCATE TABLE changes", "TRUNCATE TABLE apartments",
			"TRUNCATE TABLE blocks", "SET foreign_key_checks = 1")
		return address
	}
}

// subject is a store on a new database, and its tables read on a connection of the test's own.
func subject(t *testing.T, address string, batchSize int) storetest.Subject {
	t.Helper()
	store := migrated(t, address, batchSize)
	db := tables.Open(t, address)
	return storetest.Subject{Store: store, Rows: func(t testing.TB) storetest.Rows { return rowsIn(t, db) }}
}

func rowsIn(t testing.TB, db *sql.DB) storetest.Rows {
	t.Helper()
	rows, err := tables.Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func sqliteURL(t testing.TB) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "register.db")
}

// opened is a store that ends with the test.
func opened(t *testing.T, address string, batchSize int) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{BatchSize: batchSize})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return store
}

func migrated(t *testing.T, address string, batchSize int) *sqlstore.Store {
	t.Helper()
	store := opened(t, address, batchSize)
	if _, err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}
