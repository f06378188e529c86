package application_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func TestApplyChangeSet(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	in := application.ApplyChangeSetInput{
		Caller: application.Caller{
			User: 7, Through: 1, Location: must(domain.NewLocation(new(31.25), new(30.05))), Source: domain.SourceApp, RequestID: "request",
		},
		Block:   4,
		Changes: rows(renumber(1, 3), renumber(2, 1), register(5, 50), must(domain.NewCorrect(1, floorAt(1), noNumber, 1)), retire(2)),
	}
	out, err := app.ApplyChangeSet.Apply(t.Context(), in)
	wantChanges(t, out, err, "v6: done correct #1 1/1 > 1/3; done correct #2 1/3 > 1/1; done register #5 - > 5/50; unchanged correct #1 1/3 > 1/3; done retire #2 1/1 > 1/1 retired")
	if out.ID != changeSet(1) {
		t.Errorf("id %s", out.ID)
	}
	want := domain.Origin{By: 7, Through: 1, Location: in.Location, At: kept, Source: domain.SourceApp, RequestID: "request"}
	for _, e := range store.LedgerEntries()[2:6] {
		if e.Block != 4 || e.ChangeSet != changeSet(1) || e.Origin != want {
			t.Errorf("entry %+v", e)
		}
	}
	wantLedger(t, store, "3 correct #1 1/1 > 1/3 by 7 (app)", "4 correct #2 1/3 > 1/1 by 7 (app)", "5 register #5 - > 5/50 by 7 (app)", "6 retire #2 1/1 > 1/1 retired by 7 (app)")
}

// All changes or none, with each that cannot be; and the dry run says the same.
func TestApplyChangeSetRefuses(t *testing.T) {
	for _, dryRun := range []bool{true, false} {
		store := newStore(t, town())
		in := application.ApplyChangeSetInput{
			Caller: by(""), Block: 4, DryRun: dryRun,
			Changes: rows(register(5, 50), register(5, 3), retire(99), register(6, 50), restore(1)),
		}
		out, err := over(store).ApplyChangeSet.Apply(t.Context(), in)
		wantNothing(t, out, err, domain.ChangeRefused)
		var refusal *domain.ChangeSetError
		var got []string
		if errors.As(err, &refusal) {
			for _, c := range refusal.Changes {
				got = append(got, fmt.Sprintf("%d %s #%d", c.Index, string(c.Code), c.Existing.ID()))
			}
		}
		if want := []string{"1 number_taken #2", "2 not_found #0", "3 number_taken #0", "4 not_retired #1"}; !slices.Equal(got, want) {
			t.Errorf("refused %v, want %v", got, want)
		}
		wantLedger(t, store)

		for _, c := range []struct {
			changes []domain.Change
			code    domain.Code
		}{{nil, domain.Missing}, {slices.Repeat(rows(retire(1)), domain.MaxChanges+1), domain.TooLong}} {
			in.Changes = c.changes
			out, err := over(store).ApplyChangeSet.Apply(t.Context(), in)
			wantNothing(t, out, err, c.code)
		}
		in.Changes, in.IfVersion = rows(retire(1)), new(domain.Sequence(1))
		out, err = over(store).ApplyChangeSet.Apply(t.Context(), in)
		wantNothing(t, out, err, domain.VersionMismatch)
		var stale *domain.StaleBlockError
		if !errors.As(err, &stale) || stale.Current != 2 {
			t.Errorf("stale %+v, %v", stale, err)
		}
		wantLedger(t, store)
	}
}

// A dry run and a run at the same version agree: what is planned is what is done.
func TestADryRunAgreesWithTheRun(t *testing.T) {
	for name, changes := range map[string][]domain.Change{
		"each kind":    rows(register(5, 50), renumber(1, 51), retire(2), restore(2)),
		"change place": rows(renumber(1, 3), renumber(2, 1)),
		"a layout":     must(domain.ParseLayout("1: 1-4; 2: 5")).Changes(),
		"nothing":      rows(renumber(1, 1), register(1, 3).IfAbsent()),
		"one":          rows(register(5, 50)),
	} {
		store := newStore(t, town())
		app := over(store)
		in := application.ApplyChangeSetInput{Caller: by("k"), Block: 4, Changes: changes, IfVersion: new(domain.Sequence(2)), DryRun: true}
		planned, err := app.ApplyChangeSet.Apply(t.Context(), in)
		if err != nil || planned.ID != (domain.ChangeSetID{}) || planned.Version != 2 {
			t.Errorf("%s: %+v, %v", name, planned, err)
		}
		wantLedger(t, store)

		in.DryRun = false
		done, err := app.ApplyChangeSet.Apply(t.Context(), in)
		if err != nil || done.ID == (domain.ChangeSetID{}) {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
		if want := done.Planned(2); !reflect.DeepEqual(planned.Applied, want) {
			t.Errorf("%s: planned %+v, done %+v", name, planned.Applied, want)
		}
	}
}

func TestAChangeSetAskedAgain(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	in := application.ApplyChangeSetInput{
		Caller: by("k"), Block: 4, IfVersion: new(domain.Sequence(2)),
		Changes: rows(register(1, 1).IfAbsent(), renumber(2, 4), register(1, 3), renumber(1, 1)),
	}
	const want = "v4: unchanged register #1 1/1 > 1/1; done correct #2 1/3 > 1/4; done register #5 - > 1/3; unchanged correct #1 1/1 > 1/1"
	first, err := app.ApplyChangeSet.Apply(t.Context(), in)
	wantChanges(t, first, err, want)

	// At once, and after what it changed has changed again: the first answer, although the block is at another version.
	for _, since := range [][]domain.Change{{}, rows(renumber(2, 40)), rows(retire(5), renumber(2, 3))} {
		if len(since) > 0 {
			change(t, app, since...)
		}
		again, err := app.ApplyChangeSet.Apply(t.Context(), in)
		wantChanges(t, again, err, want+" (replayed)")
		first.Replayed = true
		if !reflect.DeepEqual(again, first) {
			t.Errorf("again %+v, first %+v", again, first)
		}
	}
	// Of what it left as it was and has changed since, the ledger tells no more than the id or the place.
	change(t, app, renumber(1, 60))
	again, err := app.ApplyChangeSet.Apply(t.Context(), in)
	wantChanges(t, again, err, "v4: unchanged register #0 1/1 > 1/1; done correct #2 1/3 > 1/4; done register #5 - > 1/3; unchanged correct #1 - > - (replayed)")

	// A dry run tells the same, in no set's name.
	in.DryRun = true
	dry, err := app.ApplyChangeSet.Apply(t.Context(), in)
	if err != nil || dry.ID != (domain.ChangeSetID{}) || !reflect.DeepEqual(dry.Applied, again.Applied) {
		t.Errorf("dry run %+v, %v", dry, err)
	}

	before := ledger(store, 4)
	for _, changes := range [][]domain.Change{in.Changes[:3], rows(renumber(2, 4)), slices.Concat(in.Changes[1:], in.Changes[:1])} {
		for _, dryRun := range []bool{true, false} {
			other := application.ApplyChangeSetInput{Caller: by("k"), Block: 4, Changes: changes, DryRun: dryRun}
			out, err := app.ApplyChangeSet.Apply(t.Context(), other)
			wantNothing(t, out, err, domain.KeyReused)
		}
	}
	if got := ledger(store, 4); got != before {
		t.Errorf("the ledger has\n%s", got)
	}
}

func TestGetChangeSet(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	first := change(t, app, renumber(1, 9), register(1, 3).IfAbsent(), register(5, 50))
	change(t, app, renumber(1, 10), retire(5)) // whatever became of them since
	get := func(in application.GetChangeSetInput) (application.ChangeSetOutput, error) {
		return app.GetChangeSet.Get(t.Context(), in)
	}
	out, err := get(application.GetChangeSetInput{User: 7, Block: 4, ChangeSet: first.ID})
	wantChanges(t, out, err, "v4: done correct #1 1/1 > 1/9; done register #5 - > 5/50")
	if out.ID != first.ID || out.Changes[1] != first.Changes[2] || out.Changes[0] != first.Changes[0] {
		t.Errorf("got %+v, want %+v", out, first)
	}
	out, err = get(application.GetChangeSetInput{User: 7, Block: 4, ChangeSet: store.LedgerEntries()[0].ChangeSet})
	wantChanges(t, out, err, "v2: done import #1 - > 1/1; done import #2 - > 1/3")

	out, err = get(application.GetChangeSetInput{User: 7, Block: 4, ChangeSet: changeSet(99)})
	wantNothing(t, out, err, domain.NotFound)
	out, err = get(application.GetChangeSetInput{User: 7, Block: 4})
	wantNothing(t, out, err, domain.NotFound)
	// A set of another block is not in this one's ledger.
	out, err = get(application.GetChangeSetInput{User: 10, Block: 6, ChangeSet: first.ID})
	wantNothing(t, out, err, domain.NotFound)
}
