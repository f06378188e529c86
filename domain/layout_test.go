package domain_test

import (
	"errors"
	"testing"

	"omarty.net/registry/domain"
)

func floorAt(level int64) domain.Floor { return must(domain.NewFloor(level)) }

func TestNewLayout(t *testing.T) {
	for _, c := range []struct {
		from, to  int64
		perFloor  int
		numbering domain.Numbering
		first     int
		want      string
	}{
		{0, 3, 4, domain.ByFloor, 1, "0: 1-4; 1: 101-104; 2: 201-204; 3: 301-304"},
		{9, 9, 1, domain.ByFloor, 1, "9: 901"},
		{0, 1, 99, domain.ByFloor, 1, "0: 1-99; 1: 101-199"},
		{299, 300, 2, domain.ByFloor, 1, "299: 29901-29902; 300: 30001-30002"},
		{0, 2, 4, domain.Running, 1, "0: 1-4; 1: 5-8; 2: 9-12"},
		{-2, 1, 2, domain.Running, 11, "-2: 11-12; -1: 13-14; 0: 15-16; 1: 17-18"},
		{-20, 0, 1, domain.Running, 999_979, ""},
		{5, 5, 10_000, domain.Running, 990_000, "5: 990000-999999"},
		{0, 0, 1, domain.Running, 999_999, "0: 999999"},
	} {
		layout, err := domain.NewLayout(floorAt(c.from), floorAt(c.to), c.perFloor, c.numbering, c.first)
		if err != nil || c.want != "" && layout.String() != c.want {
			t.Errorf("%+v: %q, %v", c, layout, err)
		}
		if want := int(c.to-c.from+1) * c.perFloor; layout.Len() != want {
			t.Errorf("%+v: %d apartments, want %d", c, layout.Len(), want)
		}
		if again, err := domain.ParseLayout(layout.String()); err != nil || spelled(again) != spelled(layout) {
			t.Errorf("%+v: its text %q is read as %q, %v", c, layout, again, err)
		}
	}
}

func TestTheLargestNewLayouts(t *testing.T) {
	for _, c := range []struct {
		from, to  int64
		perFloor  int
		numbering domain.Numbering
		want      int
	}{
		{-20, 300, 31, domain.Running, 9951},
		{0, 300, 33, domain.ByFloor, 9933},
		{1, 100, 100, domain.Running, domain.MaxChanges},
	} {
		layout, err := domain.NewLayout(floorAt(c.from), floorAt(c.to), c.perFloor, c.numbering, 1)
		if err != nil || layout.Len() != c.want {
			t.Errorf("%+v: %d apartments, %v", c, layout.Len(), err)
		}
		if again, err := domain.ParseLayout(layout.String()); err != nil || spelled(again) != spelled(layout) {
			t.Errorf("%+v: read as %d apartments, %v", c, again.Len(), err)
		}
	}
}

func TestNewLayoutRefuses(t *testing.T) {
	type fault = domain.FieldError
	const outOfRange = domain.OutOfRange
	none, ground, third, top := domain.Floor{}, floorAt(0), floorAt(3), floorAt(300)
	basement := floorAt(-1)
	beyond := must(domain.RestoreState(301, 1, domain.ApartmentRegistered)).Floor() // a floor that is none today
	for _, c := range []struct {
		from, to  domain.Floor
		perFloor  int
		numbering domain.Numbering
		first     int
		want      []fault
	}{
		{none, third, 4, domain.ByFloor, 1, []fault{{Field: domain.FieldFrom, Code: domain.Missing}}},
		{ground, none, 4, domain.Running, 1, []fault{{Field: domain.FieldTo, Code: domain.Missing}}},
		{basement, third, 4, domain.ByFloor, 1, []fault{{domain.FieldFrom, outOfRange, 0, 300}}},
		{beyond, beyond, 4, domain.Running, 1, []fault{{domain.FieldFrom, outOfRange, -20, 300}, {domain.FieldTo, outOfRange, -20, 300}}},
		{third, ground, 4, domain.Running, 1, []fault{{domain.FieldTo, outOfRange, 3, 300}}},
		{third, third, 0, domain.Running, 1, []fault{{domain.FieldPerFloor, outOfRange, 1, 10_000}}},
		{third, third, 10_001, domain.Running, 1, []fault{{domain.FieldPerFloor, outOfRange, 1, 10_000}}},
		{ground, third, 1 << 62, domain.Running, 1, []fault{{domain.FieldPerFloor, outOfRange, 1, 2500}}},
		{ground, third, 2501, domain.Running, 1, []fault{{domain.FieldPerFloor, outOfRange, 1, 2500}}},
		{ground, third, 100, domain.ByFloor, 1, []fault{{domain.FieldPerFloor, outOfRange, 1, 99}}},
		{ground, top, 34, domain.ByFloor, 1, []fault{{domain.FieldPerFloor, outOfRange, 1, 33}}},
		{ground, third, 4, "", 1, []fault{{Field: domain.FieldNumbering, Code: domain.Missing}}},
		{ground, third, 4, "spiral", 1, []fault{{Field: domain.FieldNumbering, Code: domain.NotKnown}}},
		{ground, third, 4, domain.ByFloor, 2, []fault{{domain.FieldFirst, outOfRange, 1, 1}}},
		{ground, third, 4, domain.Running, 0, []fault{{domain.FieldFirst, outOfRange, 1, 999_984}}},
		{ground, third, 4, domain.Running, 999_985, []fault{{domain.FieldFirst, outOfRange, 1, 999_984}}},
		{none, basement, -1, "spiral", 1_000_000, []fault{
			{Field: domain.FieldFrom, Code: domain.Missing}, {domain.FieldPerFloor, outOfRange, 1, 10_000},
			{Field: domain.FieldNumbering, Code: domain.NotKnown}, {domain.FieldFirst, outOfRange, 1, 999_999},
		}},
	} {
		layout, err := domain.NewLayout(c.from, c.to, c.perFloor, c.numbering, c.first)
		if layout.Len() != 0 || layout.String() != "" {
			t.Errorf("%+v: %q beside an error", c, layout)
		}
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok || len(joined.Unwrap()) != len(c.want) {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		for i, one := range joined.Unwrap() {
			var refusal *domain.FieldError
			if !errors.As(one, &refusal) || *refusal != c.want[i] {
				t.Errorf("%+v: %v", c, one)
			}
			if !errors.Is(err, c.want[i].Code) || !errors.Is(err, domain.Invalid) {
				t.Errorf("%+v: errors.Is does not find %v", c, one)
			}
		}
	}
}

func TestParseNumbering(t *testing.T) {
	for text, want := range map[string]domain.Numbering{"floor": domain.ByFloor, "running": domain.Running} {
		if got, err := domain.ParseNumbering(text); got != want || err != nil {
			t.Errorf("%s: %q, %v", text, string(got), err)
		}
	}
	numbering, err := domain.ParseNumbering("")
	wantRefusal(t, numbering, err, domain.FieldNumbering, domain.Missing)
	numbering, err = domain.ParseNumbering("Floor")
	wantRefusal(t, numbering, err, domain.FieldNumbering, domain.NotKnown)
}
