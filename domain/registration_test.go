package domain_test

import (
	"errors"
	"testing"
	"time"

	"omarty.net/registry/domain"
)

var (
	anID    = domain.RegistrationID{15: 1}
	aPlace  = must(domain.NewApartment(4, must(domain.NewFloor(3)), must(domain.NewNumber(12))))
	inCairo = must(domain.NewLocation(new(31.25), new(30.05)))
	aTime   = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
)

func TestNewRegistration(t *testing.T) {
	for _, through := range []domain.ApartmentID{0, 3} {
		r, err := domain.NewRegistration(anID, aPlace, 7, through, inCairo, aTime)
		if err != nil || r.ID() != anID || r.Apartment() != aPlace || r.By() != 7 || r.Through() != through ||
			r.Location() != inCairo || r.At() != aTime {
			t.Errorf("registration %+v, %v", r, err)
		}
	}
	for _, c := range []struct {
		id        domain.RegistrationID
		apartment domain.Apartment
		by        domain.UserID
		through   domain.ApartmentID
		at        time.Time
		field     domain.Field
		code      domain.Code
	}{
		{domain.RegistrationID{}, aPlace, 7, 3, aTime, domain.FieldRegistration, domain.Missing},
		{anID, domain.Apartment{}, 7, 3, aTime, domain.FieldApartment, domain.Missing},
		{anID, aPlace, 0, 3, aTime, domain.FieldUser, domain.NotPositive},
		{anID, aPlace, 7, domain.NoSuchApartment, aTime, domain.FieldApartment, domain.NotPositive},
		{anID, aPlace, 7, 3, time.Time{}, domain.FieldTime, domain.Missing},
	} {
		r, err := domain.NewRegistration(c.id, c.apartment, c.by, c.through, inCairo, c.at)
		wantRefusal(t, r, err, c.field, c.code)
	}
}

// Stores keep microseconds: what was written must be what is read.
func TestRegistrationTimeIsUTCCutToMicroseconds(t *testing.T) {
	cairo := time.FixedZone("Cairo", 2*60*60)
	for _, c := range []struct{ at, want time.Time }{
		{time.Date(2026, 3, 4, 5, 6, 7, 123_456_789, cairo), time.Date(2026, 3, 4, 3, 6, 7, 123_456_000, time.UTC)},
		{time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(2026, 12, 31, 23, 59, 59, 999_999_000, time.UTC)},
		{time.Date(2027, 1, 1, 0, 0, 0, 1_000, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 1_000, time.UTC)},
	} {
		// == compares the zone too, and the monotonic reading that a clock adds.
		if got := must(domain.NewRegistration(anID, aPlace, 7, 0, inCairo, c.at)).At(); got != c.want {
			t.Errorf("%s became %s, want %s", c.at, got, c.want)
		}
	}
	now := time.Now()
	if got := must(domain.NewRegistration(anID, aPlace, 7, 0, inCairo, now)).At(); got != got.Round(0) {
		t.Errorf("%s keeps a monotonic reading", got)
	}
}

func TestTheLogsWordAndPrecision(t *testing.T) {
	if domain.ActionCreateApartment != "CreateApartment" || domain.Precision != time.Microsecond {
		t.Errorf("%s, %s", domain.ActionCreateApartment, domain.Precision)
	}
}

func TestAskedAgain(t *testing.T) {
	r := must(domain.NewRegistration(anID, aPlace, 7, 3, inCairo, aTime))
	for _, c := range []struct {
		kept domain.Apartment
		want error
	}{
		{aPlace.WithID(99), nil},
		{must(domain.RestoreApartment(99, 5, 3, 12)), domain.KeyReused},
		{must(domain.RestoreApartment(99, 4, 2, 12)), domain.KeyReused},
		{must(domain.RestoreApartment(99, 4, 3, 13)), domain.KeyReused},
	} {
		if err := r.AskedAgain(c.kept); !errors.Is(err, c.want) {
			t.Errorf("kept %+v: %v, want %v", c.kept, err, c.want)
		}
	}
}
