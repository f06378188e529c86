package storetest

import (
	"errors"
	"strconv"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// updateAtOncePromises are those of application.Importer beside other callers.
var updateAtOncePromises = []promise{
	{"what the plan sees does not change before its changes are written", atOncePlans},
	{"the same import many times at once brings its rows once", atOnceImports},
	{"an import and registrations take no number twice, and lose none", atOnceImportAndRegister},
}

// untilUpdated updates again while the store cannot tell, as a caller would.
func untilUpdated(update func() error) error {
	const tries = 20
	var err error
	for range tries {
		if err = update(); !errors.Is(err, domain.StoreUnavailable) {
			break
		}
	}
	return err
}

// Each plan counts one up from what it sees: if two see the same, a count is lost.
func atOncePlans(t *testing.T, s Subject) {
	const plans = 12
	update(t, s, application.Changes{NewBlocks: []domain.Block{block(4, "0", domain.BlockActive)}})
	countUp := func(kept application.Kept) (application.Changes, error) {
		if len(kept.Blocks) != 1 {
			return application.Changes{}, errors.New("the block is not seen")
		}
		count, err := strconv.Atoi(kept.Blocks[0].Name())
		if err != nil {
			return application.Changes{}, err
		}
		return application.Changes{ChangedBlocks: []domain.Block{block(4, strconv.Itoa(count+1), domain.BlockActive)}}, nil
	}
	errs := atOnce(plans, func(int) error {
		return untilUpdated(func() error {
			return s.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{4}}, countUp, nil)
		})
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	wantRows(t, s, Rows{Blocks: []domain.Block{block(4, strconv.Itoa(plans), domain.BlockActive)}})
}

func atOnceImports(t *testing.T, s Subject) {
	errs := atOnce(8, func(int) error {
		return untilUpdated(func() error {
			_, err := importing(s).Import(t.Context(), fileOf(crowd()), nil)
			return err
		})
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	wantRows(t, s, rowsOf(crowd()))
}

// Registrations and imports race for the same numbers: the imports bring what they see to be free.
func atOnceImportAndRegister(t *testing.T, s Subject) {
	const numbers, registering, importers = 60, 6, 3
	update(t, s, town())
	asked := func(caller, number int) domain.Registration {
		return ask{id: id(1000*(caller+1) + number), user: domain.UserID(1 + caller), number: int64(number)}.registration()
	}
	var answers [registering][numbers]answer
	var brought [importers][]domain.Apartment
	errs := atOnce(registering+importers, func(i int) error {
		if i < registering {
			for n := range numbers {
				number := 1 + (n*7+i*10)%numbers // each caller in its own order
				answers[i][number-1] = untilAnswered(t.Context(), s, asked(i, number))
			}
			return nil
		}
		i -= registering
		for n := range numbers {
			a := apartment(domain.ApartmentID(100_000*(i+1)+n), 4, 1, int64(1+(n*11+i*20)%numbers))
			var planned bool
			err := untilUpdated(func() error {
				return s.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{4}, Apartments: []domain.ApartmentID{a.ID()}},
					func(kept application.Kept) (application.Changes, error) {
						planned = false
						for _, k := range kept.Apartments {
							if k.Apartment.ID() == a.ID() {
								planned = k.Apartment == a // an attempt that could not tell did write it
								return application.Changes{}, nil
							}
							if k.Apartment.Number() == a.Number() {
								return application.Changes{}, nil
							}
						}
						planned = true
						return application.Changes{At: noon, NewApartments: []domain.Apartment{a}}, nil
					}, nil)
			})
			if err != nil {
				return err
			}
			if planned {
				brought[i] = append(brought[i], a)
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	var registered []domain.Registration
	for caller := range answers {
		for i, a := range answers[caller] {
			r := asked(caller, 1+i)
			switch {
			case a.err == nil:
				registered = append(registered, r)
			case !errors.Is(a.err, domain.NumberTaken):
				t.Errorf("registration %s: %v", r.ID(), a.err)
			}
		}
	}
	wantRegistrations(t, s, registered...)
	want := rowsOf(town())
	for _, apartments := range brought {
		want.Apartments = append(want.Apartments, rowsOf(application.Changes{At: noon, NewApartments: apartments}).Apartments...)
	}
	got := s.Rows(t)
	got.Apartments, got.Logs = withoutRegistered(got.Apartments), nil
	wantSame(t, "imported apartments", got.sorted().Apartments, want.sorted().Apartments)
	if got := len(registered) + len(want.Apartments) - len(town().NewApartments); got != numbers {
		t.Errorf("%d numbers are taken, want all %d", got, numbers)
	}
}
