package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/tables"
)

// exported are the ids that an export has handed out.
type exported struct {
	blocks      []domain.BlockID
	apartments  []domain.ApartmentID
	memberships []domain.MembershipKey
}

// reader takes an export in, and calls before with each row's number, from 1.
func (e *exported) reader(before func(row int) error) application.RegisterReader {
	row := 0
	next := func() error {
		row++
		return before(row)
	}
	return application.RegisterReader{
		Block:      func(b domain.Block) error { e.blocks = append(e.blocks, b.ID()); return next() },
		Apartment:  func(a domain.Apartment) error { e.apartments = append(e.apartments, a.ID()); return next() },
		Membership: func(m domain.Membership) error { e.memberships = append(e.memberships, m.Key()); return next() },
	}
}

func (e *exported) rows() int { return len(e.blocks) + len(e.apartments) + len(e.memberships) }

// withLarge is a store of some 40,000 apartments. In each block, 1,500 users have a membership, and one in three has two.
func withLarge(t *testing.T, k kind) *sqlstore.Store {
	t.Helper()
	address := k.empty(t)
	store := must(sqlstore.Open(t.Context(), address, sqlstore.Options{}))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	must(store.Migrate(t.Context()))
	db := tables.Open(t, address)
	fillLarge(t, db)
	var memberships [][]any
	for b := largeBlocks; b > 0; b-- {
		for i := range 2000 {
			memberships = append(memberships, []any{1 + (i*7919)%1500, b, "resident", "active"})
		}
	}
	insertRows(t, db, "memberships (user_id, block_id, role, status)", memberships)
	return store
}

// An export is of the moment at which it began, whatever is written while it is read, and in the order of its ids.
func TestExportIsOfOneMoment(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			ctx := patiently(t)
			store := withLarge(t, k)
			var got exported
			write := sync.OnceValue(func() error { // in what is read long after
				last := must(domain.NewBlockID(largeBlocks))
				retire := must(domain.NewRetire(largeBlocks*apartmentsInEach, 0))
				register := must(domain.NewRegister(must(domain.NewFloor(1)), must(domain.NewNumber(999_999))))
				_, err := store.Apply(ctx, must(domain.NewChangeSet(domain.ChangeSetSpec{
					ID: domain.ChangeSetID{1}, Block: last, Changes: []domain.Change{retire, register},
					Origin: domain.Origin{By: 7, At: noon, Source: domain.SourceAPI},
				})))
				return err
			})
			to := got.reader(func(int) error { return write() })
			apartment := to.Apartment
			to.Apartment = func(a domain.Apartment) error {
				if a.ID() == largeBlocks*apartmentsInEach && a.Status() != domain.ApartmentRegistered {
					t.Error("an apartment is as it was changed meanwhile")
				}
				return apartment(a)
			}
			if err := store.ExportRegister(ctx, nil, to); err != nil {
				t.Fatal(err)
			}
			if n := largeBlocks * (1 + apartmentsInEach + 2000); got.rows() != n {
				t.Errorf("%d rows, want %d", got.rows(), n)
			}
			byBlockAndUser := func(a, b domain.MembershipKey) int {
				return int(10_000*(a.Block-b.Block)) + int(a.User-b.User)
			}
			if !slices.IsSorted(got.blocks) || !slices.IsSorted(got.apartments) || !slices.IsSortedFunc(got.memberships, byBlockAndUser) {
				t.Error("not in the order of the ids")
			}
			// What was written is in the next one, of that block alone.
			var next exported
			if err := store.ExportRegister(ctx, []domain.BlockID{largeBlocks, 404}, next.reader(func(int) error { return nil })); err != nil {
				t.Fatal(err)
			}
			if len(next.blocks) != 1 || len(next.apartments) != apartmentsInEach+1 || len(next.memberships) != 2000 || !slices.IsSorted(next.apartments) {
				t.Errorf("of one block: %d blocks, %d apartments, %d memberships", len(next.blocks), len(next.apartments), len(next.memberships))
			}
		})
	}
}

// An export ends with the first error of its reader, and with its context, and leaves nothing open.
func TestExportEnds(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			store := withLarge(t, k)
			enough := fmt.Errorf("the disk is full: %w", domain.StoreUnavailable)
			for _, at := range []int{1, largeBlocks + 1, largeBlocks + 1500, largeBlocks*(1+apartmentsInEach) + 1} {
				var got exported
				err := store.ExportRegister(patiently(t), nil, got.reader(func(row int) error {
					if row == at {
						return enough
					}
					return nil
				}))
				if err != enough || got.rows() != at { //nolint:errorlint // as it is
					t.Errorf("ended at row %d: %d rows, %v", at, got.rows(), err)
				}
				ctx, cancel := context.WithCancel(patiently(t))
				got = exported{}
				err = store.ExportRegister(ctx, nil, got.reader(func(row int) error {
					if row == at {
						cancel()
					}
					return nil
				}))
				if !errors.Is(err, domain.StoreUnavailable) || got.rows() != at {
					t.Errorf("cancelled at row %d: %d rows, %v", at, got.rows(), err)
				}
			}
			for name, pool := range store.Pools() {
				if open := pool.Stats().InUse; open > 0 {
					t.Errorf("%d connections of %s are in use", open, name)
				}
			}
		})
	}
}
