package domain_test

import (
	"errors"
	"testing"

	"omarty.net/registry/domain"
)

func numbered(n int64) domain.Number { return must(domain.NewNumber(n)) }

// asked is what a change tells of itself.
type asked struct {
	kind      domain.ChangeKind
	apartment domain.ApartmentID
	floor     domain.Floor
	number    domain.Number
}

func TestNewChange(t *testing.T) {
	third, twelve := floorAt(3), numbered(12)
	for want, c := range map[asked]domain.Change{
		{domain.ChangeRegister, 0, third, twelve}:         must(domain.NewRegister(third, twelve)),
		{domain.ChangeCorrect, 9, third, twelve}:          must(domain.NewCorrect(9, third, twelve, 0)),
		{domain.ChangeCorrect, 9, domain.Floor{}, twelve}: must(domain.NewCorrect(9, domain.Floor{}, twelve, 5)),
		{domain.ChangeCorrect, 9, third, domain.Number{}}: must(domain.NewCorrect(9, third, domain.Number{}, 5)),
		{kind: domain.ChangeRetire, apartment: 9}:         must(domain.NewRetire(9, 5)),
		{kind: domain.ChangeRestore, apartment: 9}:        must(domain.NewRestore(9, 0)),
		// An id that nothing has may be asked for, and is not found.
		{kind: domain.ChangeRetire, apartment: domain.NoSuchApartment}: must(domain.NewRetire(domain.NoSuchApartment, 0)),
	} {
		if got := (asked{c.Kind(), c.Apartment(), c.Floor(), c.Number()}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestNewChangeRefuses(t *testing.T) {
	none := domain.Number{}
	for _, c := range []struct {
		change domain.Change
		err    error
		field  domain.Field
		code   domain.Code
	}{
		refused(domain.NewRegister(domain.Floor{}, numbered(12)))(domain.FieldFloor, domain.Missing),
		refused(domain.NewRegister(floorAt(0), none))(domain.FieldNumber, domain.Missing),
		refused(domain.NewCorrect(0, floorAt(3), none, 0))(domain.FieldApartment, domain.NotPositive),
		refused(domain.NewCorrect(-2, floorAt(3), none, 0))(domain.FieldApartment, domain.NotPositive),
		refused(domain.NewCorrect(9, floorAt(3), none, -1))(domain.FieldVersion, domain.NotPositive),
		refused(domain.NewRetire(0, 0))(domain.FieldApartment, domain.NotPositive),
		refused(domain.NewRetire(9, -1))(domain.FieldVersion, domain.NotPositive),
		refused(domain.NewRestore(0, 0))(domain.FieldApartment, domain.NotPositive),
		refused(domain.NewRestore(9, -1))(domain.FieldVersion, domain.NotPositive),
	} {
		wantRefusal(t, c.change, c.err, c.field, c.code)
	}
}

type refusedChange = struct {
	change domain.Change
	err    error
	field  domain.Field
	code   domain.Code
}

// refused pairs what a constructor returned with what it is to refuse.
func refused(change domain.Change, err error) func(domain.Field, domain.Code) refusedChange {
	return func(field domain.Field, code domain.Code) refusedChange {
		return refusedChange{change, err, field, code}
	}
}

// What each kind of change makes of an apartment in each state, alone in its set: apartment 1 of the block.
func TestWhatAChangeMakesOfAnApartment(t *testing.T) {
	for _, c := range []struct{ before, change, want string }{
		{"0/11", "register 3/12", "done 3/12"},
		{"0/11", "register 0/11", "number_taken"},
		{"0/11", "register 3/11", "number_taken"},
		{"0/11", "register 0/11 ifAbsent", "unchanged 0/11"},
		{"0/11", "register 3/11 ifAbsent", "number_taken"}, // on another floor
		{"0/11", "register 0/12 ifAbsent", "done 0/12"},
		{"0/11", "correct 1 3/12", "done 3/12"},
		{"0/11", "correct 1 3/", "done 3/11"},
		{"0/11", "correct 1 /12", "done 0/12"},
		{"3/11", "correct 1 0/", "done 0/11"}, // the ground floor is a floor
		{"0/11", "correct 1 0/11", "unchanged 0/11"},
		{"0/11", "correct 1 0/", "unchanged 0/11"},
		{"0/11", "correct 1 /11", "unchanged 0/11"},
		{"0/11", "correct 1 /", "unchanged 0/11"},
		{"0/11", "retire 1", "done 0/11 retired"},
		{"0/11", "restore 1", "not_retired"},

		{"0/11 retired", "register 3/12", "done 3/12"},
		{"0/11 retired", "register 0/11", "done 0/11"}, // a number that is free again
		{"0/11 retired", "register 0/11 ifAbsent", "done 0/11"},
		{"0/11 retired", "correct 1 3/12", "already_retired"},
		{"0/11 retired", "correct 1 0/11", "already_retired"},
		{"0/11 retired", "retire 1", "already_retired"},
		{"0/11 retired", "restore 1", "done 0/11"},

		{"0/11", "correct 2 3/12", "not_found"},
		{"0/11", "retire 2", "not_found"},
		{"0/11", "restore 2", "not_found"},
		{"0/11", "retire -1", "not_found"},
	} {
		block := blockOf(5, "1 "+c.before)
		applied, err := block.Apply(setOf(c.change))
		if got := outcome(applied, err); got != c.want {
			t.Errorf("%s: %s: got %s, want %s", c.before, c.change, got, c.want)
		}
		wantVersion := domain.Sequence(5)
		if err == nil && applied.Changes[0].Outcome == domain.Done {
			wantVersion = 6
		}
		if block.Version() != wantVersion {
			t.Errorf("%s: %s: the block is at version %d", c.before, c.change, block.Version())
		}
	}
}

// outcome spells what came of a lone change.
func outcome(applied domain.Applied, err error) string {
	var refusal *domain.ChangeSetError
	if errors.As(err, &refusal) {
		return string(refusal.Changes[0].Code)
	}
	if err != nil {
		return err.Error()
	}
	return string(applied.Changes[0].Outcome) + " " + spelledState(applied.Changes[0].Apartment.State())
}
