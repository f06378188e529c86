package storetest_test

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var readsBreakages = []breakage{
	{"blocks in the order of the question", "^Blocks$/in_the_order", func(b *broken) {
		b.blocks = func(ctx context.Context, ids []domain.BlockID) (all []application.BlockSummary, err error) {
			for _, id := range ids {
				some, err := b.Store.BlocksByID(ctx, []domain.BlockID{id})
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
			return all, nil
		}
	}},
	{"blocks at several moments", "^Blocks$/at_one_moment", func(b *broken) {
		b.blocks = func(ctx context.Context, ids []domain.BlockID) (all []application.BlockSummary, err error) {
			for _, id := range slices.Sorted(slices.Values(ids)) {
				some, err := b.Store.BlocksByID(ctx, []domain.BlockID{id})
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
				othersWrite(b, 6)
			}
			return all, nil
		}
	}},
	{"outermost floors of the retired too", "^Blocks$/every_write", func(b *broken) {
		b.blocks = func(ctx context.Context, ids []domain.BlockID) ([]application.BlockSummary, error) {
			all, err := b.Store.BlocksByID(ctx, ids)
			for i := range all {
				for _, a := range b.Store.Apartments() {
					if a.Block() == all[i].ID() && all[i].Lowest != (domain.Floor{}) && a.Floor().Level() < all[i].Lowest.Level() {
						all[i].Lowest = a.Floor()
					}
				}
			}
			return all, err
		}
	}},
	{"the ground floor where none is", "^Blocks$/with_their_versions", func(b *broken) {
		b.blocks = func(ctx context.Context, ids []domain.BlockID) ([]application.BlockSummary, error) {
			all, err := b.Store.BlocksByID(ctx, ids)
			for i := range all {
				if all[i].Registered == 0 {
					all[i].Lowest = must(domain.NewFloor(0))
				}
			}
			return all, err
		}
	}},
	{"apartments of any block", "^Apartments$/of_another_block", func(b *broken) {
		b.byID = func(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) (found []domain.Apartment, err error) {
			for _, a := range b.Store.Apartments() {
				if slices.Contains(ids, a.ID()) {
					found = append(found, a)
				}
			}
			return found, nil
		}
	}},
	{"numbers in the order of their digits", "^Apartments$/every_filter", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			page, err := b.Store.FindApartments(ctx, q)
			slices.SortStableFunc(page.Items, func(a, b domain.Apartment) int {
				return slices.Compare([]byte(strconv.Itoa(a.Number().Int())), []byte(strconv.Itoa(b.Number().Int())))
			})
			return page, err
		}
	}},
	{"a prefix that is part of the number", "^Apartments$/every_filter", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			if q.NumberPrefix == 11 {
				q.NumberPrefix = 1
			}
			return b.Store.FindApartments(ctx, q)
		}
	}},
	{"the ground floor as no floor", "^Apartments$/every_filter", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			if q.Floor.Level() == 0 {
				q.Floor = domain.Floor{}
			}
			return b.Store.FindApartments(ctx, q)
		}
	}},
	{"pages by how many came before", "^Apartments$/while_others_write", func(b *broken) {
		var after atomic.Int64
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			before := 0
			if q.After != nil {
				before = int(after.Load())
			}
			limit := q.Limit
			q.After, q.Limit = nil, application.MaxPageSize
			page, err := b.Store.FindApartments(ctx, q)
			page.Items = page.Items[min(before, len(page.Items)):]
			if page.Next = nil; len(page.Items) > limit {
				page.Items = page.Items[:limit]
				page.Next = new(application.CursorAt(page.Items[limit-1]))
			}
			after.Store(int64(before + limit))
			return page, err
		}
	}},
	{"a page that begins with the cursor", "^Apartments$/pages_of_every_size", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			if q.After != nil {
				q.After.ID--
			}
			return b.Store.FindApartments(ctx, q)
		}
	}},
	{"retired apartments of one number in one place", "^Apartments$/pages_of_every_size", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			if q.After != nil && (q.Order == "" || q.Order == application.ByNumber) {
				q.After.ID = 1 << 62
			}
			return b.Store.FindApartments(ctx, q)
		}
	}},
	{"a last page that tells of another", "^Apartments$/pages_of_every_size", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			page, err := b.Store.FindApartments(ctx, q)
			if n := len(page.Items); n == q.Limit {
				page.Next = new(application.CursorAt(page.Items[n-1]))
			}
			return page, err
		}
	}},
	{"as many as is asked for", "^Apartments$/within_its_limits", func(b *broken) {
		b.find = func(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
			page, err := b.Store.FindApartments(ctx, q)
			if q.Limit > application.MaxPageSize && page.Next != nil {
				q.After = page.Next
				more, _ := b.Store.FindApartments(ctx, q)
				page.Items = append(page.Items, more.Items...)
			}
			return page, err
		}
	}},
	{"apartments kept from an earlier call", "all_together/many_callers", func(b *broken) {
		var earlier atomic.Pointer[[]domain.Apartment]
		b.byID = func(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error) {
			found, err := b.Store.ApartmentsByID(ctx, block, ids)
			if block == 4 && err == nil && !earlier.CompareAndSwap(nil, &found) {
				found = slices.Clone(*earlier.Load())
			}
			return found, err
		}
	}},
	{"until is included", "^Ledger$/every_filter", func(b *broken) {
		b.changes = func(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
			if !q.Until.IsZero() {
				q.Until = q.Until.Add(1)
			}
			return b.Store.FindChanges(ctx, q)
		}
	}},
	{"a page of the ledger that begins with the cursor", "^Ledger$/after_any_sequence", func(b *broken) {
		b.changes = func(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
			if q.After != nil && !q.Descending && *q.After > 0 {
				q.After = new(*q.After - 1)
			}
			return b.Store.FindChanges(ctx, q)
		}
	}},
	{"descending as ascending", "^Ledger$/every_filter", func(b *broken) {
		b.changes = func(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
			q.Descending = false
			return b.Store.FindChanges(ctx, q)
		}
	}},
	{"entries that are read late", "^Ledger$/never_finds_another", func(b *broken) {
		var calls atomic.Int64 // each third answer leaves out an entry that is there
		b.changes = func(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
			page, err := b.Store.FindChanges(ctx, q)
			if n := len(page.Items); calls.Add(1)%3 == 0 && n > 1 {
				page.Items = slices.Delete(page.Items, n-2, n-1)
			}
			return page, err
		}
	}},
	{"entries of a set of any block", "^Ledger$/of_a_change_set", func(b *broken) {
		b.entries = func(ctx context.Context, _ domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
			all := b.Store.LedgerEntries()
			return slices.DeleteFunc(all, func(e domain.LedgerEntry) bool { return e.ChangeSet != id }), nil
		}
	}},
}

// othersWrite returns once others have written in a block, or do not seem to.
func othersWrite(b *broken, block domain.BlockID) {
	was := version(b, block)
	for range 10_000 {
		if version(b, block) > was+2 {
			return
		}
		runtime.Gosched()
	}
}

func version(b *broken, block domain.BlockID) domain.Sequence {
	found, _ := b.Store.BlocksByID(context.Background(), []domain.BlockID{block})
	if len(found) == 0 {
		return 0
	}
	return found[0].Version
}
