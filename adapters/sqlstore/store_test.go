package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/mariadb"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
)

func TestSQLiteKeepsItsPromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject { return subject(t, sqliteURL(t)) })
}

func TestMariaDBKeepsItsPromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject { return subject(t, mariadb.NewDatabase(t)) })
}

// subject is a store on a new database, and its tables read on a connection of the test's own.
func subject(t *testing.T, address string) storetest.Subject {
	t.Helper()
	store := migrated(t, address)
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

func sqliteURL(t *testing.T) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "register.db")
}

// opened is a store that ends with the test.
func opened(t *testing.T, address string) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
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

func migrated(t *testing.T, address string) *sqlstore.Store {
	t.Helper()
	store := opened(t, address)
	if _, err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}
