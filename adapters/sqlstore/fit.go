package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnfit says that the database lacks a key that the store relies on, or is set up so that its keys do not hold.
var ErrUnfit = errors.New("the database is not as the register needs it")

// keysOfAll are the keys that every database has, as selectSQLiteKeys and selectMySQLKeys read them. No number is in a block
// twice because of them, and none is of a block that is not there.
var keysOfAll = []string{
	"unique key apartments (registration_id)",
	"unique key apartments (block_id, number)",
	"unique key logs (registration_id)",
	"foreign key apartments (block_id)",
	"foreign key memberships (block_id)",
	"foreign key memberships (apartment_id)",
}

// mysqlTables are the tables that have to be InnoDB's, whose transactions the store relies on.
var mysqlTables = []string{"InnoDB table apartments", "InnoDB table blocks", "InnoDB table logs", "InnoDB table memberships"}

const (
	selectSQLiteKeys = `SELECT 'unique key ' || t.name || ' (' || (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)) || ')'
		FROM sqlite_schema AS t, pragma_index_list(t.name) AS i WHERE t.type = 'table' AND i."unique" AND NOT i.partial
		UNION ALL SELECT 'foreign key ' || t.name || ' (' || f."from" || ')'
		FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'`
	selectMySQLKeys = `SELECT CONCAT('unique key ', table_name, ' (', GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', '), ')')
		FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0 GROUP BY table_name, index_name
		UNION ALL SELECT CONCAT('foreign key ', table_name, ' (', column_name, ')')
		FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
		UNION ALL SELECT CONCAT(engine, ' table ', table_name) FROM information_schema.tables WHERE table_schema = DATABASE()`
)

// checkFit returns ErrUnfit, with what is wrong, or domain.StoreUnavailable.
func (s *Store) checkFit(ctx context.Context) error {
	var missing, wrong []string
	err := s.retry(ctx, func() (err error) {
		if missing, err = s.missingKeys(ctx); err == nil {
			wrong, err = s.source.wrongSettings(ctx, s.writers)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("check the database: %w", refusal(err))
	}
	if lacks := append(missing, wrong...); len(lacks) > 0 {
		return fmt.Errorf("%w: it lacks %s", ErrUnfit, strings.Join(lacks, "; "))
	}
	return nil
}

func (s *Store) missingKeys(ctx context.Context) ([]string, error) {
	rows, err := s.readers.QueryContext(ctx, s.source.schema().selectKeys)
	if err != nil {
		return nil, err
	}
	missing := slices.Clone(s.source.schema().keys)
	err = scanEach(rows, func(rows *sql.Rows) error {
		var found string
		err := rows.Scan(&found)
		missing = slices.DeleteFunc(missing, func(key string) bool { return key == found })
		return err
	})
	return missing, err
}

// wrongSettings implements source: a file has none but those of its connections.
func (sqliteFile) wrongSettings(context.Context, *sql.DB) ([]string, error) { return nil, nil }

// neededSettings are what a session has to have: a proxy may drop what was set, and an operator change a server.
var neededSettings = map[string]string{
	"tx_isolation":          "READ-COMMITTED",
	"transaction_isolation": "READ-COMMITTED",
	"foreign_key_checks":    "ON",
	"unique_checks":         "ON",
}

// wrongSettings implements source. Its error is errReadOnly where the server takes no writes.
func (mysqlServer) wrongSettings(ctx context.Context, pool *sql.DB) (wrong []string, err error) {
	if _, err := pool.ExecContext(ctx, provesWrites+"; "+undoing); err != nil {
		return nil, err
	}
	variables, err := readVariables(ctx, pool)
	for name, value := range variables {
		if needed, ok := neededSettings[name]; ok && needed != value {
			wrong = append(wrong, fmt.Sprintf("%s = %s (it is %s)", name, needed, value))
		}
	}
	if variables["log_bin"] == "ON" && variables["binlog_format"] == "STATEMENT" { // it refuses writes at this level (error 1665)
		wrong = append(wrong, "binlog_format = ROW or MIXED (it is STATEMENT)")
	}
	slices.Sort(wrong)
	return wrong, err
}
