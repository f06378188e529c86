package sqlstore_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/adapters/sqlstore/migrations"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// wantMigrations checks that all migrations are listed, in order, and which of them are applied.
func wantMigrations(t *testing.T, name string, got []sqlstore.Migration, err error, applied bool) {
	t.Helper()
	var listed []string
	for i, m := range got {
		listed = append(listed, m.Name)
		if m.Version != int64(i+1) || m.AppliedAt.IsZero() == applied {
			t.Errorf("%s: migration %+v, want version %d, applied %t", name, m, i+1, applied)
		}
	}
	if want := migrations.Names(name); err != nil || !reflect.DeepEqual(listed, want) {
		t.Errorf("%s: %v, %v, want %v", name, listed, err, want)
	}
}

func TestMigrate(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		store := opened(t, address, 0)
		listed, err := sqlstore.Migrations(t.Context(), address)
		wantMigrations(t, name, listed, err, false)
		var made int
		query := map[string]string{
			"sqlite": "SELECT COUNT(*) FROM sqlite_schema", "mysql": "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
		}[name]
		if err := tables.Open(t, address).QueryRow(query).Scan(&made); err != nil || made != 0 {
			t.Errorf("%s: listing made %d tables, %v", name, made, err)
		}

		done, err := store.Migrate(t.Context())
		wantMigrations(t, name, done, err, true)
		listed, err = sqlstore.Migrations(t.Context(), address)
		wantMigrations(t, name, listed, err, true)
		if again, err := store.Migrate(t.Context()); err != nil || len(again) != 0 {
			t.Errorf("%s: migrated again: %v, %v", name, again, err)
		}
	})
}

func TestMigrationsOfWhatIsNotThere(t *testing.T) {
	address := sqliteURL(t)
	if _, err := sqlstore.Migrations(t.Context(), address); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := os.Stat(strings.TrimPrefix(address, "sqlite://")); err == nil {
		t.Error("listing made the file")
	}
	if _, err := sqlstore.Migrations(t.Context(), "nonsense"); err == nil {
		t.Error("nonsense has migrations")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		store := withBlock(t, address)
		wantRegister(t, store, registration(1, 1), registered, nil)
		db := tables.Open(t, address)
		if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)"); err != nil {
			t.Fatal(err)
		}
		before := rowsIn(t, db)
		if applied, err := store.Migrate(t.Context()); !errors.Is(err, sqlstore.ErrNewerSchema) || len(applied) != 0 || !strings.Contains(err.Error(), "999") {
			t.Errorf("%s: migrated %v, %v", name, applied, err)
		}
		if listed, err := sqlstore.Migrations(t.Context(), address); !errors.Is(err, sqlstore.ErrNewerSchema) || len(listed) != 0 {
			t.Errorf("%s: listed %v, %v", name, listed, err)
		}
		if after := rowsIn(t, db); !reflect.DeepEqual(after, before) {
			t.Errorf("%s: rows changed to %+v", name, after)
		}
		var versions int
		if err := db.QueryRow("SELECT COUNT(*) FROM goose_db_version WHERE version_id = 999").Scan(&versions); err != nil || versions != 1 {
			t.Errorf("%s: %d rows of version 999, %v", name, versions, err)
		}
	})
}

// Servers of one register start at the same time.
func TestMySQLMigratedByManyAtOnce(t *testing.T) { onEveryServer(t, testMySQLMigratedByManyAtOnce) }

func testMySQLMigratedByManyAtOnce(t *testing.T, engine *databases.Engine) {
	const servers = 8
	address := engine.NewDatabase(t)
	var applied [servers][]sqlstore.Migration
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range servers {
		store := opened(t, address, 0)
		wg.Go(func() {
			<-start
			var err error
			if applied[i], err = store.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	times := map[string]int{}
	for _, some := range applied {
		for _, m := range some {
			times[m.Name]++
		}
	}
	for _, name := range migrations.Names("mysql") {
		if times[name] != 1 {
			t.Errorf("%s was applied %d times", name, times[name])
		}
	}
	listed, err := sqlstore.Migrations(t.Context(), address)
	wantMigrations(t, "mysql", listed, err, true)
	store := withBlock(t, address)
	wantRegister(t, store, registration(1, 1), registered, nil)
}
