package memstore

import (
	"context"
	"slices"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// FindChanges implements application.Ledger.
func (s *Store) FindChanges(ctx context.Context, q application.LedgerQuery) (application.Page[domain.LedgerEntry, domain.Sequence], error) {
	var page application.Page[domain.LedgerEntry, domain.Sequence]
	if err := alive(ctx); err != nil {
		return page, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.blocks[q.Block]
	if !ok {
		return page, nil
	}
	limit := application.PageSize(q.Limit)
	for _, e := range b.entriesAfter(q) {
		if !wanted(e, q) {
			continue
		}
		if len(page.Items) == limit {
			page.Next = new(page.Items[limit-1].Sequence)
			break
		}
		page.Items = append(page.Items, e)
	}
	return page, nil
}

// entriesAfter returns the entries of the block's ledger from where the query's page begins.
func (b *block) entriesAfter(q application.LedgerQuery) func(yield func(int, domain.LedgerEntry) bool) {
	all := b.ledger
	if !q.Descending {
		if q.After != nil {
			all = all[min(max(*q.After, 0), b.version()):]
		}
		return slices.All(all)
	}
	if q.After != nil {
		all = all[:min(max(*q.After, 1)-1, b.version())]
	}
	return slices.Backward(all)
}

// wanted reports whether a query asks for an entry.
func wanted(e domain.LedgerEntry, q application.LedgerQuery) bool {
	return (q.Apartment == 0 || q.Apartment == e.Apartment) &&
		(q.By == 0 || q.By == e.Origin.By) &&
		(q.Kind == "" || q.Kind == e.Kind) &&
		(q.Since.IsZero() || !e.Origin.At.Before(q.Since)) &&
		(q.Until.IsZero() || e.Origin.At.Before(q.Until))
}

// ChangeSetEntries implements application.Ledger.
func (s *Store) ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if found := s.entriesOf(id); len(found) > 0 && found[0].Block == block {
		return slices.Clone(found), nil
	}
	return nil, nil
}
