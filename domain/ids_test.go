package domain_test

import (
	"math"
	"testing"

	"omarty.net/registry/domain"
)

func TestIDsAreAboveZero(t *testing.T) {
	testID(t, domain.FieldBlock, domain.NewBlockID)
	testID(t, domain.FieldApartment, domain.NewApartmentID)
	testID(t, domain.FieldUser, domain.NewUserID)
}

func testID[ID ~int64](t *testing.T, field domain.Field, newID func(int64) (ID, error)) {
	for _, n := range []int64{1, 2, 1 << 53, 1<<53 + 1, math.MaxInt64} {
		if id, err := newID(n); err != nil || int64(id) != n {
			t.Errorf("%s %d: %d, %v", field, n, id, err)
		}
	}
	for _, n := range []int64{0, -1, math.MinInt64} {
		id, err := newID(n)
		wantRefusal(t, id, err, field, domain.NotPositive)
	}
}

func TestIDsThatNothingHasCannotBeBuilt(t *testing.T) {
	block, err := domain.NewBlockID(int64(domain.NoSuchBlock))
	wantRefusal(t, block, err, domain.FieldBlock, domain.NotPositive)
	apartment, err := domain.NewApartmentID(int64(domain.NoSuchApartment))
	wantRefusal(t, apartment, err, domain.FieldApartment, domain.NotPositive)
	if domain.NoSuchBlock == 0 || domain.NoSuchApartment == 0 {
		t.Error("an id that nothing has is taken for one not given")
	}
}

func TestChangeSetIDText(t *testing.T) {
	for want, id := range map[string]domain.ChangeSetID{
		"00000000-0000-0000-0000-000000000000": {},
		"0192f5e0-8b7a-7c3d-9f21-5a6b7c8d9e0f": {
			0x01, 0x92, 0xf5, 0xe0, 0x8b, 0x7a, 0x7c, 0x3d, 0x9f, 0x21, 0x5a, 0x6b, 0x7c, 0x8d, 0x9e, 0x0f,
		},
	} {
		if got := id.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
