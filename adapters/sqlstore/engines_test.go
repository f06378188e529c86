package sqlstore_test

import (
	"strings"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/databases"
)

func TestEngine(t *testing.T) {
	if got := withBlock(t, sqliteURL(t)).Engine(); got != "SQLite" {
		t.Error(got)
	}
	onEveryServer(t, func(t *testing.T, engine *databases.Engine) {
		if got := withBlock(t, engine.NewDatabase(t)).Engine(); got != engine.String() {
			t.Error(got)
		}
	})
}

// A server that is neither MySQL nor MariaDB is refused by its name, unless that is asked for. MariaDB says what it is told to.
func TestUnprovenEngine(t *testing.T) {
	for _, version := range []string{"8.0.11-TiDB-v7.5.0", "8.0.30-Vitess"} {
		address := databases.MariaDB.StartOwn(t, "--version="+version).NewDatabase(t)
		store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err == nil || !strings.Contains(err.Error(), version) || !strings.Contains(err.Error(), "database.engine_check") {
			t.Errorf("%s: %v", version, err)
		}
		if err == nil {
			store.Close()
		}
		store, err = sqlstore.Open(t.Context(), address, sqlstore.Options{AnyEngine: true})
		if err != nil {
			t.Fatalf("%s, asked for: %v", version, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
