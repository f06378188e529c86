package memstore

import (
	"context"

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
	s.apply(changes)
	if progress != nil {
		progress(changes.Len())
	}
	return nil
}

// within copies what the scope names.
func (s *Store) within(scope application.Scope) application.Kept {
	blocks := setOf(scope.Blocks)
	named := setOf(scope.Apartments)
	var kept application.Kept
	for id, b := range s.blocks {
		if blocks[id] {
			kept.Blocks = append(kept.Blocks, b)
		}
	}
	for id, a := range s.apartments {
		if named[id] || blocks[a.Block()] {
			registered := a.Registration != domain.RegistrationID{}
			kept.Apartments = append(kept.Apartments, application.KeptApartment{Apartment: a.Apartment, Registered: registered})
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

func setOf[ID comparable](ids []ID) map[ID]bool {
	set := make(map[ID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func (s *Store) apply(c application.Changes) {
	for _, blocks := range [][]domain.Block{c.NewBlocks, c.ChangedBlocks} {
		for _, b := range blocks {
			s.blocks[b.ID()] = b
		}
	}
	// All old numbers go before any new one comes, so that two apartments may change places.
	for _, a := range c.ChangedApartments {
		delete(s.byNumber, addressOf(s.apartments[a.ID()].Apartment))
	}
	for _, a := range c.ChangedApartments {
		changed := *s.apartments[a.ID()]
		changed.Apartment = a
		s.keep(&changed)
	}
	for _, a := range c.NewApartments {
		s.keep(&Apartment{Apartment: a, RegisteredAt: c.At})
	}
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
