package sqlstore_test

import (
	"errors"
	"slices"
	"testing"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// preview opens a database to be read.
func preview(t *testing.T, address string) *sqlstore.Preview {
	t.Helper()
	p, err := sqlstore.OpenPreview(t.Context(), address, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// numbersOf are the numbers of the apartments of an export. Meanwhile is called in the middle of it.
func numbersOf(t *testing.T, p application.Exporter, meanwhile func()) (numbers []int, err error) {
	t.Helper()
	err = p.ExportRegister(t.Context(), nil, application.RegisterReader{
		Block: func(domain.Block) error {
			meanwhile()
			return nil
		},
		Apartment: func(a domain.Apartment) error {
			numbers = append(numbers, a.Number().Int())
			return nil
		},
		Membership: func(domain.Membership) error { return nil },
	})
	return numbers, err
}

// A preview reads one moment beside a store that writes, whose writes it sees when it reads again, and keeps nobody from writing.
func TestPreviewBesideAStore(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, _, address string) {
		store := withBlock(t, address)
		register := func(number int64) {
			t.Helper()
			if _, err := store.Apply(t.Context(), registration(byte(number), number)); err != nil {
				t.Error(err)
			}
		}
		register(1)
		p := preview(t, address)
		if got, err := numbersOf(t, p, func() { register(2) }); err != nil || !slices.Equal(got, []int{1}) {
			t.Errorf("exported %v, %v", got, err)
		}
		if got, err := numbersOf(t, p, func() {}); err != nil || !slices.Equal(got, []int{1, 2}) {
			t.Errorf("then exported %v, %v", got, err)
		}
		page, err := p.FindChanges(t.Context(), application.LedgerQuery{Block: 4})
		if err != nil || len(page.Items) != 2 {
			t.Errorf("the ledger is %v, %v", page, err)
		}
		blocks, err := p.BlocksByID(t.Context(), []domain.BlockID{4, 5})
		if err != nil || len(blocks) != 1 || blocks[0].Version != 2 {
			t.Errorf("the blocks are %v, %v", blocks, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A file that nobody had open is read as one that never changes: where a store opens it meanwhile, that is told, also if it has closed
// it since.
func TestPreviewOfAFileThatIsOpenedMeanwhile(t *testing.T) {
	for name, write := range map[string]func(t *testing.T, store *sqlstore.Store){
		"opened": func(*testing.T, *sqlstore.Store) {},
		"written and closed": func(t *testing.T, store *sqlstore.Store) {
			if _, err := store.Apply(t.Context(), registration(2, 2)); err != nil {
				t.Error(err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			address := sqliteURL(t)
			store := withBlock(t, address)
			if _, err := store.Apply(t.Context(), registration(1, 1)); err != nil {
				t.Fatal(err)
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			p := preview(t, address)
			if got, err := numbersOf(t, p, func() {}); err != nil || !slices.Equal(got, []int{1}) {
				t.Fatalf("exported %v, %v", got, err)
			}
			_, err := numbersOf(t, p, func() { write(t, opened(t, address, 0)) })
			if !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("an export then: %v", err)
			}
			if err := p.Close(); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("its end: %v", err)
			}
		})
	}
}

// A preview waits for no lock, not even for that of an import which holds the block.
func TestPreviewWaitsForNoLock(t *testing.T) {
	onEveryServer(t, func(t *testing.T, engine *databases.Engine) {
		address := engine.NewDatabase(t)
		withBlock(t, address)
		tx := begin(t, tables.Open(t, address), "SELECT id FROM blocks WHERE id = 4 FOR UPDATE")
		defer tx.Rollback() //nolint:errcheck // it only holds the lock
		p := preview(t, address)
		if got, err := numbersOf(t, p, func() {}); err != nil || len(got) > 0 {
			t.Errorf("exported %v, %v", got, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}
