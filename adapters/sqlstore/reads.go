package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// query runs a SELECT that sees what any server of a cluster has acknowledged, and calls scan for each row.
func (s *Store) query(ctx context.Context, scan func(*sql.Rows) error, text string, values ...any) error {
	return statement.Query(ctx, s.db.Readers(), s.log, scan, s.db.Engine().Current+text, values...)
}

// queryPrepared is query for a text that is one of few.
func (s *Store) queryPrepared(ctx context.Context, scan func(*sql.Rows) error, text string, values ...any) error {
	kept, ok := s.prepared.Load(text)
	if !ok {
		kept, _ = s.prepared.LoadOrStore(text, statement.Prepare(s.db.Readers(), s.db.Engine().Current+text, s.log))
	}
	return kept.(*statement.Prepared).Query(ctx, scan, values...)
}

// useIndex has a SELECT read a table by an index, whatever the engine expects to be faster.
func (s *Store) useIndex(name string) string { return fmt.Sprintf(s.db.Engine().UseIndex, name) }

// values are ids as a driver takes them.
func values[ID ~int64](ids []ID) []any {
	all := make([]any, len(ids))
	for i, id := range ids {
		all[i] = int64(id)
	}
	return all
}
