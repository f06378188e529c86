package domain_test

import (
	"errors"
	"math"
	"testing"

	"omarty.net/registry/domain"
)

func TestFloorsAndNumbersHaveRanges(t *testing.T) {
	for _, level := range []int64{-20, -1, 0, 1, 300} {
		if floor, err := domain.NewFloor(level); err != nil || int64(floor.Level()) != level {
			t.Errorf("floor %d: %d, %v", level, floor.Level(), err)
		}
	}
	for _, n := range []int64{1, 2, 999_999} {
		if number, err := domain.NewNumber(n); err != nil || int64(number.Int()) != n {
			t.Errorf("number %d: %d, %v", n, number.Int(), err)
		}
	}
	// The last ones are small numbers once their upper half is cut off.
	for _, level := range []int64{-21, 301, math.MinInt64, math.MaxInt64, 1 << 32, -1 << 32} {
		floor, err := domain.NewFloor(level)
		wantRefusal(t, floor, err, domain.FieldFloor, domain.OutOfRange)
		wantRange(t, err, -20, 300)
	}
	for _, n := range []int64{0, -1, 1_000_000, math.MinInt64, math.MaxInt64, 1<<32 + 1} {
		number, err := domain.NewNumber(n)
		wantRefusal(t, number, err, domain.FieldNumber, domain.OutOfRange)
		wantRange(t, err, 1, 999_999)
	}
}

func wantRange(t *testing.T, err error, low, high int) {
	t.Helper()
	var refusal *domain.FieldError
	if !errors.As(err, &refusal) || refusal.Low != low || refusal.High != high {
		t.Errorf("error = %v, want the range %d to %d", err, low, high)
	}
}

func TestNewApartment(t *testing.T) {
	ground, two := must(domain.NewFloor(0)), must(domain.NewNumber(2))
	a, err := domain.NewApartment(4, ground, two)
	if err != nil || a.ID() != 0 || a.Block() != 4 || a.Floor() != ground || a.Number() != two {
		t.Errorf("apartment %+v, %v", a, err)
	}
	for _, c := range []struct {
		block  domain.BlockID
		floor  domain.Floor
		number domain.Number
		field  domain.Field
		code   domain.Code
	}{
		{0, ground, two, domain.FieldBlock, domain.NotPositive},
		{domain.NoSuchBlock, ground, two, domain.FieldBlock, domain.NotPositive},
		{4, domain.Floor{}, two, domain.FieldFloor, domain.Missing},
		{4, ground, domain.Number{}, domain.FieldNumber, domain.Missing},
	} {
		a, err := domain.NewApartment(c.block, c.floor, c.number)
		wantRefusal(t, a, err, c.field, c.code)
	}
}

func TestRestoreApartment(t *testing.T) {
	a, err := domain.RestoreApartment(9, 4, 301, 1_000_000) // beyond today's ranges
	if err != nil || a.ID() != 9 || a.Block() != 4 || a.Floor().Level() != 301 || a.Number().Int() != 1_000_000 {
		t.Errorf("apartment %+v, %v", a, err)
	}
	a, err = domain.RestoreApartment(0, 4, 1, 1)
	wantRefusal(t, a, err, domain.FieldApartment, domain.NotPositive)
	a, err = domain.RestoreApartment(9, -4, 1, 1)
	wantRefusal(t, a, err, domain.FieldBlock, domain.NotPositive)
}

func TestWithIDLeavesTheOriginal(t *testing.T) {
	made := must(domain.NewApartment(4, must(domain.NewFloor(-1)), must(domain.NewNumber(2))))
	kept := made.WithID(9)
	if made.ID() != 0 || kept.ID() != 9 || kept != must(domain.RestoreApartment(9, 4, -1, 2)) {
		t.Errorf("made %+v, kept %+v", made, kept)
	}
}

func TestSamePlace(t *testing.T) {
	place := must(domain.RestoreApartment(9, 4, 0, 2))
	for _, c := range []struct {
		other domain.Apartment
		want  bool
	}{
		{must(domain.NewApartment(4, must(domain.NewFloor(0)), must(domain.NewNumber(2)))), true},
		{must(domain.RestoreApartment(10, 4, 0, 2)), true},
		{must(domain.RestoreApartment(9, 5, 0, 2)), false},
		{must(domain.RestoreApartment(9, 4, 1, 2)), false},
		{must(domain.RestoreApartment(9, 4, 0, 3)), false},
		{domain.Apartment{}, false},
	} {
		if place.SamePlace(c.other) != c.want || c.other.SamePlace(place) != c.want {
			t.Errorf("%+v and %+v: want same %t", place, c.other, c.want)
		}
	}
}
