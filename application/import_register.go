package application

import (
	"context"
	"fmt"
	"slices"

	"omarty.net/registry/domain"
)

// MaxImportedApartmentID is the highest id that an imported apartment may have. The ids above are left to the stores,
// which number new apartments upwards from the highest.
const MaxImportedApartmentID domain.ApartmentID = 1 << 62

// Row is one row of a register file.
type Row[T any] struct {
	// Line is where it stands, from 1.
	Line  int
	Value T
}

// Register is the content of a register file.
type Register struct {
	Blocks []Row[domain.Block]
	// Apartments have the ids that the file gives them.
	Apartments  []Row[domain.Apartment]
	Memberships []Row[domain.Membership]
	// Faults are the rows that could not be read. A register with faults is never imported: they are reported together
	// with what is wrong among the other rows.
	Faults Faults
	// UnreadBlocks and UnreadApartments are what is known of the rows that could not be read.
	UnreadBlocks     Unread[domain.BlockID]
	UnreadApartments Unread[domain.ApartmentID]
}

// Unread is what is known of rows that could not be read, so that no other row is blamed for naming them.
type Unread[ID comparable] struct {
	// IDs are those of rows whose id could be read.
	IDs map[ID]bool
	// Others says that there are rows whose id could not be read: any of them may be the one that is named.
	Others bool
}

// Note takes a row down, by its id or, where that could not be read, 0.
func (u *Unread[ID]) Note(id ID) {
	var none ID
	if id == none {
		u.Others = true
		return
	}
	if u.IDs == nil {
		u.IDs = map[ID]bool{}
	}
	u.IDs[id] = true
}

// mayHave reports whether a row that could not be read may have an id.
func (u Unread[ID]) mayHave(id ID) bool { return u.Others || u.IDs[id] }

// Summary counts what an import did.
type Summary struct {
	Added, Changed, Unchanged int
}

// ImportRegister brings known blocks, apartments and memberships into the register. Use NewImportRegister.
type ImportRegister struct {
	importer Importer
	now      Clock
}

// NewImportRegister returns the use case over its port.
func NewImportRegister(importer Importer, now Clock) *ImportRegister {
	return &ImportRegister{importer: importer, now: now}
}

// Import adds the rows that the register lacks and updates those that it has: all or nothing, and again and again with
// the same result. A block or an apartment is known by its id, a membership by its user, block, apartment and role.
// Nothing is deleted. Progress, if it is not nil, is called from time to time with the rows written so far and the rows
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

func summaryOf(register Register, changes Changes) Summary {
	added := len(changes.NewBlocks) + len(changes.NewApartments) + len(changes.NewMemberships)
	rows := len(register.Blocks) + len(register.Apartments) + len(register.Memberships)
	return Summary{Added: added, Changed: changes.Len() - added, Unchanged: rows - changes.Len()}
}

// scopeOf names every block and apartment that the register speaks of, each once, in order.
func scopeOf(r Register) Scope {
	var s Scope
	for _, row := range r.Blocks {
		s.Blocks = append(s.Blocks, row.Value.ID())
	}
	for _, row := range r.Apartments {
		s.Blocks = append(s.Blocks, row.Value.Block())
		s.Apartments = append(s.Apartments, row.Value.ID())
	}
	for _, row := range r.Memberships {
		s.Blocks = append(s.Blocks, row.Value.Block())
		if id := row.Value.Apartment(); id != 0 {
			s.Apartments = append(s.Apartments, id)
		}
	}
	slices.Sort(s.Blocks)
	slices.Sort(s.Apartments)
	return Scope{Blocks: slices.Compact(s.Blocks), Apartments: slices.Compact(s.Apartments)}
}

// importPlan gathers what an import changes and what is wrong with it.
type importPlan struct {
	register Register
	changes  Changes
	faults   Faults

	blocks      map[domain.BlockID]domain.Block
	apartments  map[domain.ApartmentID]KeptApartment
	memberships map[domain.MembershipKey]domain.Membership
	// refused are the apartments that stay as they are kept, whatever the file says of them.
	refused map[domain.ApartmentID]bool
}

// planImport compares the register file with what is kept. It is pure.
func planImport(register Register, kept Kept) (Changes, Faults) {
	p := importPlan{
		register:    register,
		faults:      slices.Clone(register.Faults),
		blocks:      byKey(kept.Blocks, domain.Block.ID),
		apartments:  byKey(kept.Apartments, func(a KeptApartment) domain.ApartmentID { return a.Apartment.ID() }),
		memberships: byKey(kept.Memberships, domain.Membership.Key),
		refused:     map[domain.ApartmentID]bool{},
	}
	p.planBlocks()
	p.planApartments()
	p.checkNumbers()
	p.planMemberships()
	return p.changes, p.faults.sorted()
}

func byKey[K comparable, V any](values []V, key func(V) K) map[K]V {
	m := make(map[K]V, len(values))
	for _, v := range values {
		m[key(v)] = v
	}
	return m
}

func (p *importPlan) planBlocks() {
	lines := map[domain.BlockID]int{}
	for _, row := range p.register.Blocks {
		block := row.Value
		if first, twice := lines[block.ID()]; twice {
			p.faults.add(row.Line, "block %d stands in line %d already: keep one of them", block.ID(), first)
			continue
		}
		lines[block.ID()] = row.Line
		was, exists := p.blocks[block.ID()]
		switch {
		case !exists:
			p.changes.NewBlocks = append(p.changes.NewBlocks, block)
		case was != block:
			p.changes.ChangedBlocks = append(p.changes.ChangedBlocks, block)
		}
		p.blocks[block.ID()] = block
	}
}

func (p *importPlan) planApartments() {
	lines := map[domain.ApartmentID]int{}
	for _, row := range p.register.Apartments {
		apartment := row.Value
		id := apartment.ID()
		if first, twice := lines[id]; twice {
			p.faults.add(row.Line, "apartment %d stands in line %d already: keep one of them", id, first)
			continue
		}
		lines[id] = row.Line
		was, exists := p.apartments[id]
		switch {
		case !exists && id > MaxImportedApartmentID:
			p.faults.add(row.Line, "apartment %d: its id is above %d, which leaves no room to number new apartments", id, MaxImportedApartmentID)
		case !p.blockExists(apartment.Block()):
			p.faults.add(row.Line, "apartment %d: block %d does not exist: add it to blocks", id, apartment.Block())
		case !exists:
			p.changes.NewApartments = append(p.changes.NewApartments, apartment)
		case was.Apartment == apartment:
		case was.Registered:
			p.faults.add(row.Line, "apartment %d was registered through the service as %s: an import does not overwrite it", id, place(was.Apartment))
			p.refused[id] = true
		case was.Apartment.Block() != apartment.Block():
			p.faults.add(row.Line, "apartment %d is in block %d: it cannot move to block %d", id, was.Apartment.Block(), apartment.Block())
			p.refused[id] = true
		default:
			p.changes.ChangedApartments = append(p.changes.ChangedApartments, apartment)
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
	inFile := map[domain.ApartmentID]bool{}
	for _, row := range p.register.Apartments {
		inFile[row.Value.ID()] = !p.refused[row.Value.ID()]
	}
	type holder struct {
		id   domain.ApartmentID
		line int // 0 where it is not in the file
	}
	holders := map[address]holder{}
	for id, kept := range p.apartments {
		if !inFile[id] {
			holders[address{kept.Apartment.Block(), kept.Apartment.Number()}] = holder{id: id}
		}
	}
	for _, row := range p.register.Apartments {
		if p.refused[row.Value.ID()] {
			continue
		}
		at := address{row.Value.Block(), row.Value.Number()}
		other, taken := holders[at]
		switch {
		case !taken:
			holders[at] = holder{row.Value.ID(), row.Line}
		case other.id == row.Value.ID(): // the same row twice, which planApartments has reported
		case other.line != 0:
			p.faults.add(row.Line, "apartment %d: number %d of block %d is apartment %d in line %d: a number is in a block once", row.Value.ID(), at.number.Int(), at.block, other.id, other.line)
		case p.register.UnreadApartments.mayHave(other.id): // the other may change its number in a row that could not be read
		default:
			p.faults.add(row.Line, "apartment %d: number %d of block %d is apartment %d already: a number is in a block once", row.Value.ID(), at.number.Int(), at.block, other.id)
		}
	}
}

func (p *importPlan) planMemberships() {
	lines := map[domain.MembershipKey]int{}
	for _, row := range p.register.Memberships {
		m := row.Value
		if first, twice := lines[m.Key()]; twice {
			p.faults.add(row.Line, "the membership of user %d stands in line %d already: keep one of them", m.User(), first)
			continue
		}
		lines[m.Key()] = row.Line
		apartment, apartmentExists := p.apartments[m.Apartment()]
		was, exists := p.memberships[m.Key()]
		switch {
		case !p.blockExists(m.Block()):
			p.faults.add(row.Line, "the membership of user %d: block %d does not exist: add it to blocks", m.User(), m.Block())
		case m.Apartment() != 0 && !apartmentExists:
			if !p.register.UnreadApartments.mayHave(m.Apartment()) {
				p.faults.add(row.Line, "the membership of user %d: apartment %d does not exist: add it to apartments", m.User(), m.Apartment())
			}
		case m.Apartment() != 0 && apartment.Apartment.Block() != m.Block():
			p.faults.add(row.Line, "the membership of user %d in block %d is through apartment %d, which is in block %d", m.User(), m.Block(), m.Apartment(), apartment.Apartment.Block())
		case !exists:
			p.changes.NewMemberships = append(p.changes.NewMemberships, m)
		case was != m:
			p.changes.ChangedMemberships = append(p.changes.ChangedMemberships, m)
		}
	}
}

// blockExists reports whether the block is kept or in the file, be it in a row that could not be read.
func (p *importPlan) blockExists(id domain.BlockID) bool {
	_, ok := p.blocks[id]
	return ok || p.register.UnreadBlocks.mayHave(id)
}

func place(a domain.Apartment) string {
	return fmt.Sprintf("floor %d, number %d of block %d", a.Floor().Level(), a.Number().Int(), a.Block())
}
