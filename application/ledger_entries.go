package application

import (
	"context"
	"iter"

	"omarty.net/registry/domain"
)

// LedgerEntries yields the entries of a block's ledger that the query asks for, page after page. It asks for no permission: it is for
// whoever runs the register, and ReadLedger for its users. The last pair is an error where the ledger cannot be read:
// domain.StoreUnavailable.
func LedgerEntries(ctx context.Context, ledger Ledger, query LedgerQuery) iter.Seq2[domain.LedgerEntry, error] {
	return func(yield func(domain.LedgerEntry, error) bool) {
		for {
			page, err := ledger.FindChanges(ctx, query)
			if err != nil {
				yield(domain.LedgerEntry{}, err)
				return
			}
			for _, e := range page.Items {
				if !yield(e, nil) {
					return
				}
			}
			if page.Next == nil {
				return
			}
			query.After = page.Next
		}
	}
}
