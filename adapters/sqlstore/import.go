package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// importChunk is how many rows one statement reads or writes.
const importChunk = 500

// importPatience is how long an import is tried again that registrations get in the way of: on a cluster, those of other
// servers abort it, or it meets what they wrote.
const importPatience = time.Minute

// UpdateRegister implements application.Importer. It holds the rows of the scope's blocks, which writes in them wait for. On a
// cluster with several writers, where locks are each server's own, it holds them no longer than it writes in them, and looks
// whether what it changes is as it was read.
func (s *Store) UpdateRegister(ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), progress func(int)) error {
	err := s.retryFor(ctx, importPatience, func() error {
		err := s.gorm.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			kept, err := keptWithin(tx, scope, s.db.Engine().BlockLock)
			if err != nil {
				return err
			}
			changes, err := plan(kept)
			if err != nil {
				return planError{err}
			}
			return (&importWriter{tx: tx, changes: changes, progress: progress}).write()
		}, &sql.TxOptions{Isolation: s.db.Engine().Snapshot})
		if s.db.ViolatedKey(err) != cause.KeyNone {
			return cause.Vanished(err) // a registration came in between: what is kept has changed
		}
		return cmp.Or(err, s.db.Verify())
	})
	if refused, ok := err.(planError); ok {
		return refused.err
	}
	if err != nil {
		return fmt.Errorf("update the register: %w", s.refusal(err))
	}
	return nil
}

// planError carries the plan's own error past what is done about the database's.
type planError struct{ err error }

func (e planError) Error() string { return e.err.Error() }

// noLock reads without keeping anybody out.
const noLock = ""

func keptWithin(tx *gorm.DB, scope application.Scope, blockLock string) (kept application.Kept, err error) {
	// The lock on the blocks comes first and keeps others from writing in them.
	// The session keeps the conditions of one chunk from adding to those of the next.
	locked := tx
	if blockLock != noLock {
		locked = tx.Clauses(clause.Locking{Strength: blockLock}).Session(&gorm.Session{})
	}
	kept.Blocks, err = readIn(locked, "id", scope.Blocks, blockRow.block)
	if err != nil {
		return kept, err
	}
	seen := map[domain.ApartmentID]bool{}
	add := func(a application.KeptApartment) {
		if !seen[a.Apartment.ID()] {
			seen[a.Apartment.ID()] = true
			kept.Apartments = append(kept.Apartments, a)
		}
	}
	if err := readKept(tx, "a.block_id", scope.Blocks, add); err != nil {
		return kept, err
	}
	if err := readKept(tx, "a.id", scope.Apartments, add); err != nil {
		return kept, err
	}
	kept.Memberships, err = readIn(tx, "block_id", scope.Blocks, membershipRow.membership)
	return kept, err
}

// readKept reads the apartments whose column is one of the ids, and whether their last change was an import.
func readKept[ID ~int64](tx *gorm.DB, column string, ids []ID, add func(application.KeptApartment)) error {
	const text = "SELECT a.id, a.block_id, a.floor, a.number, a.live, a.registered_by, a.registered_at, a.changed_at, a.version, " +
		"COALESCE(c.kind = 'import', FALSE) FROM apartments AS a LEFT JOIN changes AS c ON c.block_id = a.block_id AND c.sequence = a.version WHERE "
	for chunk := range slices.Chunk(ids, importChunk) {
		found, err := tx.Raw(text+column+" IN ?", chunk).Rows()
		if err != nil {
			return err
		}
		err = statement.ScanEach(found, func(r *sql.Rows) error {
			var row rows.Apartment
			var imported bool
			if err := row.Scan(r, &imported); err != nil {
				return err
			}
			a, err := row.Apartment()
			add(application.KeptApartment{Apartment: a, Imported: imported})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readIn reads the rows whose column is one of the ids.
func readIn[Row, Value any, ID ~int64](tx *gorm.DB, column string, ids []ID, value func(Row) (Value, error)) ([]Value, error) {
	var values []Value
	for chunk := range slices.Chunk(ids, importChunk) {
		var rows []Row
		if err := tx.Where(column+" IN ?", chunk).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			v, err := value(row)
			if err != nil {
				return nil, cause.Fixed(fmt.Errorf("a row as kept: %w", err))
			}
			values = append(values, v)
		}
	}
	return values, nil
}
