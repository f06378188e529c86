package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// UpdateRegister implements application.Importer.
func (s *Store) UpdateRegister(ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), progress func(int)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes, err := plan(s.within(scope))
	if err != nil {
		return err
	}
	if err := alive(ctx); err != nil {
		return err
	}
	imports, err := s.imports(changes)
	if err != nil {
		return err
	}
	s.writeBlocks(changes)
	for _, i := range imports {
		s.write(s.blocks[i.block], changes.ChangeSets[i.block], i.changed, i.ledger)
	}
	s.writeMemberships(changes)
	if progress != nil {
		progress(changes.Len())
	}
	return nil
}

// within copies what the scope names.
func (s *Store) within(scope application.Scope) application.Kept {
	var kept application.Kept
	seen := map[domain.ApartmentID]bool{}
	keep := func(b *block, a domain.Apartment) {
		if !seen[a.ID()] {
			seen[a.ID()] = true
			imported := b.ledger[a.Version()-1].Kind == domain.ChangeImport
			kept.Apartments = append(kept.Apartments, application.KeptApartment{Apartment: a, Imported: imported})
		}
	}
	blocks := map[domain.BlockID]bool{}
	for _, id := range scope.Blocks {
		b, ok := s.blocks[id]
		if !ok || blocks[id] {
			continue
		}
		blocks[id] = true
		kept.Blocks = append(kept.Blocks, b.Block)
		for _, a := range b.apartments {
			keep(b, a)
		}
	}
	for _, id := range scope.Apartments {
		if b, ok := s.blockOf[id]; ok {
			keep(b, b.apartments[id])
		}
	}
	for _, memberships := range s.memberships {
		for _, m := range memberships {
			if blocks[m.Block()] {
				kept.Memberships = append(kept.Memberships, m)
			}
		}
	}
	return kept
}

// blockImport is what an import makes of the apartments of a block.
type blockImport struct {
	block   domain.BlockID
	changed map[domain.ApartmentID]domain.Apartment
	ledger  []domain.LedgerEntry
}

// imports returns what changes make of each block, and writes nothing.
func (s *Store) imports(c application.Changes) ([]blockImport, error) {
	for _, b := range c.NewBlocks {
		if _, there := s.blocks[b.ID()]; there {
			return nil, fmt.Errorf("import of block %d: it is there already", b.ID())
		}
	}
	changes := map[domain.BlockID][]application.ApartmentChange{}
	for _, a := range c.NewApartments {
		if _, there := s.blockOf[a.ID()]; there {
			return nil, fmt.Errorf("import of apartment %d: it is there already", a.ID())
		}
		// Its state is what comes after: before, it was not there.
		changes[a.Block()] = append(changes[a.Block()], application.ApartmentChange{Apartment: a.WithState(domain.State{}), After: a.State()})
	}
	for _, a := range c.ChangedApartments {
		changes[a.Apartment.Block()] = append(changes[a.Apartment.Block()], a)
	}
	var all []blockImport
	for id, of := range changes {
		i, err := s.blockImport(id, c, of)
		if err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, nil
}

func (s *Store) blockImport(id domain.BlockID, c application.Changes, changes []application.ApartmentChange) (blockImport, error) {
	i := blockImport{block: id, changed: make(map[domain.ApartmentID]domain.Apartment, len(changes))}
	if c.ChangeSets[id] == (domain.ChangeSetID{}) {
		return i, fmt.Errorf("import into block %d: its changes have no change set: give them one", id)
	}
	b, ok := s.blocks[id]
	if !ok {
		if !slices.ContainsFunc(c.NewBlocks, func(b domain.Block) bool { return b.ID() == id }) {
			return i, fmt.Errorf("import into block %d: it is not there: add it", id)
		}
		b = &block{}
	}
	byID := func(a, b application.ApartmentChange) int { return cmp.Compare(a.Apartment.ID(), b.Apartment.ID()) }
	for position, change := range slices.SortedFunc(slices.Values(changes), byID) {
		was := change.Apartment
		record := domain.ApartmentRecord{
			ID: was.ID(), Block: id, State: change.After, RegisteredAt: c.At, Version: b.version() + domain.Sequence(position) + 1,
		}
		if !was.State().IsZero() {
			record.RegisteredBy, record.RegisteredAt, record.ChangedAt = was.RegisteredBy(), was.RegisteredAt(), c.At
		}
		a, err := domain.RestoreApartment(record)
		if err != nil {
			return i, fmt.Errorf("import into block %d: apartment %d: %w", id, was.ID(), err)
		}
		i.changed[a.ID()] = a
		i.ledger = append(i.ledger, domain.LedgerEntry{
			Block: id, Sequence: a.Version(), ChangeSet: c.ChangeSets[id], Position: position, Kind: domain.ChangeImport, Apartment: a.ID(),
			Before: was.State(), After: a.State(), Origin: domain.Origin{At: c.At, Source: domain.SourceImport},
		})
	}
	return i, nil
}

func (s *Store) writeBlocks(c application.Changes) {
	for _, b := range c.NewBlocks {
		s.blocks[b.ID()] = newBlock(b)
	}
	for _, b := range c.ChangedBlocks {
		s.blocks[b.ID()].Block = b
	}
}

func (s *Store) writeMemberships(c application.Changes) {
	for _, m := range c.NewMemberships {
		s.memberships[m.User()] = append(s.memberships[m.User()], m)
	}
	for _, m := range c.ChangedMemberships {
		for i, kept := range s.memberships[m.User()] {
			if kept.Key() == m.Key() {
				s.memberships[m.User()][i] = m
			}
		}
	}
}
