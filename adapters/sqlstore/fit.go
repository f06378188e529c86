package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// ErrUnfit says that the database lacks a key that the store relies on, or is set up so that its keys do not hold.
var ErrUnfit = errors.New("the database is not as the register needs it")

// keysOfAll are the keys that every database has, as dialect.Schema reads them. No number is in a block
// twice because of them, and none is of a block that is not there.
var keysOfAll = []string{
	"unique key apartments (block_id, live, number)",
	"unique key changes (block_id, sequence)",
	"unique key changes (change_set_id, position)",
	"foreign key apartments (block_id)",
	"foreign key memberships (block_id)",
	"foreign key memberships (apartment_id)",
}

// checkFit returns ErrUnfit, with what is wrong, or domain.StoreUnavailable.
func (s *Store) checkFit(ctx context.Context) error {
	var missing, wrong []string
	err := s.retry(ctx, func() (err error) {
		if missing, err = s.missingKeys(ctx); err == nil {
			wrong, err = s.db.WrongSettings(ctx)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("check the database: %w", s.refusal(err))
	}
	if lacks := append(missing, wrong...); len(lacks) > 0 {
		return fmt.Errorf("%w: it lacks %s", ErrUnfit, strings.Join(lacks, "; "))
	}
	return nil
}

func (s *Store) missingKeys(ctx context.Context) ([]string, error) {
	rows, err := s.db.Readers().QueryContext(ctx, s.db.Schema().SelectKeys)
	if err != nil {
		return nil, err
	}
	missing := slices.Concat(s.db.Schema().Tables, keysOfAll)
	err = statement.ScanEach(rows, func(rows *sql.Rows) error {
		var found string
		err := rows.Scan(&found)
		missing = slices.DeleteFunc(missing, func(key string) bool { return key == found })
		return err
	})
	return missing, err
}
