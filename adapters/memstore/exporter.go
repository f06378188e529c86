package memstore

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// ExportRegister implements application.Exporter. It copies what it hands out, so that nobody waits for its reader.
func (s *Store) ExportRegister(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
	register := s.snapshot(blocks)
	if err := handOut(ctx, register.Blocks, to.Block); err != nil {
		return err
	}
	if err := handOut(ctx, register.Apartments, to.Apartment); err != nil {
		return err
	}
	return handOut(ctx, register.Memberships, to.Membership)
}

func handOut[Row any](ctx context.Context, rows []Row, to func(Row) error) error {
	for _, row := range rows {
		if err := alive(ctx); err != nil {
			return err
		}
		if err := to(row); err != nil {
			return err
		}
	}
	return alive(ctx)
}

// snapshot copies the blocks, all where they are nil, and what is in them, each list in the order of its ids.
func (s *Store) snapshot(blocks []domain.BlockID) application.Register {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if blocks == nil {
		blocks = slices.Collect(maps.Keys(s.blocks))
	}
	var r application.Register
	for _, id := range slices.Compact(slices.Sorted(slices.Values(blocks))) {
		if b, ok := s.blocks[id]; ok {
			r.Blocks = append(r.Blocks, b.Block)
			r.Apartments = slices.AppendSeq(r.Apartments, maps.Values(b.apartments))
		}
	}
	asked := make(map[domain.BlockID]bool, len(blocks))
	for _, id := range blocks {
		asked[id] = true
	}
	for _, memberships := range s.memberships {
		for _, m := range memberships {
			if asked[m.Block()] {
				r.Memberships = append(r.Memberships, m)
			}
		}
	}
	slices.SortFunc(r.Apartments, func(a, b domain.Apartment) int { return cmp.Compare(a.ID(), b.ID()) })
	slices.SortFunc(r.Memberships, func(a, b domain.Membership) int {
		return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.User(), b.User()),
			cmp.Compare(a.Apartment(), b.Apartment()), cmp.Compare(a.Role(), b.Role()))
	})
	return r
}
