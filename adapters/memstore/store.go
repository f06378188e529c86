package memstore

import (
	"context"
	"fmt"
	"sync"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Store is a register in memory. Use New; it is safe for concurrent use. What it takes in and gives out are copies.
type Store struct {
	mu          sync.RWMutex
	blocks      map[domain.BlockID]*block
	memberships map[domain.UserID][]domain.Membership
	blockOf     map[domain.ApartmentID]*block
	changeSets  map[domain.ChangeSetID]entries
	lastID      domain.ApartmentID
}

var _ application.Store = (*Store)(nil)

// entries are those of a change set: a part of the ledger of its block.
type entries struct {
	block    *block
	from, to int
}

// New returns an empty store.
func New() *Store {
	return &Store{
		blocks:      map[domain.BlockID]*block{},
		memberships: map[domain.UserID][]domain.Membership{},
		blockOf:     map[domain.ApartmentID]*block{},
		changeSets:  map[domain.ChangeSetID]entries{},
	}
}

// Ping reports that the store can answer, unless ctx is done.
func (s *Store) Ping(ctx context.Context) error { return alive(ctx) }

func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", domain.StoreUnavailable, err)
	}
	return nil
}

// entriesOf returns the entries of a change set, which are not to be modified.
func (s *Store) entriesOf(id domain.ChangeSetID) []domain.LedgerEntry {
	e, ok := s.changeSets[id]
	if !ok {
		return nil
	}
	return e.block.ledger[e.from:e.to]
}

// write keeps the apartments that a change set has changed, as they are after it, and its entries.
func (s *Store) write(b *block, id domain.ChangeSetID, changed map[domain.ApartmentID]domain.Apartment, ledger []domain.LedgerEntry) {
	if len(ledger) == 0 {
		return
	}
	b.replace(changed)
	for id := range changed {
		s.blockOf[id] = b
		s.lastID = max(s.lastID, id)
	}
	from := len(b.ledger)
	b.ledger = append(b.ledger, ledger...)
	s.changeSets[id] = entries{b, from, len(b.ledger)}
}
