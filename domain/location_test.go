package domain_test

import (
	"math"
	"testing"

	"omarty.net/registry/domain"
)

func TestLocationKeepsEachCoordinateOnItsOwn(t *testing.T) {
	for _, c := range []struct{ longitude, latitude *float64 }{
		{nil, nil},
		{new(31.25), nil},
		{nil, new(30.05)},
		{new(31.25), new(30.05)},
		{new(0.0), new(0.0)}, // a place off Africa, not an absent one
		{new(180.0), new(90.0)},
		{new(-180.0), new(-90.0)},
		{new(math.Copysign(0, -1)), new(math.Copysign(0, -1))},
		{new(math.SmallestNonzeroFloat64), new(-math.SmallestNonzeroFloat64)},
	} {
		l, err := domain.NewLocation(c.longitude, c.latitude)
		if err != nil {
			t.Error(err)
		}
		degrees, ok := l.Longitude()
		wantDegrees(t, domain.FieldLongitude, degrees, ok, c.longitude)
		degrees, ok = l.Latitude()
		wantDegrees(t, domain.FieldLatitude, degrees, ok, c.latitude)
	}
	if none := must(domain.NewLocation(nil, nil)); none != (domain.Location{}) {
		t.Errorf("a location without coordinates is %+v", none)
	}
}

func wantDegrees(t *testing.T, field domain.Field, got float64, ok bool, want *float64) {
	t.Helper()
	if ok != (want != nil) || ok && got != *want || !ok && got != 0 {
		t.Errorf("%s = %v, %t", field, got, ok)
	}
}

func TestLocationOutOfRange(t *testing.T) {
	above := func(bound float64) float64 { return math.Nextafter(bound, math.Inf(1)) }
	strange := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64}
	for _, degrees := range append(strange, above(180), -above(180), 181) {
		l, err := domain.NewLocation(&degrees, nil)
		wantRefusal(t, l, err, domain.FieldLongitude, domain.OutOfRange)
		wantRange(t, err, -180, 180)
		l, err = domain.NewLocation(&degrees, &degrees)
		wantRefusal(t, l, err, domain.FieldLongitude, domain.OutOfRange)
	}
	for _, degrees := range append(strange, above(90), -above(90), 180) {
		l, err := domain.NewLocation(new(31.25), &degrees)
		wantRefusal(t, l, err, domain.FieldLatitude, domain.OutOfRange)
		wantRange(t, err, -90, 90)
	}
}
