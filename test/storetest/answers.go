package storetest

import (
	"errors"
	"fmt"
	"reflect"

	"omarty.net/registry/domain"
)

// compareAnswers says how the answer to a set differs from the one that must be, or nothing. An apartment that the set itself
// would have registered, or that a dry run would, has no id.
func compareAnswers(got domain.Applied, gotErr error, want domain.Applied, wantErr error) string {
	if wantErr != nil || gotErr != nil {
		if gotErr != nil && !reflect.DeepEqual(got, domain.Applied{}) {
			return fmt.Sprintf("the error %v comes with %+v", gotErr, got)
		}
		return compareErrors(gotErr, wantErr)
	}
	if got.Version != want.Version || got.Replayed != want.Replayed || len(got.Changes) != len(want.Changes) {
		return fmt.Sprintf("answer\n%+v, want\n%+v", got, want)
	}
	for i, c := range got.Changes {
		wanted := want.Changes[i]
		if wanted.Outcome == domain.Planned { // which version the apartment would have is not promised
			c.Apartment, wanted.Apartment = unversioned(c.Apartment), unversioned(wanted.Apartment)
		}
		if !same(c, wanted) {
			return fmt.Sprintf("change %d:\n%+v, want\n%+v", i, c, wanted)
		}
	}
	return ""
}

func unversioned(a domain.Apartment) domain.Apartment {
	plain := must(domain.NewApartment(a.Block(), a.Floor(), a.Number()))
	return plain.WithID(a.ID()).WithState(a.State())
}

func compareErrors(got, want error) string {
	var gotStale, wantStale *domain.StaleBlockError
	var gotRefused, wantRefused *domain.ChangeSetError
	switch {
	case got == nil || want == nil:
		if got == nil && want == nil {
			return ""
		}
	case errors.As(want, &wantStale):
		if errors.As(got, &gotStale) && *gotStale == *wantStale {
			return ""
		}
	case errors.As(want, &wantRefused):
		if errors.As(got, &gotRefused) {
			return compareRefusals(gotRefused.Changes, wantRefused.Changes)
		}
	case errors.Is(got, want):
		return ""
	}
	return fmt.Sprintf("error %v, want %v", got, want)
}

func compareRefusals(got, want []*domain.ChangeError) string {
	for i := range min(len(got), len(want)) {
		g, w := *got[i], *want[i]
		if !same(g, w) {
			return fmt.Sprintf("refusal %d is\n%+v, want\n%+v", i, g, w)
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d changes are refused, want %d", len(got), len(want))
	}
	return ""
}
