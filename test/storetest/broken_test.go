package storetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables/inmemory"
)

type (
	plan          = func(application.Kept) (application.Changes, error)
	apartmentPage = application.Page[domain.Apartment, application.ApartmentCursor]
	ledgerPage    = application.Page[domain.LedgerEntry, domain.Sequence]
)

// broken is a store that breaks one promise: what is not nil replaces the ports and the rows of a good one.
type broken struct {
	*memstore.Store
	members func(context.Context, domain.UserID, domain.BlockID) ([]domain.Member, error)
	apply   func(context.Context, domain.ChangeSet) (domain.Applied, error)
	dryRun  func(context.Context, domain.ChangeSet) (domain.Applied, error)
	blocks  func(context.Context, []domain.BlockID) ([]application.BlockSummary, error)
	byID    func(context.Context, domain.BlockID, []domain.ApartmentID) ([]domain.Apartment, error)
	find    func(context.Context, application.ApartmentQuery) (apartmentPage, error)
	changes func(context.Context, application.LedgerQuery) (ledgerPage, error)
	entries func(context.Context, domain.BlockID, domain.ChangeSetID) ([]domain.LedgerEntry, error)
	update  func(context.Context, application.Scope, plan, func(int)) error
	export  func(context.Context, []domain.BlockID, application.RegisterReader) error
	rows    func(*storetest.Rows)
}

func (b *broken) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	if b.members != nil {
		return b.members(ctx, user, block)
	}
	return b.Store.MembersOf(ctx, user, block)
}

func (b *broken) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if b.apply != nil {
		return b.apply(ctx, set)
	}
	return b.Store.Apply(ctx, set)
}

func (b *broken) DryRun(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if b.dryRun != nil {
		return b.dryRun(ctx, set)
	}
	return b.Store.DryRun(ctx, set)
}

func (b *broken) BlocksByID(ctx context.Context, ids []domain.BlockID) ([]application.BlockSummary, error) {
	if b.blocks != nil {
		return b.blocks(ctx, ids)
	}
	return b.Store.BlocksByID(ctx, ids)
}

func (b *broken) ApartmentsByID(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error) {
	if b.byID != nil {
		return b.byID(ctx, block, ids)
	}
	return b.Store.ApartmentsByID(ctx, block, ids)
}

func (b *broken) FindApartments(ctx context.Context, q application.ApartmentQuery) (apartmentPage, error) {
	if b.find != nil {
		return b.find(ctx, q)
	}
	return b.Store.FindApartments(ctx, q)
}

func (b *broken) FindChanges(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
	if b.changes != nil {
		return b.changes(ctx, q)
	}
	return b.Store.FindChanges(ctx, q)
}

func (b *broken) ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
	if b.entries != nil {
		return b.entries(ctx, block, id)
	}
	return b.Store.ChangeSetEntries(ctx, block, id)
}

func (b *broken) UpdateRegister(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
	if b.update != nil {
		return b.update(ctx, scope, plan, progress)
	}
	return b.Store.UpdateRegister(ctx, scope, plan, progress)
}

func (b *broken) ExportRegister(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
	if b.export != nil {
		return b.export(ctx, blocks, to)
	}
	return b.Store.ExportRegister(ctx, blocks, to)
}

// breakage is a way to break a promise, with the case that must notice.
type breakage struct {
	name     string
	noticed  string
	breaking func(b *broken)
}

func breakages() []breakage {
	var all []breakage
	for _, some := range [][]breakage{membersBreakages, writerBreakages, rowsBreakages, readsBreakages, importerBreakages, exporterBreakages} {
		all = append(all, some...)
	}
	return all
}

const breakageVariable = "STORETEST_BREAKAGE"

// TestBroken runs the suite on the store that the environment names, for TestSuiteNotices, in a process of its own: it is
// to fail.
func TestBroken(t *testing.T) {
	for _, b := range breakages() {
		if b.name == os.Getenv(breakageVariable) {
			storetest.Run(t, func(*testing.T) storetest.Subject {
				store := &broken{Store: memstore.New()}
				b.breaking(store)
				return storetest.Subject{Store: store, Rows: func(testing.TB) storetest.Rows {
					rows := inmemory.Rows(store.Store)
					if store.rows != nil {
						store.rows(&rows)
					}
					return rows
				}}
			})
		}
	}
}

// A suite that passes a store which breaks a promise promises nothing.
func TestSuiteNotices(t *testing.T) {
	if os.Getenv(breakageVariable) != "" {
		return
	}
	for _, b := range breakages() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			suite := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBroken$/"+b.noticed, "-rapid.nofailfile", "-rapid.shrinktime=0", "-test.timeout=1m") // #nosec G204 -- this very test
			suite.Env = append(os.Environ(), breakageVariable+"="+b.name)
			output, err := suite.CombinedOutput()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || !strings.Contains(string(output), "--- FAIL: TestBroken/") || strings.Contains(string(output), "panic:") {
				t.Errorf("%s passes it: %v\n%s", b.noticed, err, output)
			}
		})
	}
}
