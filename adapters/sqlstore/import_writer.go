package sqlstore

import (
	"cmp"
	"errors"
	"slices"

	"gorm.io/gorm"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// importWriter writes changes and tells how far it is.
type importWriter struct {
	tx       *gorm.DB
	changes  application.Changes
	progress func(int)
	written  int
}

// write writes the rows that raise no version first: on a cluster, writes of other servers in the same block abort an import from
// then on.
func (w *importWriter) write() error {
	c := w.changes
	for _, step := range []func() error{
		func() error {
			return insert(w, c.NewBlocks, func(b domain.Block) blockRow {
				return blockRow{ID: int64(b.ID()), Name: b.Name(), Status: string(b.Status())}
			})
		},
		func() error { return update(w, c.ChangedBlocks, w.updateBlock) },
		func() error { return update(w, c.ChangedMemberships, w.updateMembership) },
		w.writeApartments,
		func() error { return insert(w, c.NewMemberships, rowOfMembership) },
	} {
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

func rowOfMembership(m domain.Membership) membershipRow {
	return membershipRow{
		UserID: int64(m.User()), BlockID: int64(m.Block()), ApartmentID: rows.Nullable(int64(m.Apartment())),
		Role: string(m.Role()), Status: string(m.Status()),
	}
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

// importedApartment is an apartment as an import leaves it.
type importedApartment struct {
	domain.Apartment
	before   application.ApartmentChange // the zero one where it is new
	sequence int64
	position int
}

func (a importedApartment) isNew() bool { return a.before.Apartment.ID() == 0 }

// writeApartments writes apartments and the ledger's entries of them.
func (w *importWriter) writeApartments() error {
	var all []importedApartment
	for _, a := range w.changes.NewApartments {
		all = append(all, importedApartment{Apartment: a})
	}
	for _, c := range w.changes.ChangedApartments {
		all = append(all, importedApartment{Apartment: c.Apartment.WithState(c.After), before: c})
	}
	slices.SortFunc(all, func(a, b importedApartment) int {
		return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.ID(), b.ID()))
	})
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n].Block() == all[i].Block() {
			n++
		}
		if err := w.raiseVersion(all[i : i+n]); err != nil {
			return err
		}
		i += n
	}
	for chunk := range slices.Chunk(w.changes.ChangedApartments, importChunk) {
		if err := w.freeNumbers(chunk); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(all, importChunk/2) {
		if err := w.writeChunk(chunk); err != nil {
			return err
		}
	}
	return nil
}

// raiseVersion counts changed apartments of one block, and gives each its sequence.
func (w *importWriter) raiseVersion(all []importedApartment) error {
	var counts blockCounts
	block := int64(all[0].Block())
	for _, a := range all {
		counts.count(a.State(), 1)
		counts.count(a.before.Apartment.State(), -1)
	}
	if err := w.tx.Exec(updateBlock, len(all), counts.registered, counts.retired, block).Error; err != nil {
		return err
	}
	var version int64
	if err := w.tx.Raw("SELECT version FROM blocks WHERE id = ?", block).Scan(&version).Error; err != nil {
		return err
	}
	for i := range all {
		all[i].position, all[i].sequence = i, version-int64(len(all)-1-i)
	}
	return nil
}

// freeNumbers frees the numbers of apartments that change, so that two of them may change places.
func (w *importWriter) freeNumbers(changed []application.ApartmentChange) error {
	ids := make([]int64, len(changed))
	for i, c := range changed {
		ids[i] = int64(c.Apartment.ID())
	}
	return w.tx.Exec("UPDATE apartments SET live = NULL WHERE id IN ?", ids).Error
}

func (w *importWriter) writeChunk(chunk []importedApartment) error {
	var added, entries []any
	at := rows.Timestamp{Time: w.changes.At}
	for _, a := range chunk {
		row := rows.OfApartment(a.Apartment)
		set := w.changes.ChangeSets[a.Block()]
		e := rows.OfEntry(domain.LedgerEntry{
			Block: a.Block(), Sequence: domain.Sequence(a.sequence), ChangeSet: set, Position: a.position, Kind: domain.ChangeImport,
			Apartment: a.ID(), Before: a.before.Apartment.State(), After: a.State(), Origin: domain.Origin{At: w.changes.At, Source: domain.SourceImport},
		})
		entries = append(entries, e.Values()...)
		if a.isNew() {
			added = append(added, row.ID, row.BlockID, row.Floor, row.Number, row.Live, at, a.sequence)
			continue
		}
		done := w.tx.Exec("UPDATE apartments SET floor = ?, number = ?, live = ?, changed_at = ?, version = ? WHERE id = ? AND version = ?",
			row.Floor, row.Number, row.Live, at, a.sequence, row.ID, row.Version)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return cause.Vanished(errors.New("an apartment has changed since it was read"))
		}
	}
	if n := len(added) / 7; n > 0 {
		const insert = "INSERT INTO apartments (id, block_id, floor, number, live, registered_at, version) VALUES "
		if err := w.tx.Exec(insert+rows.List("(?, ?, ?, ?, ?, ?, ?)", n), added...).Error; err != nil {
			return err
		}
	}
	if err := w.tx.Exec(rows.InsertEntries+rows.List(rows.EntryValues, len(chunk)), entries...).Error; err != nil {
		return err
	}
	w.wrote(len(chunk))
	return nil
}
