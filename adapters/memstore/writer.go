package memstore

import (
	"context"

	"omarty.net/registry/domain"
)

// Apply implements application.Writer.
func (s *Store) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := alive(ctx); err != nil {
		return domain.Applied{}, err
	}
	applied, err := s.outcome(set)
	if err != nil || applied.Replayed {
		return applied, err
	}
	changed := map[domain.ApartmentID]domain.Apartment{}
	id := s.lastID
	for i := range applied.Changes {
		c := &applied.Changes[i]
		if c.Outcome != domain.Done {
			continue
		}
		if c.Before.IsZero() {
			id++
			c.Apartment = c.Apartment.WithID(id)
		}
		changed[c.Apartment.ID()] = c.Apartment
	}
	s.write(s.blocks[set.Block()], set.ID(), changed, applied.Entries(set))
	return applied, nil
}

// DryRun implements application.Writer.
func (s *Store) DryRun(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := alive(ctx); err != nil {
		return domain.Applied{}, err
	}
	applied, err := s.outcome(set)
	if err != nil || applied.Replayed {
		return applied, err
	}
	return applied.Planned(s.blocks[set.Block()].version()), nil
}

// outcome returns what comes of a set now, and changes nothing. Apartments that it registers have an id below zero.
func (s *Store) outcome(set domain.ChangeSet) (domain.Applied, error) {
	if asked := s.entriesOf(set.ID()); len(asked) > 0 {
		b := s.changeSets[set.ID()].block
		kept := b.concerned(set)
		for _, e := range asked {
			kept = append(kept, b.apartments[e.Apartment])
		}
		return set.Replay(asked, kept)
	}
	b, ok := s.blocks[set.Block()]
	if !ok {
		return domain.Applied{}, domain.NotFound
	}
	return domain.NewBlockState(b.version(), b.concerned(set)).Apply(set)
}

// concerned returns the apartments that a set names, and those that have the numbers that it gives.
func (b *block) concerned(set domain.ChangeSet) []domain.Apartment {
	ids := set.Apartments()
	for _, n := range set.Numbers(b.byID(ids)) {
		if holder, ok := b.holders[n]; ok {
			ids = append(ids, holder)
		}
	}
	return b.byID(ids)
}
