package application_test

import (
	"errors"
	"slices"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Check tells what Import then does, and does none of it.
func TestCheckImport(t *testing.T) {
	store := townWithRegistered(t)
	before := content(t, store)
	register := application.Register{
		Blocks:      rows(block(4, "Palm Tower", domain.BlockActive), block(6, "Block 6", domain.BlockActive), block(9, "Block 9", domain.BlockSuspended)),
		Apartments:  rows(apartment(1, 4, 2, 1), apartment(2, 4, 1, 3), apartment(90, 9, 0, 1)),
		Memberships: rows(membership(7, 4, 1, manager, banned), livesIn(8, 4, 2), manages(20, 9, 0)),
	}
	imports := importIn(store)
	summary, differences, err := imports.Check(t.Context(), register)
	want := []application.Difference{
		{"block 9", "", `"Block 9", suspended`},
		{"block 4", `"Block 4", active`, `"Palm Tower", active`},
		{"apartment 90", "", "floor 0, number 1 of block 9"},
		{"apartment 1", "floor 1, number 1 of block 4", "floor 2, number 1 of block 4"},
		{"user 20 as manager of block 9", "", "active"},
		{"user 7 as manager of block 4 through apartment 1", "active", "banned"},
	}
	if err != nil || !slices.Equal(differences, want) {
		t.Errorf("%v, %v, want %v", differences, err, want)
	}
	wantContent(t, store, before)
	if done, err := imports.Import(t.Context(), register, nil); err != nil || done != summary || done != (application.Summary{Added: 3, Changed: 3, Unchanged: 3}) {
		t.Errorf("checked %+v, imported %+v, %v", summary, done, err)
	}
}

func TestCheckImportFails(t *testing.T) {
	imports := importIn(townWithRegistered(t))
	bad := application.Register{Memberships: rows(manages(7, 99, 0))}
	summary, differences, err := imports.Check(t.Context(), bad)
	if _, faulty := errors.AsType[application.Faults](err); !faulty || differences != nil || summary != (application.Summary{}) {
		t.Errorf("%+v, %v, %v, want faults alone", summary, differences, err)
	}
	if _, _, err := importIn(failing{townWithRegistered(t), "UpdateRegister"}).Check(t.Context(), bad); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("%v, want the store's error", err)
	}
}
