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

// Each store is under test with batches of its default size, and with a transaction for each registration.
var eachBatchSize = map[string]int{"in batches": 0, "one by one": 1}

func TestSQLiteKeepsItsPromises(t *testing.T) {
	for name, size := range eachBatchSize {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Subject { return subject(t, sqliteURL(t), size) })
		})
	}
}

func TestMariaDBKeepsItsPromises(t *testing.T) {
	for name, size := range eachBatchSize {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Subject { return subject(t, databases.MariaDB.NewDatabase(t), size) })
		})
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
