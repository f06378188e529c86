package sqlstore_test

import (
	"errors"
	"strings"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// A register without one of its keys, or on a server whose sessions are set up so that keys do not hold, is not ready, and not
// served.
func TestUnfitDatabase(t *testing.T) {
	type damage struct{ statement, lacks string }
	sqlite := []damage{
		{"DROP INDEX apartments_number", "unique key apartments (block_id, live, number)"},
		{"DROP INDEX changes_set", "unique key changes (change_set_id, position)"},
	}
	mysql := []damage{
		{"ALTER TABLE apartments DROP KEY apartments_number", "unique key apartments (block_id, live, number)"},
		{"ALTER TABLE changes DROP PRIMARY KEY", "unique key changes (block_id, sequence)"},
		{"ALTER TABLE changes DROP KEY changes_set", "unique key changes (change_set_id, position)"},
		{"ALTER TABLE apartments DROP FOREIGN KEY apartments_block", "foreign key apartments (block_id)"},
		{"ALTER TABLE memberships DROP FOREIGN KEY memberships_block", "foreign key memberships (block_id)"},
		{"ALTER TABLE memberships DROP FOREIGN KEY memberships_apartment", "foreign key memberships (apartment_id)"},
		{"ALTER TABLE changes ENGINE = MyISAM", "InnoDB table changes"},
	}
	check := func(t *testing.T, newAddress func() string, all []damage) {
		for _, d := range all {
			address := newAddress()
			store := withBlock(t, address)
			if err := store.Ping(t.Context()); err != nil {
				t.Fatalf("before %s: %v", d.statement, err)
			}
			execute(t, tables.Open(t, address), d.statement)
			if err := store.Ping(t.Context()); !errors.Is(err, sqlstore.ErrUnfit) || !strings.HasSuffix(err.Error(), "lacks "+d.lacks) {
				t.Errorf("%s: %v, want it to lack %s", d.statement, err, d.lacks)
			}
			if _, err := store.Migrate(t.Context()); !errors.Is(err, sqlstore.ErrUnfit) {
				t.Errorf("%s: migrate: %v", d.statement, err)
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) { check(t, func() string { return sqliteURL(t) }, sqlite) })
	onEveryServer(t, func(t *testing.T, engine *databases.Engine) {
		check(t, func() string { return engine.NewDatabase(t) }, mysql)
	})
}
