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
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// importChunk is how many rows one statement reads or writes.
const importChunk = 500

// importPatience is how long an import is tried again that registrations get in the way of: on a cluster, those of other
// servers abort it, or it meets what they wrote.
const importPatience = time.Minute

// UpdateRegister implements application.Importer. On MySQL it holds the rows of the scope's blocks, which registrations in
// them wait for; on a cluster with several writers they do not.
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
	// The lock on the blocks comes first and keeps registrations in them out, by their foreign key.
	// The session keeps the conditions of one chunk from adding to those of the next.
	locked := tx
	if blockLock != noLock {
		locked = tx.Clauses(clause.Locking{Strength: blockLock}).Session(&gorm.Session{})
	}
	kept.Blocks, err = readIn(locked, "id", scope.Blocks, blockRow.block)
	if err != nil {
		return kept, err
	}
	inBlocks, err := readIn(tx, "block_id", scope.Blocks, apartmentRow.kept)
	if err != nil {
		return kept, err
	}
	named, err := readIn(tx, "id", scope.Apartments, apartmentRow.kept)
	if err != nil {
		return kept, err
	}
	seen := make(map[domain.ApartmentID]bool, len(inBlocks))
	for _, a := range slices.Concat(inBlocks, named) {
		if !seen[a.Apartment.ID()] {
			seen[a.Apartment.ID()] = true
			kept.Apartments = append(kept.Apartments, a)
		}
	}
	kept.Memberships, err = readIn(tx, "block_id", scope.Blocks, membershipRow.membership)
	return kept, err
}

func (r apartmentRow) kept() (application.KeptApartment, error) {
	apartment, err := r.apartment()
	return application.KeptApartment{Apartment: apartment, Registered: r.RegistrationID != nil}, err
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

// importWriter writes changes and tells how far it is.
type importWriter struct {
	tx       *gorm.DB
	changes  application.Changes
	progress func(int)
	written  int
}

func (w *importWriter) write() error {
	c := w.changes
	steps := []func() error{
		func() error {
			return insert(w, c.NewBlocks, func(b domain.Block) blockRow {
				return blockRow{ID: int64(b.ID()), Name: b.Name(), Status: string(b.Status())}
			})
		},
		func() error { return update(w, c.ChangedBlocks, w.updateBlock) },
		func() error { return w.freeNumbers(c.ChangedApartments) },
		func() error { return update(w, c.ChangedApartments, w.updateApartment) },
		func() error {
			return insert(w, c.NewApartments, func(a domain.Apartment) importedApartmentRow {
				return importedApartmentRow{
					ID: int64(a.ID()), BlockID: int64(a.Block()), Floor: a.Floor().Level(), Number: a.Number().Int(),
					RegisteredAt: timestamp{c.At},
				}
			})
		},
		func() error {
			return insert(w, c.NewMemberships, func(m domain.Membership) membershipRow {
				return membershipRow{
					UserID: int64(m.User()), BlockID: int64(m.Block()), ApartmentID: nullable(int64(m.Apartment())),
					Role: string(m.Role()), Status: string(m.Status()),
				}
			})
		},
		func() error { return update(w, c.ChangedMemberships, w.updateMembership) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *importWriter) wrote(rows int) {
	w.written += rows
	if w.progress != nil {
		w.progress(w.written)
	}
}

func insert[Value, Row any](w *importWriter, values []Value, row func(Value) Row) error {
	for chunk := range slices.Chunk(values, importChunk) {
		rows := make([]Row, len(chunk))
		for i, v := range chunk {
			rows[i] = row(v)
		}
		if err := w.tx.Create(&rows).Error; err != nil {
			return err
		}
		w.wrote(len(rows))
	}
	return nil
}

func update[Value any](w *importWriter, values []Value, write func(Value) error) error {
	for _, v := range values {
		if err := write(v); err != nil {
			return err
		}
		w.wrote(1)
	}
	return nil
}

func (w *importWriter) updateBlock(b domain.Block) error {
	return w.tx.Model(&blockRow{}).Where("id = ?", int64(b.ID())).
		Updates(map[string]any{"name": b.Name(), "status": string(b.Status())}).Error
}

// freeNumbers moves the numbers of apartments that change out of the way, so that two of them may change places.
func (w *importWriter) freeNumbers(changed []domain.Apartment) error {
	for chunk := range slices.Chunk(changed, importChunk) {
		ids := make([]int64, len(chunk))
		for i, a := range chunk {
			ids[i] = int64(a.ID())
		}
		err := w.tx.Model(&importedApartmentRow{}).Where("id IN ?", ids).Update("number", gorm.Expr("-number")).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *importWriter) updateApartment(a domain.Apartment) error {
	return w.tx.Model(&importedApartmentRow{}).Where("id = ?", int64(a.ID())).
		Updates(map[string]any{"floor": a.Floor().Level(), "number": a.Number().Int()}).Error
}

func (w *importWriter) updateMembership(m domain.Membership) error {
	query := w.tx.Model(&membershipRow{}).
		Where("user_id = ? AND block_id = ? AND role = ?", int64(m.User()), int64(m.Block()), string(m.Role()))
	if m.Apartment() == 0 {
		query = query.Where("apartment_id IS NULL")
	} else {
		query = query.Where("apartment_id = ?", int64(m.Apartment()))
	}
	return query.Update("status", string(m.Status())).Error
}
