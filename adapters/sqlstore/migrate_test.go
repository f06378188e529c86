package sqlstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/adapters/sqlstore/migrations"
	"omarty.net/registry/application"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// names are the migrations of a database, in their order.
func names(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	for _, file := range must(migrations.Files.ReadDir(folder)) {
		all = append(all, path.Base(file.Name()))
	}
	return all
}

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
	if want := names(t, name); err != nil || !reflect.DeepEqual(listed, want) {
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
		wantRegister(t, store, registration(1, 1), application.Registered, nil)
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
	for _, name := range names(t, "mysql") {
		if times[name] != 1 {
			t.Errorf("%s was applied %d times", name, times[name])
		}
	}
	listed, err := sqlstore.Migrations(t.Context(), address)
	wantMigrations(t, "mysql", listed, err, true)
	store := withBlock(t, address)
	wantRegister(t, store, registration(1, 1), application.Registered, nil)
}

// released are the last migrations of each schema that was released, oldest first. A release that changes the schema adds
// its own.
var released = map[string][]int64{"sqlite": {1}, "mysql": {4}}

// A register of every released schema, with rows in it, is brought forward whole, and takes registrations.
func TestMigrateFromEveryReleasedSchema(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		for _, version := range released[name] {
			store := opened(t, address, 0)
			db := tables.Open(t, address)
			dialect := map[string]goose.Dialect{"sqlite": goose.DialectSQLite3, "mysql": goose.DialectMySQL}[name]
			old := must(goose.NewProvider(dialect, db, must(fs.Sub(migrations.Files, name)), goose.WithDisableGlobalRegistry(true)))
			must(old.UpTo(t.Context(), version))
			for _, statement := range []string{
				"INSERT INTO blocks (id, name, status) VALUES (4, 'Block 4', 'active'), (5, 'برج النيل', 'suspended')",
				"INSERT INTO apartments (id, block_id, floor, number, registered_at) VALUES (1, 4, -1, 1, '2026-01-02 03:04:05.000006')",
				"INSERT INTO apartments (id, registration_id, block_id, floor, number, registered_by, registered_at) VALUES (2, x'000102030405060708090a0b0c0d0e0f', 4, 0, 2, 7, '2026-01-02 03:04:05.000007')",
				"INSERT INTO memberships (user_id, block_id, apartment_id, role, status) VALUES (7, 4, NULL, 'manager', 'active'), (8, 4, 1, 'resident', 'banned')",
				"INSERT INTO logs (registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) VALUES (x'000102030405060708090a0b0c0d0e0f', 7, 'CreateApartment', 4, NULL, 2, 31.25, NULL, '2026-01-02 03:04:05.000007')",
			} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s, version %d: %v", name, version, err)
				}
			}
			before := must(tables.Read(t.Context(), db))
			must(store.Migrate(t.Context()))
			after := must(tables.Read(t.Context(), db))
			if !reflect.DeepEqual(before, after) || len(after.Apartments) != 2 || len(after.Logs) != 1 {
				t.Errorf("%s, version %d: %+v came of %+v", name, version, after, before)
			}
			for _, c := range after.Contradictions() {
				t.Errorf("%s, version %d: %s", name, version, c)
			}
			if members, err := store.MembersOf(t.Context(), 7, 4); err != nil || len(members) != 1 {
				t.Errorf("%s, version %d: members %v, %v", name, version, members, err)
			}
		}
	})
}
