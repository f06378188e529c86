package application_test

import (
	"context"
	"errors"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// oneChange is how to make one change to an apartment of block 4.
type oneChange func(ctx context.Context, app *application.Application, c application.Caller) (application.ApartmentOutput, error)

func correcting(id domain.ApartmentID, floor domain.Floor, number domain.Number, ifVersion domain.Sequence) oneChange {
	return func(ctx context.Context, app *application.Application, c application.Caller) (application.ApartmentOutput, error) {
		in := application.CorrectApartmentInput{Caller: c, Block: 4, Apartment: id, Floor: floor, Number: number, IfVersion: ifVersion}
		return app.CorrectApartment.Correct(ctx, in)
	}
}

func retiring(id domain.ApartmentID, ifVersion domain.Sequence) oneChange {
	return func(ctx context.Context, app *application.Application, c application.Caller) (application.ApartmentOutput, error) {
		return app.RetireApartment.Retire(ctx, application.RetireApartmentInput{Caller: c, Block: 4, Apartment: id, IfVersion: ifVersion})
	}
}

func restoring(id domain.ApartmentID, ifVersion domain.Sequence) oneChange {
	return func(ctx context.Context, app *application.Application, c application.Caller) (application.ApartmentOutput, error) {
		return app.RestoreApartment.Restore(ctx, application.RestoreApartmentInput{Caller: c, Block: 4, Apartment: id, IfVersion: ifVersion})
	}
}

// creating registers an apartment on floor 2.
func creating(number int64) oneChange {
	return func(ctx context.Context, app *application.Application, c application.Caller) (application.ApartmentOutput, error) {
		return app.CreateApartment.Create(ctx, application.CreateApartmentInput{User: c.User, Key: c.Key, Block: 4, Floor: floorAt(2), Number: numbered(number)})
	}
}

var (
	noFloor  = domain.Floor{}
	noNumber = domain.Number{}
)

func TestOneChangeAfterTheOther(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	for _, c := range []struct {
		do   oneChange
		want string
	}{
		{correcting(1, floorAt(2), numbered(7), 0), "done #1 2/7 v3"},
		{correcting(1, floorAt(0), noNumber, 3), "done #1 0/7 v4"},
		{correcting(1, noFloor, numbered(8), 0), "done #1 0/8 v5"},
		{correcting(1, floorAt(0), numbered(8), 0), "unchanged #1 0/8 v5"},
		{correcting(1, noFloor, noNumber, 5), "unchanged #1 0/8 v5"},
		{retiring(1, 5), "done #1 0/8 retired v6"},
		{restoring(1, 6), "done #1 0/8 v7"},
		{retiring(1, 0), "done #1 0/8 retired v8"},
		{correcting(2, noFloor, numbered(8), 0), "done #2 1/8 v9"}, // whose number is free
	} {
		out, err := c.do(t.Context(), app, by(""))
		wantApartment(t, out, err, c.want)
	}
	wantLedger(t, store,
		"3 correct #1 1/1 > 2/7 by 7 (api)", "4 correct #1 2/7 > 0/7 by 7 (api)", "5 correct #1 0/7 > 0/8 by 7 (api)",
		"6 retire #1 0/8 > 0/8 retired by 7 (api)", "7 restore #1 0/8 retired > 0/8 by 7 (api)",
		"8 retire #1 0/8 > 0/8 retired by 7 (api)", "9 correct #2 1/3 > 1/8 by 7 (api)")
}

// Each refusal is of the one change, with the apartment that stands in the way as it is now.
func TestOneChangeRefused(t *testing.T) {
	for _, c := range []struct {
		what     string
		do       oneChange
		want     domain.Code
		existing string
	}{
		{"correct: not there", correcting(99, floorAt(2), noNumber, 0), domain.NotFound, "-"},
		{"correct: an id that nothing has", correcting(domain.NoSuchApartment, floorAt(2), noNumber, 0), domain.NotFound, "-"},
		{"correct: of another block", correcting(3, floorAt(2), noNumber, 0), domain.NotFound, "-"},
		{"correct: retired", correcting(5, floorAt(2), noNumber, 0), domain.AlreadyRetired, "0/1 retired"},
		{"correct: changed since", correcting(1, floorAt(2), noNumber, 1), domain.VersionMismatch, "1/9"},
		{"correct: a version to come", correcting(1, floorAt(2), noNumber, 99), domain.VersionMismatch, "1/9"},
		{"correct: number taken", correcting(1, noFloor, numbered(3), 0), domain.NumberTaken, "1/3"},
		{"retire: not there", retiring(99, 0), domain.NotFound, "-"},
		{"retire: of another block", retiring(3, 0), domain.NotFound, "-"},
		{"retire: retired", retiring(5, 0), domain.AlreadyRetired, "0/1 retired"},
		{"retire: changed since", retiring(1, 1), domain.VersionMismatch, "1/9"},
		{"restore: not there", restoring(99, 0), domain.NotFound, "-"},
		{"restore: of another block", restoring(3, 0), domain.NotFound, "-"},
		{"restore: not retired", restoring(1, 0), domain.NotRetired, "1/9"},
		{"restore: changed since", restoring(5, 1), domain.VersionMismatch, "0/1 retired"},
		{"restore: number taken", restoring(6, 0), domain.NumberTaken, "1/3"},
	} {
		store := newStore(t, town())
		app := over(store)
		change(t, app, renumber(1, 9), register(0, 1), retire(2), register(0, 3)) // apartments 5 and 6
		change(t, app, retire(5), retire(6), restore(2))
		before := ledger(store, 4)
		out, err := c.do(t.Context(), app, by(""))
		wantNothing(t, out, err, c.want)
		var refusal *domain.ChangeError
		var set *domain.ChangeSetError
		if !errors.As(err, &refusal) || spelled(refusal.Existing.State()) != c.existing || errors.As(err, &set) {
			t.Errorf("%s: %v, with %+v", c.what, err, refusal)
		}
		if got := ledger(store, 4); got != before {
			t.Errorf("%s: the ledger has\n%s", c.what, got)
		}
	}
}

// What cannot be asked for is named before the block is looked at.
func TestOneChangeOfWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		do    oneChange
		field domain.Field
	}{
		{correcting(0, floorAt(2), noNumber, 0), domain.FieldApartment},
		{correcting(1, floorAt(2), noNumber, -1), domain.FieldVersion},
		{retiring(0, 0), domain.FieldApartment},
		{retiring(1, -1), domain.FieldVersion},
		{restoring(-5, 0), domain.FieldApartment},
		{restoring(1, -1), domain.FieldVersion},
	} {
		store := newStore(t, town())
		for _, caller := range []application.Caller{by(""), {User: 99}} {
			out, err := c.do(t.Context(), over(store), caller)
			wantNothing(t, out, err, domain.NotPositive)
			var refusal *domain.FieldError
			if !errors.As(err, &refusal) || refusal.Field != c.field {
				t.Errorf("%v, want %s", err, c.field)
			}
		}
		wantLedger(t, store)
	}
	for what, caller := range map[domain.Field]application.Caller{
		domain.FieldSource:  {User: 7, Source: "fax"},
		domain.FieldRequest: {User: 7, RequestID: string(make([]byte, domain.MaxRequestID+1))},
	} {
		out, err := retiring(1, 0)(t.Context(), over(newStore(t, town())), caller)
		wantNothing(t, out, err, domain.Invalid)
		var refusal *domain.FieldError
		if !errors.As(err, &refusal) || refusal.Field != what {
			t.Errorf("%v, want %s", err, what)
		}
	}
}

// A request that is asked again under its key has its first answer, whatever became of the apartment since, and nothing is written
// twice. The same key with another request is refused, whichever of the use cases it goes to.
func TestOneChangeAskedAgain(t *testing.T) {
	all := map[string]oneChange{
		"create": creating(20), "create another": creating(21), "correct": correcting(1, floorAt(5), numbered(50), 0),
		"correct the floor": correcting(1, floorAt(6), noNumber, 0), "correct another": correcting(2, floorAt(5), numbered(51), 0),
		"retire": retiring(1, 0), "retire another": retiring(2, 0), "restore": restoring(5, 0), "restore another": restoring(6, 0),
	}
	first := map[string]string{
		"create": "done #7 2/20 v7", "correct": "done #1 5/50 v7", "correct the floor": "done #1 6/1 v7", "retire": "done #1 1/1 retired v7", "restore": "done #5 0/1 v7",
	}
	for name, want := range first {
		store := newStore(t, town())
		app := over(store)
		change(t, app, register(0, 11), register(0, 12)) // apartments 5 and 6
		change(t, app, retire(5), retire(6))
		if name == "restore" {
			want = "done #5 0/11 v7"
		}
		out, err := all[name](t.Context(), app, by("k"))
		wantApartment(t, out, err, want)

		id := out.Apartment.ID()
		since := []domain.Change{renumber(id, 77), retire(id), restore(id)}
		if out.Apartment.Status() == domain.ApartmentRetired {
			since = []domain.Change{restore(id), renumber(id, 77)}
		}
		for _, c := range since {
			change(t, app, c)
			before := ledger(store, 4)
			again, err := all[name](t.Context(), app, by("k"))
			wantApartment(t, again, err, want+" replayed")
			if again.Apartment != out.Apartment {
				t.Errorf("%s: again %+v, first %+v", name, again.Apartment, out.Apartment)
			}
			for other, do := range all {
				if other == name {
					continue
				}
				out, err := do(t.Context(), app, by("k"))
				if !errors.Is(err, domain.KeyReused) || answerOf(out) != (answer{}) {
					t.Errorf("%s, then %s under its key: %+v, %v", name, other, out, err)
				}
			}
			if got := ledger(store, 4); got != before {
				t.Errorf("%s: asking again has written:\n%s", name, got)
			}
		}
	}
}

// A refusal is not kept, and neither is what changed nothing: the next request under the key is judged anew.
func TestKeysOfWhatWroteNothing(t *testing.T) {
	app := over(newStore(t, town()))
	_, err := correcting(1, noFloor, numbered(3), 0)(t.Context(), app, by("k"))
	if !errors.Is(err, domain.NumberTaken) {
		t.Error(err)
	}
	out, err := correcting(1, floorAt(1), numbered(1), 0)(t.Context(), app, by("k"))
	wantApartment(t, out, err, "unchanged #1 1/1 v1")
	out, err = retiring(1, 0)(t.Context(), app, by("k"))
	wantApartment(t, out, err, "done #1 1/1 retired v3")
	// The permission is judged each time.
	_, err = retiring(1, 0)(t.Context(), app, application.Caller{User: 8, Key: key("k")})
	if !errors.Is(err, domain.NotPermitted) {
		t.Error(err)
	}
	// The same key of another user is another key.
	_, err = retiring(1, 0)(t.Context(), app, application.Caller{User: 10, Key: key("k")})
	if !errors.Is(err, domain.AlreadyRetired) {
		t.Error(err)
	}
}
