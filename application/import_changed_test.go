package application_test

import (
	"errors"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// An import brings apartments that are retired, takes others out of use and into use again, and their numbers are free where they
// are retired.
func TestImportOfRetiredApartments(t *testing.T) {
	store := newStore(t, town())
	update := application.Register{Apartments: rows(
		retired(apartment(1, 4, 1, 1)),  // taken out of use
		apartment(2, 4, 1, 1),           // has its number
		retired(apartment(20, 4, 5, 7)), // new
		apartment(21, 4, 5, 7),          // has its number
		retired(apartment(22, 4, 5, 7)), // and so had this one
	)}
	if got, want := mustImport(t, store, update), (application.Summary{Added: 3, Changed: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	wantLedger(t, store,
		"3 import #1 1/1 > 1/1 retired by 0 (import)", "4 import #2 1/3 > 1/1 by 0 (import)",
		"5 import #20 - > 5/7 retired by 0 (import)", "6 import #21 - > 5/7 by 0 (import)", "7 import #22 - > 5/7 retired by 0 (import)")
	if got, want := mustImport(t, store, update), (application.Summary{Unchanged: 5}); got != want {
		t.Errorf("again: %+v, want %+v", got, want)
	}
	back := application.Register{Apartments: rows(apartment(1, 4, 2, 9), retired(apartment(21, 4, 5, 7)), apartment(20, 4, 5, 7))}
	_, differences, err := importIn(store).Check(t.Context(), back)
	want := []application.Difference{
		{What: "apartment 1", Before: "floor 1, number 1 of block 4, retired", After: "floor 2, number 9 of block 4"},
		{What: "apartment 21", Before: "floor 5, number 7 of block 4", After: "floor 5, number 7 of block 4, retired"},
		{What: "apartment 20", Before: "floor 5, number 7 of block 4, retired", After: "floor 5, number 7 of block 4"},
	}
	if err != nil || len(differences) != len(want) {
		t.Fatalf("%+v, %v", differences, err)
	}
	for i, d := range differences {
		if d != want[i] {
			t.Errorf("difference %+v, want %+v", d, want[i])
		}
	}
	mustImport(t, store, back)
	for i, want := range map[int]domain.State{0: at(2, 9), 4: at(5, 7)} {
		if got := store.Apartments()[i].State(); got != want {
			t.Errorf("apartment %d is %s", store.Apartments()[i].ID(), spelled(got))
		}
	}
}

func TestImportFaultsOfRetiredApartments(t *testing.T) {
	store := newStore(t, town())
	mustImport(t, store, application.Register{Apartments: rows(retired(apartment(20, 4, 5, 1)))})
	for want, apartments := range map[string][]domain.Apartment{
		"apartments[0]: apartment 20: number 1 of block 4 is apartment 1 already: a number is in a block once": {apartment(20, 4, 5, 1)},
		"apartments[2]: apartment 22: number 7 of block 4 is apartment 21 in apartments[1]: a number is in a block once": {
			retired(apartment(23, 4, 5, 7)), apartment(21, 4, 5, 7), apartment(22, 4, 6, 7),
		},
	} {
		_, err := importIn(store).Import(t.Context(), application.Register{Apartments: apartments}, nil)
		var faults application.Faults
		if !errors.As(err, &faults) || faults.Error() != want {
			t.Errorf("faults %v, want %s", err, want)
		}
	}
}

// What a user has changed, an import does not overwrite, and says what it was. An apartment that the file has as it is stays.
func TestImportOfWhatAUserHasChanged(t *testing.T) {
	for _, c := range []struct {
		what string
		do   []domain.Change
		as   domain.Apartment
		want string
	}{
		{"registered", rows(register(2, 20)), apartment(5, 4, 2, 20), "apartment 5 was registered through the service as floor 2, number 20 of block 4"},
		{"corrected", rows(renumber(1, 9)), apartment(1, 4, 1, 9), "apartment 1 was changed through the service as floor 1, number 9 of block 4"},
		{"retired", rows(retire(1)), retired(apartment(1, 4, 1, 1)), "apartment 1 was retired through the service as floor 1, number 1 of block 4, retired"},
		{"restored", rows(retire(1), restore(1)), apartment(1, 4, 1, 1), "apartment 1 was changed through the service as floor 1, number 1 of block 4"},
		{"registered and corrected", rows(register(2, 20)), apartment(5, 4, 2, 21), "apartment 5 was changed through the service as floor 2, number 21 of block 4"},
	} {
		store := newStore(t, town())
		app := application.New(store) // whose clock goes on
		change(t, app, c.do...)
		if c.what == "registered and corrected" {
			change(t, app, renumber(5, 21))
		}
		if got, want := mustImport(t, store, application.Register{Apartments: rows(c.as)}), (application.Summary{Unchanged: 1}); got != want {
			t.Errorf("%s, as it is: %+v, want %+v", c.what, got, want)
		}
		before := ledger(store, 4)
		other := apartment(c.as.ID(), 4, 7, 70)
		for _, row := range []domain.Apartment{other, retired(other)} {
			summary, err := importIn(store).Import(t.Context(), application.Register{Apartments: rows(row)}, nil)
			var faults application.Faults
			if !errors.As(err, &faults) || summary != (application.Summary{}) || faults.Error() != "apartments[0]: "+c.want+": an import does not overwrite it" {
				t.Errorf("%s: %+v, %v, want %s", c.what, summary, err, c.want)
			}
		}
		if got := ledger(store, 4); got != before {
			t.Errorf("%s: the ledger has\n%s", c.what, got)
		}
	}
}
