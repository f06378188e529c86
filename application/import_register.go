package application

import (
	"context"
	"slices"

	"omarty.net/registry/domain"
)

// MaxImportedApartmentID is the highest id that an imported apartment may have. The ids above are left to the stores,
// which number new apartments upwards from the highest.
const MaxImportedApartmentID domain.ApartmentID = 1 << 62

// Register is what an import brings: rows that are known already, each list in any order.
type Register struct {
	Blocks []domain.Block
	// Apartments have the ids that they are to have in the register.
	Apartments  []domain.Apartment
	Memberships []domain.Membership
}

// Summary counts what an import did.
type Summary struct {
	Added, Changed, Unchanged int
}

// ImportRegister brings known blocks, apartments and memberships into the register. Use NewImportRegister.
type ImportRegister struct {
	importer Importer
	now      Clock
	newID    NewChangeSetID
}

// NewImportRegister returns the use case over its port.
func NewImportRegister(importer Importer, now Clock, newID NewChangeSetID) *ImportRegister {
	return &ImportRegister{importer: importer, now: now, newID: newID}
}

// Import adds the rows that the register lacks and updates those that it has: all or nothing, and again and again with
// the same result. A block or an apartment is known by its id, a membership by its user, block, apartment and role.
// Nothing is deleted, and nothing that a user has registered or changed is overwritten. Progress, if it is not nil, is called from time to time with the rows written so far and the rows
// to write.
//
// It returns Faults, which name every row that stands in the way, and domain.StoreUnavailable.
func (i *ImportRegister) Import(ctx context.Context, register Register, progress func(done, total int)) (Summary, error) {
	var changes Changes
	plan := func(kept Kept) (Changes, error) {
		var faults Faults
		changes, faults = planImport(register, kept)
		if len(faults) > 0 {
			return Changes{}, faults
		}
		changes.At = i.now().UTC().Truncate(domain.Precision)
		changes.ChangeSets = i.changeSets(changes)
		return changes, nil
	}
	written := func(rows int) {
		if progress != nil {
			progress(rows, changes.Len())
		}
	}
	if err := i.importer.UpdateRegister(ctx, scopeOf(register), plan, written); err != nil {
		return Summary{}, err
	}
	return summaryOf(register, changes), nil
}

// changeSets draws an id for each block that has new or changed apartments.
func (i *ImportRegister) changeSets(c Changes) map[domain.BlockID]domain.ChangeSetID {
	ids := map[domain.BlockID]domain.ChangeSetID{}
	draw := func(block domain.BlockID) {
		if _, drawn := ids[block]; !drawn {
			ids[block] = i.newID()
		}
	}
	for _, a := range c.NewApartments {
		draw(a.Block())
	}
	for _, a := range c.ChangedApartments {
		draw(a.Apartment.Block())
	}
	return ids
}

func summaryOf(register Register, changes Changes) Summary {
	added := len(changes.NewBlocks) + len(changes.NewApartments) + len(changes.NewMemberships)
	rows := len(register.Blocks) + len(register.Apartments) + len(register.Memberships)
	return Summary{Added: added, Changed: changes.Len() - added, Unchanged: rows - changes.Len()}
}

// scopeOf names every block and apartment that the register speaks of, each once, in order.
func scopeOf(r Register) Scope {
	var s Scope
	for _, block := range r.Blocks {
		s.Blocks = append(s.Blocks, block.ID())
	}
	for _, apartment := range r.Apartments {
		s.Blocks = append(s.Blocks, apartment.Block())
		s.Apartments = append(s.Apartments, apartment.ID())
	}
	for _, m := range r.Memberships {
		s.Blocks = append(s.Blocks, m.Block())
		if id := m.Apartment(); id != 0 {
			s.Apartments = append(s.Apartments, id)
		}
	}
	slices.Sort(s.Blocks)
	slices.Sort(s.Apartments)
	return Scope{Blocks: slices.Compact(s.Blocks), Apartments: slices.Compact(s.Apartments)}
}
