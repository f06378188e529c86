package memstore

import (
	"context"
	"slices"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// BlocksByID implements application.Blocks.
func (s *Store) BlocksByID(ctx context.Context, ids []domain.BlockID) ([]application.BlockSummary, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []application.BlockSummary
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if b, ok := s.blocks[id]; ok {
			found = append(found, b.summary())
		}
	}
	return found, nil
}

func (b *block) summary() application.BlockSummary {
	s := application.BlockSummary{
		Block: b.Block, Version: b.version(), Registered: len(b.holders), Retired: len(b.apartments) - len(b.holders),
	}
	for _, id := range b.holders {
		floor := b.apartments[id].Floor()
		if s.Lowest == (domain.Floor{}) || floor.Level() < s.Lowest.Level() {
			s.Lowest = floor
		}
		if s.Highest == (domain.Floor{}) || floor.Level() > s.Highest.Level() {
			s.Highest = floor
		}
	}
	return s
}
