package memstore

import (
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// block is a block and what is in it.
type block struct {
	domain.Block
	apartments map[domain.ApartmentID]domain.Apartment
	holders    map[domain.Number]domain.ApartmentID // of the registered ones
	ledger     []domain.LedgerEntry                 // the entry with sequence n is at n-1
	// sorted are all apartments by order, made when it is first asked for, and anew after a change.
	sorted map[application.ApartmentOrder][]application.ApartmentCursor
}

func newBlock(b domain.Block) *block {
	return &block{Block: b, apartments: map[domain.ApartmentID]domain.Apartment{}, holders: map[domain.Number]domain.ApartmentID{}}
}

func (b *block) version() domain.Sequence { return domain.Sequence(len(b.ledger)) }

// replace takes apartments in, in the place of those with their ids. All old numbers go before any new one comes, so that
// apartments may change places.
func (b *block) replace(changed map[domain.ApartmentID]domain.Apartment) {
	for id := range changed {
		if was, ok := b.apartments[id]; ok && was.Status() == domain.ApartmentRegistered {
			delete(b.holders, was.Number())
		}
	}
	for id, a := range changed {
		b.apartments[id] = a
		if a.Status() == domain.ApartmentRegistered {
			b.holders[a.Number()] = id
		}
	}
	b.sorted = nil
}

// byID returns those of the apartments with these ids that the block has, each once.
func (b *block) byID(ids []domain.ApartmentID) []domain.Apartment {
	found := make([]domain.Apartment, 0, len(ids))
	seen := make(map[domain.ApartmentID]bool, len(ids))
	for _, id := range ids {
		if a, ok := b.apartments[id]; ok && !seen[id] {
			seen[id] = true
			found = append(found, a)
		}
	}
	return found
}
