package sqlite

import (
	"database/sql"
	"math/bits"

	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// sized is a statement of several rows, prepared for 1, 2, 4 and so on up to maxRows of them.
type sized []*statement.Prepared

// maxRows are as many as a batch has.
const maxRows = 64

func prepareSized(pool *sql.DB, log statement.Log, begin, row, end string) (s sized) {
	for n := 1; n <= maxRows; n *= 2 {
		s = append(s, statement.Prepare(pool, begin+rows.List(row, n)+end, log))
	}
	return s
}

// parts calls do for the parts that n rows are written in, each with the statement for as many rows.
func (s sized) parts(n int, do func(s *statement.Prepared, from, to int) error) error {
	for from := 0; from < n; {
		size := min(bits.Len(uint(n-from)), len(s)) - 1 //nolint:gosec // it is above 0
		to := from + 1<<size
		if err := do(s[size], from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}
