package application_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Whoever runs the register reads a block's ledger to its end, page after page, and stops where he likes.
func TestLedgerEntries(t *testing.T) {
	store := memstore.New().WithBlock(4, "Block 4", memstore.Apartments(1, 1, 2, 3, 4, 5, 6, 7)...)
	sequences := func(query application.LedgerQuery, most int) (read []domain.Sequence) {
		query.Block, query.Limit = 4, 2
		for e, err := range application.LedgerEntries(t.Context(), store, query) {
			if err != nil {
				t.Fatal(err)
			}
			if read = append(read, e.Sequence); len(read) == most {
				break
			}
		}
		return read
	}
	for _, c := range []struct {
		query application.LedgerQuery
		most  int
		want  []domain.Sequence
	}{
		{application.LedgerQuery{}, -1, []domain.Sequence{1, 2, 3, 4, 5, 6, 7}},
		{application.LedgerQuery{Descending: true}, -1, []domain.Sequence{7, 6, 5, 4, 3, 2, 1}},
		{application.LedgerQuery{Descending: true}, 3, []domain.Sequence{7, 6, 5}},
		{application.LedgerQuery{After: new(domain.Sequence(5))}, -1, []domain.Sequence{6, 7}},
		{application.LedgerQuery{By: 7}, -1, nil},
	} {
		if got := sequences(c.query, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.query, got, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var found []error
	for _, err := range application.LedgerEntries(ctx, store, application.LedgerQuery{Block: 4}) {
		found = append(found, err)
	}
	if len(found) != 1 || !errors.Is(found[0], domain.StoreUnavailable) {
		t.Errorf("of a store that does not answer: %v", found)
	}
}
