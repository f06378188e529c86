package domain_test

import (
	"errors"
	"math"
	"testing"
	"time"

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

func TestRestoreState(t *testing.T) {
	for _, status := range []domain.ApartmentStatus{domain.ApartmentRegistered, domain.ApartmentRetired} {
		s, err := domain.RestoreState(301, 1_000_000, status) // beyond today's ranges
		if err != nil || s.Floor().Level() != 301 || s.Number().Int() != 1_000_000 || s.Status() != status || s.IsZero() {
			t.Errorf("state %+v, %v", s, err)
		}
	}
	s, err := domain.RestoreState(0, 1, "")
	wantRefusal(t, s, err, domain.FieldStatus, domain.Missing)
	s, err = domain.RestoreState(0, 1, "sold")
	wantRefusal(t, s, err, domain.FieldStatus, domain.NotKnown)
	if !s.IsZero() {
		t.Error("the zero state is one of an apartment")
	}
	ground := must(domain.RestoreState(0, 1, domain.ApartmentRegistered))
	if ground.Floor() != floorAt(0) || ground != must(domain.NewApartment(4, floorAt(0), numbered(1))).State() {
		t.Errorf("the ground floor, reloaded, is another one: %+v", ground)
	}
}

func TestRestoreApartment(t *testing.T) {
	kept := domain.ApartmentRecord{
		ID: 9, Block: 4, State: must(domain.RestoreState(301, 1_000_000, domain.ApartmentRetired)), RegisteredBy: 7,
		RegisteredAt: aTime, ChangedAt: aTime.Add(time.Hour), Version: 12,
	}
	a, err := domain.RestoreApartment(kept)
	got := domain.ApartmentRecord{
		ID: a.ID(), Block: a.Block(), State: a.State(), RegisteredBy: a.RegisteredBy(),
		RegisteredAt: a.RegisteredAt(), ChangedAt: a.ChangedAt(), Version: a.Version(),
	}
	if err != nil || got != kept || a.Record() != kept {
		t.Errorf("apartment %+v, %v, record %+v, want %+v", got, err, a.Record(), kept)
	}
	if a.Floor() != kept.State.Floor() || a.Number() != kept.State.Number() || a.Status() != domain.ApartmentRetired {
		t.Errorf("apartment %+v", a)
	}
	without := func(change func(*domain.ApartmentRecord)) domain.ApartmentRecord {
		r := kept
		change(&r)
		return r
	}
	a, err = domain.RestoreApartment(without(func(r *domain.ApartmentRecord) { r.ID = 0 }))
	wantRefusal(t, a, err, domain.FieldApartment, domain.NotPositive)
	a, err = domain.RestoreApartment(without(func(r *domain.ApartmentRecord) { r.Block = -4 }))
	wantRefusal(t, a, err, domain.FieldBlock, domain.NotPositive)
	a, err = domain.RestoreApartment(without(func(r *domain.ApartmentRecord) { r.State = domain.State{} }))
	wantRefusal(t, a, err, domain.FieldStatus, domain.Missing)
}

// Before anything changes, the last change is the registration.
func TestAnApartmentThatNeverChangedHasTheTimeOfItsRegistration(t *testing.T) {
	a := must(domain.RestoreApartment(domain.ApartmentRecord{
		ID: 9, Block: 4, State: must(domain.RestoreState(0, 2, domain.ApartmentRegistered)), RegisteredAt: aTime,
	}))
	if !a.ChangedAt().Equal(aTime) {
		t.Errorf("changed at %s", a.ChangedAt())
	}
}

func TestWithLeavesTheOriginal(t *testing.T) {
	made := must(domain.NewApartment(4, floorAt(-1), numbered(2)))
	kept := made.WithID(9)
	retired := kept.WithState(must(domain.RestoreState(-1, 2, domain.ApartmentRetired)))
	if got := kept.WithStatus(domain.ApartmentRetired); got != retired {
		t.Errorf("with the status alone: %+v, want %+v", got, retired)
	}
	if made.ID() != 0 || made.Status() != domain.ApartmentRegistered || kept.ID() != 9 || kept.Block() != 4 {
		t.Errorf("made %+v, kept %+v", made, kept)
	}
	if kept.Status() != domain.ApartmentRegistered || retired.Status() != domain.ApartmentRetired || retired.ID() != 9 {
		t.Errorf("kept %+v, retired %+v", kept, retired)
	}
}
