package application

import (
	"cmp"
	"fmt"
	"slices"

	"omarty.net/registry/domain"
)

// importPlan gathers what an import changes and what is wrong with it.
type importPlan struct {
	register Register
	changes  Changes
	faults   Faults

	// These are what is kept, and then what the import makes of it.
	blocks      map[domain.BlockID]domain.Block
	apartments  map[domain.ApartmentID]KeptApartment
	memberships map[domain.MembershipKey]domain.Membership
	// refused are the apartments that stay as they are kept, whatever their rows say.
	refused map[domain.ApartmentID]bool
}

// planImport compares a register with what is kept. It has no effect.
func planImport(register Register, kept Kept) (Changes, Faults) {
	p := importPlan{
		register:    register,
		blocks:      byKey(kept.Blocks, domain.Block.ID),
		apartments:  byKey(kept.Apartments, func(a KeptApartment) domain.ApartmentID { return a.Apartment.ID() }),
		memberships: byKey(kept.Memberships, domain.Membership.Key),
		refused:     map[domain.ApartmentID]bool{},
	}
	p.planBlocks()
	ofBlocks := len(p.faults)
	p.planApartments()
	p.checkNumbers()
	slices.SortStableFunc(p.faults[ofBlocks:], func(a, b Fault) int { return cmp.Compare(a.Row.Index, b.Row.Index) })
	p.planMemberships()
	return p.changes, p.faults
}

func byKey[K comparable, V any](values []V, key func(V) K) map[K]V {
	m := make(map[K]V, len(values))
	for _, v := range values {
		m[key(v)] = v
	}
	return m
}

// fault notes what is wrong with a row: a fault that lacks its text alone.
func (p *importPlan) fault(f Fault, format string, args ...any) {
	f.Text = fmt.Sprintf(format, args...)
	p.faults = append(p.faults, f)
}

func (p *importPlan) planBlocks() {
	rows := map[domain.BlockID]RowRef{}
	for i, block := range p.register.Blocks {
		row, id := RowRef{SectionBlocks, i}, block.ID()
		if first, twice := rows[id]; twice {
			p.fault(Fault{Row: row, Other: first}, "block %d stands in %s already: keep one of them", id, OtherRow)
			continue
		}
		rows[id] = row
		was, exists := p.blocks[id]
		switch {
		case !exists:
			p.changes.NewBlocks = append(p.changes.NewBlocks, block)
		case was != block:
			p.changes.ChangedBlocks = append(p.changes.ChangedBlocks, block)
		}
		p.blocks[id] = block
	}
}

func (p *importPlan) planApartments() {
	rows := map[domain.ApartmentID]RowRef{}
	for i, apartment := range p.register.Apartments {
		row, id, block := RowRef{SectionApartments, i}, apartment.ID(), apartment.Block()
		if first, twice := rows[id]; twice {
			p.fault(Fault{Row: row, Other: first}, "apartment %d stands in %s already: keep one of them", id, OtherRow)
			continue
		}
		rows[id] = row
		was, exists := p.apartments[id]
		_, blockExists := p.blocks[block]
		switch {
		case !exists && id > MaxImportedApartmentID:
			p.fault(Fault{Row: row}, "apartment %d: its id is above %d, which leaves no room to number new apartments", id, MaxImportedApartmentID)
		case exists && !was.Imported && !same(was.Apartment, apartment):
			p.fault(Fault{Row: row}, "apartment %d was %s through the service as %s: an import does not overwrite it", id, byUser(was.Apartment), place(was.Apartment))
			p.refused[id] = true
		case exists && was.Apartment.Block() != block:
			p.fault(Fault{Row: row}, "apartment %d is in block %d: it cannot move to block %d", id, was.Apartment.Block(), block)
			p.refused[id] = true
		case !blockExists:
			p.fault(Fault{Row: row, Missing: blockEntry(block)}, "apartment %d: block %d does not exist: add it to blocks", id, block)
		case !exists:
			p.changes.NewApartments = append(p.changes.NewApartments, apartment)
		case !same(was.Apartment, apartment):
			p.changes.ChangedApartments = append(p.changes.ChangedApartments, ApartmentChange{was.Apartment, apartment.State()})
		}
		if !p.refused[id] {
			p.apartments[id] = KeptApartment{Apartment: apartment}
		}
	}
}

// checkNumbers finds numbers that would be in a block twice once all is written.
func (p *importPlan) checkNumbers() {
	type address struct {
		block  domain.BlockID
		number domain.Number
	}
	type holder struct {
		id  domain.ApartmentID
		row RowRef // the zero one where it has none
	}
	planned := map[domain.ApartmentID]bool{}
	for _, apartment := range p.register.Apartments {
		planned[apartment.ID()] = !p.refused[apartment.ID()]
	}
	holders := map[address]holder{}
	for id, kept := range p.apartments {
		if !planned[id] && kept.Apartment.Status() == domain.ApartmentRegistered {
			holders[address{kept.Apartment.Block(), kept.Apartment.Number()}] = holder{id: id}
		}
	}
	for i, apartment := range p.register.Apartments {
		row, id := RowRef{SectionApartments, i}, apartment.ID()
		if p.refused[id] || apartment.Status() != domain.ApartmentRegistered {
			continue
		}
		at := address{apartment.Block(), apartment.Number()}
		other, taken := holders[at]
		switch {
		case !taken:
			holders[at] = holder{id, row}
		case other.id == id: // the same row twice, which planApartments has reported
		case other.row != RowRef{}:
			p.fault(Fault{Row: row, Other: other.row}, "apartment %d: number %d of block %d is apartment %d in %s: a number is in a block once",
				id, at.number.Int(), at.block, other.id, OtherRow)
		default:
			p.fault(Fault{Row: row, Missing: apartmentEntry(other.id)}, "apartment %d: number %d of block %d is apartment %d already: a number is in a block once",
				id, at.number.Int(), at.block, other.id)
		}
	}
}

func (p *importPlan) planMemberships() {
	rows := map[domain.MembershipKey]RowRef{}
	for i, m := range p.register.Memberships {
		row := RowRef{SectionMemberships, i}
		if first, twice := rows[m.Key()]; twice {
			p.fault(Fault{Row: row, Other: first}, "the membership of user %d stands in %s already: keep one of them", m.User(), OtherRow)
			continue
		}
		rows[m.Key()] = row
		if !p.reaches(row, m) {
			continue
		}
		was, exists := p.memberships[m.Key()]
		switch {
		case !exists:
			p.changes.NewMemberships = append(p.changes.NewMemberships, m)
		case was != m:
			p.changes.ChangedMemberships = append(p.changes.ChangedMemberships, m)
		}
	}
}

// reaches reports whether there is the block and the apartment of a membership.
func (p *importPlan) reaches(row RowRef, m domain.Membership) bool {
	before := len(p.faults)
	if _, exists := p.blocks[m.Block()]; !exists {
		p.fault(Fault{Row: row, Missing: blockEntry(m.Block())}, "the membership of user %d: block %d does not exist: add it to blocks", m.User(), m.Block())
	}
	apartment, exists := p.apartments[m.Apartment()]
	switch {
	case m.Apartment() == 0:
	case !exists:
		p.fault(Fault{Row: row, Missing: apartmentEntry(m.Apartment())},
			"the membership of user %d: apartment %d does not exist: add it to apartments", m.User(), m.Apartment())
	case apartment.Apartment.Block() != m.Block():
		p.fault(Fault{Row: row}, "the membership of user %d in block %d is through apartment %d, which is in block %d",
			m.User(), m.Block(), m.Apartment(), apartment.Apartment.Block())
	}
	return len(p.faults) == before
}

func blockEntry(id domain.BlockID) Entry { return Entry{SectionBlocks, int64(id)} }

func apartmentEntry(id domain.ApartmentID) Entry { return Entry{SectionApartments, int64(id)} }

// same reports whether both are in the same block and state.
func same(a, b domain.Apartment) bool { return a.Block() == b.Block() && a.State() == b.State() }

// byUser says what a user last did to an apartment.
func byUser(a domain.Apartment) string {
	switch {
	case a.Status() == domain.ApartmentRetired:
		return "retired"
	case a.ChangedAt().Equal(a.RegisteredAt()):
		return "registered"
	default:
		return "changed"
	}
}

func place(a domain.Apartment) string {
	text := fmt.Sprintf("floor %d, number %d of block %d", a.Floor().Level(), a.Number().Int(), a.Block())
	if a.Status() == domain.ApartmentRetired {
		text += ", retired"
	}
	return text
}
