package mysql

import (
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
)

// The key of a duplicate stands in the message, to which proxies add. Nothing else of it goes on.
func TestDuplicateKeyOfAMessage(t *testing.T) {
	var told Errors
	const entry = "Duplicate entry '4-7' for key "
	for message, want := range map[string]struct {
		key  cause.Key
		text string
	}{
		entry + "'apartments_number'":                                {cause.KeyNumber, "duplicate of the key apartments_number"},
		entry + "'apartments.apartments_number'":                     {cause.KeyNumber, "duplicate of the key apartments_number"},
		entry + "'changes.changes_set'":                              {cause.KeyChangeSet, "duplicate of the key changes_set"},
		entry + "'apartments.PRIMARY'":                               {cause.KeyID, "duplicate of the key PRIMARY"},
		entry + "'apartments_number' (errno 1062): 'INSERT 4711'":    {cause.KeyNumber, "duplicate of the key apartments_number"},
		entry + "'apartments.apartments_number', Sql: \"x '4711' \"": {cause.KeyNumber, "duplicate of the key apartments_number"},
		entry + "'secret4711'":                                       {cause.KeyOther, "MySQL error 1062 (23000)"},
		"4711":                                                       {cause.KeyOther, "MySQL error 1062 (23000)"},
	} {
		err := &mysql.MySQLError{Number: 1062, SQLState: [5]byte([]byte("23000")), Message: message}
		if got := told.ViolatedKey(err); got != want.key {
			t.Errorf("%s: key %d, want %d", message, got, want.key)
		}
		if got := told.WithoutValues(err).Error(); !strings.HasSuffix(got, want.text) || strings.Contains(got, "4711") || strings.Contains(got, "4-7") {
			t.Errorf("%s is told as %s", message, got)
		}
	}
}
