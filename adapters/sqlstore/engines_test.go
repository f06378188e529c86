package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
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

// What a server of a cluster says when another's transaction gets in the way, or when it leaves its cluster, is waited out:
// here, a trigger says it six times.
func TestClusterErrorsAreWaitedOut(t *testing.T) {
	const times = 6
	address := databases.MariaDB.NewDatabase(t)
	store := withBlock(t, address)
	db := tables.Open(t, address)
	execute(t, db, "CREATE TABLE said (number INT) ENGINE = MyISAM") // which no transaction undoes
	for i, said := range []int{1020, 1047, 1180, 1213, 3092, 3100, 3101, 3796, 3797, 3798, 3799} {
		execute(t, db, fmt.Sprintf(`CREATE OR REPLACE TRIGGER say BEFORE INSERT ON apartments FOR EACH ROW
			IF (SELECT COUNT(*) FROM said WHERE number = %[1]d) < %[2]d THEN
				INSERT INTO said VALUES (%[1]d);
				SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = %[1]d;
			END IF`, said, times))
		t.Run(fmt.Sprint(said), func(t *testing.T) {
			wantRegister(t, store, registration(byte(i+1), int64(i+1)), registered, nil)
		})
	}
}
