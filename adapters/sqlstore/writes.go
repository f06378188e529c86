package sqlstore

import (
	"cmp"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/domain"
)

// keptAs names an apartment within a batch. New ones have ids below zero, which another block may have too.
type keptAs struct {
	block domain.BlockID
	id    domain.ApartmentID
}

// writes are what a batch changes.
type writes struct {
	// apartments are as the batch leaves them, in the order in which they first changed.
	apartments []domain.Apartment
	at         map[keptAs]int
	entries    []domain.LedgerEntry
}

// add gathers what a set has changed.
func (w *writes) add(set domain.ChangeSet, applied domain.Applied) {
	if w.at == nil {
		w.at = map[keptAs]int{}
	}
	for _, c := range applied.Changes {
		if c.Outcome != domain.Done {
			continue
		}
		key := keptAs{set.Block(), c.Apartment.ID()}
		if i, known := w.at[key]; known {
			w.apartments[i] = c.Apartment
			continue
		}
		w.at[key] = len(w.apartments)
		w.apartments = append(w.apartments, c.Apartment)
	}
	w.entries = append(w.entries, applied.Entries(set)...)
}

const (
	updateApartment = "UPDATE apartments SET floor = ?, number = ?, live = ?, changed_at = ?, version = ? WHERE id = ?"
	// freeNumber frees an apartment's number while others of the batch take theirs: two may change places.
	freeNumber  = "UPDATE apartments SET live = NULL WHERE id = ?"
	updateBlock = "UPDATE blocks SET version = version + ?, registered = registered + ?, retired = retired + ? WHERE id = ?"
)

// write writes all of it, and returns the ids of the apartments that are new. Before is what was kept.
func (w *writes) write(tx dialect.Tx, before map[domain.ApartmentID]domain.Apartment) (map[keptAs]domain.ApartmentID, error) {
	counts := map[domain.BlockID]*blockCounts{}
	var added []rows.Apartment
	var changed []domain.Apartment
	for _, a := range w.apartments {
		of := counts[a.Block()]
		if of == nil {
			of = &blockCounts{}
			counts[a.Block()] = of
		}
		of.count(a.State(), 1)
		if a.ID() < 0 {
			added = append(added, rows.OfApartment(a))
			continue
		}
		of.count(before[a.ID()].State(), -1)
		changed = append(changed, a)
	}
	for _, e := range w.entries {
		counts[e.Block].changes++
	}
	blocks := make([]domain.BlockID, 0, len(counts))
	for id := range counts {
		blocks = append(blocks, id)
	}
	slices.Sort(blocks)
	for _, id := range blocks {
		of := counts[id]
		if err := tx.Exec(updateBlock, of.changes, of.registered, of.retired, int64(id)); err != nil {
			return nil, err
		}
	}
	if err := w.update(tx, changed, before); err != nil {
		return nil, err
	}
	keys := make([]keptAs, len(added))
	for i, a := range added {
		keys[i] = keptAs{domain.BlockID(a.BlockID), domain.ApartmentID(a.ID)}
	}
	if err := tx.InsertApartments(added); err != nil {
		return nil, err
	}
	ids := make(map[keptAs]domain.ApartmentID, len(added))
	for i, a := range added {
		ids[keys[i]] = domain.ApartmentID(a.ID)
	}
	entries := make([]rows.Entry, len(w.entries))
	for i, e := range w.entries {
		if e.Apartment < 0 {
			e.Apartment = ids[keptAs{e.Block, e.Apartment}]
		}
		entries[i] = rows.OfEntry(e)
	}
	return ids, tx.InsertEntries(entries)
}

// update writes apartments that were there before.
func (w *writes) update(tx dialect.Tx, changed []domain.Apartment, before map[domain.ApartmentID]domain.Apartment) error {
	// By id, so that transactions of several servers take their locks in the same order.
	slices.SortFunc(changed, func(a, b domain.Apartment) int { return cmp.Compare(a.ID(), b.ID()) })
	if len(changed) > 1 {
		for _, a := range changed {
			was := before[a.ID()].State()
			if was.Status() != domain.ApartmentRegistered || was.Number() == a.Number() && a.Status() == domain.ApartmentRegistered {
				continue
			}
			if err := tx.Exec(freeNumber, int64(a.ID())); err != nil {
				return err
			}
		}
	}
	for _, a := range changed {
		row := rows.OfApartment(a)
		if err := tx.Exec(updateApartment, row.Floor, row.Number, row.Live, row.ChangedAt, row.Version, row.ID); err != nil {
			return err
		}
	}
	return nil
}

// blockCounts is by how much the columns of a block change.
type blockCounts struct{ changes, registered, retired int }

func (c *blockCounts) count(s domain.State, n int) {
	switch s.Status() {
	case domain.ApartmentRegistered:
		c.registered += n
	case domain.ApartmentRetired:
		c.retired += n
	}
}
