package memstore

import (
	"maps"
	"slices"

	"omarty.net/registry/domain"
)

// Blocks returns every block, in the order of their ids.
func (s *Store) Blocks() []domain.Block { return s.snapshot(nil).Blocks }

// Apartments returns every apartment, retired ones too, in the order of their ids.
func (s *Store) Apartments() []domain.Apartment { return s.snapshot(nil).Apartments }

// Memberships returns every membership, in the order of their blocks' and users' ids.
func (s *Store) Memberships() []domain.Membership { return s.snapshot(nil).Memberships }

// LedgerEntries returns the ledger of every block, in the order of the blocks' ids and of their sequences.
func (s *Store) LedgerEntries() []domain.LedgerEntry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []domain.LedgerEntry
	for _, id := range slices.Sorted(maps.Keys(s.blocks)) {
		all = append(all, s.blocks[id].ledger...)
	}
	return all
}
