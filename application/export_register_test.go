package application_test

import (
	"errors"
	"reflect"
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func export(t *testing.T, store application.Exporter, blocks ...domain.BlockID) application.Register {
	t.Helper()
	var all application.Register
	if err := application.NewExportRegister(store).Export(t.Context(), into(&all), blocks...); err != nil {
		t.Fatal(err)
	}
	return all
}

func into(all *application.Register) application.RegisterReader {
	return application.RegisterReader{
		Block:      func(b domain.Block) error { all.Blocks = append(all.Blocks, b); return nil },
		Apartment:  func(a domain.Apartment) error { all.Apartments = append(all.Apartments, a); return nil },
		Membership: func(m domain.Membership) error { all.Memberships = append(all.Memberships, m); return nil },
	}
}

// usedTown has apartments of each history: imported, registered, corrected, retired and restored, and numbers that have had several.
func usedTown(t *testing.T) *memstore.Store {
	t.Helper()
	store := newStore(t, town())
	app := over(store)
	change(t, app, register(2, 20), register(2, 21), register(2, 22))
	change(t, app, renumber(1, 3), renumber(2, 1), retire(5), register(9, 20))
	change(t, app, retire(6), retire(2))
	change(t, app, restore(6), register(0, 1), retire(7))
	return store
}

func TestExportOfSomeBlocks(t *testing.T) {
	store := usedTown(t)
	all := export(t, store)
	if len(all.Blocks) != 3 || len(all.Apartments) != 9 || len(all.Memberships) != 6 {
		t.Errorf("exported %+v", all)
	}
	some := export(t, store, 6, 5, 99)
	want := application.Register{
		Blocks: all.Blocks[1:], Apartments: all.Apartments[2:4], Memberships: rows(manages(12, 5, 4), manages(10, 6, 3)),
	}
	if !reflect.DeepEqual(some, want) {
		t.Errorf("exported %+v, want %+v", some, want)
	}
	if none := export(t, store, []domain.BlockID{}...); !reflect.DeepEqual(none, all) {
		t.Errorf("where none is named it exported %+v, want %+v", none, all)
	}
}

// What was exported changes nothing where it is imported again, and makes the same register elsewhere.
func TestImportOfAnExport(t *testing.T) {
	store := usedTown(t)
	all, before := export(t, store), store.LedgerEntries()
	summary, differences, err := importIn(store).Check(t.Context(), all)
	if want := (application.Summary{Unchanged: 18}); err != nil || summary != want || len(differences) != 0 {
		t.Errorf("checked: %+v, %v, %v", summary, differences, err)
	}
	if got, want := mustImport(t, store, all), (application.Summary{Unchanged: 18}); got != want {
		t.Errorf("imported: %+v, want %+v", got, want)
	}
	if !reflect.DeepEqual(export(t, store), all) || !reflect.DeepEqual(store.LedgerEntries(), before) {
		t.Error("the register is another")
	}

	elsewhere := newStore(t, all)
	copied := export(t, elsewhere)
	if !reflect.DeepEqual(copied.Blocks, all.Blocks) || !reflect.DeepEqual(copied.Memberships, all.Memberships) || len(copied.Apartments) != len(all.Apartments) {
		t.Errorf("copied %+v, want %+v", copied, all)
	}
	for i, a := range copied.Apartments {
		if was := all.Apartments[i]; a.ID() != was.ID() || a.Block() != was.Block() || a.State() != was.State() {
			t.Errorf("copied %+v, want %+v", a, was)
		}
	}
}

// The first error of the reader ends an export.
func TestExportIntoAReaderThatFails(t *testing.T) {
	full := errors.New("the disk is full")
	for _, part := range []string{"block", "apartment", "membership"} {
		var all application.Register
		to := into(&all)
		switch part {
		case "block":
			to.Block = func(domain.Block) error { return full }
		case "apartment":
			to.Apartment = func(domain.Apartment) error { return full }
		default:
			to.Membership = func(domain.Membership) error { return full }
		}
		if err := application.NewExportRegister(usedTown(t)).Export(t.Context(), to); err != full {
			t.Errorf("%s: %v", part, err)
		}
	}
	var all application.Register
	if err := application.NewExportRegister(failing{usedTown(t), "ExportRegister"}).Export(t.Context(), into(&all)); !errors.Is(err, domain.StoreUnavailable) {
		t.Error(err)
	}
}
