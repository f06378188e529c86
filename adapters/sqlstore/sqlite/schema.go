package sqlite

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
)

// Schema implements dialect.Source.
func (File) Schema() dialect.Schema {
	return dialect.Schema{
		Dialect:      goose.DialectSQLite3,
		Folder:       "sqlite",
		FindVersions: "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = '" + goose.DefaultTablename + "'",
		SelectKeys:   selectKeys,
	}
}

const selectKeys = `SELECT 'unique key ' || t.name || ' (' || (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)) || ')'
	FROM sqlite_schema AS t, pragma_index_list(t.name) AS i WHERE t.type = 'table' AND i."unique" AND NOT i.partial
	UNION ALL SELECT 'foreign key ' || t.name || ' (' || f."from" || ')'
	FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'`

// ConnectToMigrate implements dialect.Source.
func (f File) ConnectToMigrate(_ context.Context, readOnly bool) (*sql.DB, []goose.ProviderOption, error) {
	settings := []string{"_txlock=immediate"}
	if readOnly {
		if err := f.exists(); err != nil {
			return nil, nil, err
		}
		settings, _ = f.toLook()
	}
	pool, err := openPool(f.dsn(settings...), 2, f.files) // goose's own, and that of a migration in Go
	return pool, nil, err
}
