package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// BlocksByID implements application.Blocks. Each block is a row, and a seek to either end of the index by floor.
func (s *Store) BlocksByID(ctx context.Context, ids []domain.BlockID) (found []application.BlockSummary, err error) {
	if err := s.db.Usable(); err != nil || len(ids) == 0 {
		return nil, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	err = s.retry(ctx, func() error {
		found = make([]application.BlockSummary, 0, len(ids))
		add := func(r *sql.Rows) error {
			b, err := scanSummary(r)
			found = append(found, b)
			return err
		}
		switch n := len(ids); {
		case n == 1:
			return s.queryPrepared(ctx, add, s.selectBlocks(n), values(ids)...)
		case n <= readChunk:
			return s.query(ctx, add, s.selectBlocks(n), values(ids)...)
		}
		return s.readSnapshot(ctx, func(q dialect.Querier) error {
			for chunk := range slices.Chunk(ids, readChunk) {
				if err := q.Query(add, s.selectBlocks(len(chunk)), values(chunk)...); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read blocks: %w", s.refusal(err))
	}
	return found, nil
}

func (s *Store) selectBlocks(n int) string {
	// By all columns of the index: MySQL would sort the block's floors, since block_id is not one value in the whole statement.
	outermost := func(direction string) string {
		return "(SELECT floor FROM apartments" + s.useIndex(indexByFloor) + " WHERE block_id = b.id AND live = 1 " +
			"ORDER BY block_id" + direction + ", live" + direction + ", floor" + direction + " LIMIT 1)"
	}
	return "SELECT b.id, b.name, b.status, b.version, b.registered, b.retired, " + outermost("") + ", " + outermost(" DESC") +
		" FROM blocks AS b WHERE b.id IN (" + rows.List("?", n) + ") ORDER BY b.id"
}

func scanSummary(r *sql.Rows) (application.BlockSummary, error) {
	var row blockRow
	var version int64
	var lowest, highest *int
	var s application.BlockSummary
	if err := r.Scan(&row.ID, &row.Name, &row.Status, &version, &s.Registered, &s.Retired, &lowest, &highest); err != nil {
		return s, err
	}
	var err error
	if s.Block, err = row.block(); err != nil {
		return s, cause.Fixed(fmt.Errorf("a block as kept: %w", err))
	}
	s.Version, s.Lowest, s.Highest = domain.Sequence(version), floorAt(lowest), floorAt(highest)
	return s, nil
}

// floorAt returns a floor that the store keeps, the zero Floor for none.
func floorAt(level *int) domain.Floor {
	if level == nil {
		return domain.Floor{}
	}
	state, _ := domain.RestoreState(*level, 0, domain.ApartmentRegistered) // a status that is known
	return state.Floor()
}
