package application_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func undo(t *testing.T, app *application.Application, c application.Caller, set domain.ChangeSetID) (application.ChangeSetOutput, error) {
	t.Helper()
	return app.UndoChangeSet.Undo(t.Context(), application.UndoChangeSetInput{Caller: c, Block: 4, ChangeSet: set})
}

func TestUndoChangeSet(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	first := change(t, app, renumber(1, 3), renumber(2, 1), register(5, 50), retire(2))

	out, err := undo(t, app, application.Caller{User: 7, Source: domain.SourceApp, RequestID: "request"}, first.ID)
	wantChanges(t, out, err, "v10: done correct #1 1/3 > 1/1; done restore #2 1/1 retired > 1/1; done correct #2 1/1 > 1/3; done retire #5 5/50 > 5/50 retired")
	if out.ID != changeSet(2) || store.LedgerEntries()[6].Origin.RequestID != "request" {
		t.Errorf("id %s, origin %+v", out.ID, store.LedgerEntries()[6].Origin)
	}
	// An undo is a change set like another, and undone like one.
	again, err := undo(t, app, by(""), out.ID)
	wantChanges(t, again, err, "v14: done correct #1 1/1 > 1/3; done correct #2 1/3 > 1/1; done retire #2 1/1 > 1/1 retired; done restore #5 5/50 retired > 5/50")
	wantLedger(t, store,
		"3 correct #1 1/1 > 1/3 by 7 (api)", "4 correct #2 1/3 > 1/1 by 7 (api)", "5 register #5 - > 5/50 by 7 (api)", "6 retire #2 1/1 > 1/1 retired by 7 (api)",
		"7 correct #1 1/3 > 1/1 by 7 (undo)", "8 restore #2 1/1 retired > 1/1 by 7 (undo)", "9 correct #2 1/1 > 1/3 by 7 (undo)", "10 retire #5 5/50 > 5/50 retired by 7 (undo)",
		"11 correct #1 1/1 > 1/3 by 7 (undo)", "12 correct #2 1/3 > 1/1 by 7 (undo)", "13 retire #2 1/1 > 1/1 retired by 7 (undo)", "14 restore #5 5/50 retired > 5/50 by 7 (undo)")
}

func TestUndoOfAnImport(t *testing.T) {
	store := newStore(t, town())
	out, err := undo(t, over(store), by(""), store.LedgerEntries()[0].ChangeSet)
	wantChanges(t, out, err, "v4: done retire #1 1/1 > 1/1 retired; done retire #2 1/3 > 1/3 retired")

	large := town()
	for i := range domain.MaxChanges + 1 {
		large.Apartments = append(large.Apartments, apartment(domain.ApartmentID(100+i), 4, 9, 100+i))
	}
	store = newStore(t, large)
	out, err = undo(t, over(store), by(""), store.LedgerEntries()[0].ChangeSet)
	wantNothing(t, out, err, domain.TooLong)
}

func TestUndoRefused(t *testing.T) {
	app := over(newStore(t, town()))
	first := change(t, app, renumber(1, 9), retire(2), register(5, 50))
	change(t, app, renumber(1, 10), retire(5))
	for _, dryRun := range []bool{true, false} {
		out, err := app.UndoChangeSet.Undo(t.Context(), application.UndoChangeSetInput{Caller: by(""), Block: 4, ChangeSet: first.ID, DryRun: dryRun})
		wantNothing(t, out, err, domain.UndoRefused)
		wantChanged(t, err, "1/10", "5/50 retired")
	}
}

// wantChanged checks which apartments an undo was refused for.
func wantChanged(t *testing.T, err error, want ...string) {
	t.Helper()
	var refusal *domain.UndoError
	var got []string
	if errors.As(err, &refusal) {
		for _, a := range refusal.Changed {
			got = append(got, spelled(a.State()))
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("refused for %v, want %v: %v", got, want, err)
	}
}

func TestUndoOfWhatIsNotThere(t *testing.T) {
	app := over(newStore(t, town()))
	elsewhere, err := app.RetireApartment.Retire(t.Context(), application.RetireApartmentInput{Caller: application.Caller{User: 10}, Block: 6, Apartment: 3})
	if err != nil || elsewhere.Outcome != domain.Done {
		t.Fatal(elsewhere, err)
	}
	for _, id := range []domain.ChangeSetID{changeSet(1), changeSet(99), {}} { // the first is a set of block 6
		out, err := undo(t, app, application.Caller{User: 10}, id)
		wantNothing(t, out, err, domain.NotFound)
	}
}

// A number that a set freed may be another's by now.
func TestUndoIntoATakenNumber(t *testing.T) {
	app := over(newStore(t, town()))
	first := change(t, app, renumber(1, 9), retire(2))
	change(t, app, register(7, 1), register(7, 3))
	out, err := undo(t, app, by(""), first.ID)
	wantNothing(t, out, err, domain.NumberTaken)
	var refusal *domain.ChangeSetError
	if !errors.As(err, &refusal) || len(refusal.Changes) != 2 || refusal.Changes[0].Existing.State() != at(7, 1) || refusal.Changes[1].Existing.State() != at(7, 3) {
		t.Errorf("refused %v", err)
	}
}

func TestUndoDryRun(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	first := change(t, app, renumber(1, 3), renumber(2, 1), register(5, 50))
	in := application.UndoChangeSetInput{Caller: by("k"), Block: 4, ChangeSet: first.ID, DryRun: true}
	before := ledger(store, 4)
	out, err := app.UndoChangeSet.Undo(t.Context(), in)
	wantChanges(t, out, err, "v5: planned correct #1 1/3 > 1/1; planned correct #2 1/1 > 1/3; planned retire #5 5/50 > 5/50 retired")
	if out.ID != (domain.ChangeSetID{}) || ledger(store, 4) != before {
		t.Errorf("id %s, ledger\n%s", out.ID, ledger(store, 4))
	}
	if done, err := undo(t, app, by("k"), first.ID); err != nil || done.Replayed {
		t.Errorf("the run: %+v, %v", done, err)
	}
	// Once it was run under the key, a dry run tells what came of it, in no set's name.
	again, err := app.UndoChangeSet.Undo(t.Context(), in)
	wantChanges(t, again, err, "v8: done correct #1 1/3 > 1/1; done correct #2 1/1 > 1/3; done retire #5 5/50 > 5/50 retired (replayed)")
	if again.ID != (domain.ChangeSetID{}) {
		t.Errorf("id %s", again.ID)
	}
}

// What has left everything as it was has nothing to undo.
func TestUndoOfWhatChangedNothingInTheEnd(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	first := change(t, app, renumber(1, 9), renumber(1, 1), retire(2), restore(2))
	for range 2 {
		out, err := undo(t, app, by("k"), first.ID)
		wantChanges(t, out, err, "v6: ")
		if out.ID != (domain.ChangeSetID{}) || out.Replayed || len(store.LedgerEntries()) != 4+4 {
			t.Errorf("output %+v, ledger\n%s", out, ledger(store, 4))
		}
	}
}

func TestUndoAskedAgain(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	first := change(t, app, renumber(1, 9), register(5, 50))
	second := change(t, app, retire(2))
	const want = "v7: done correct #1 1/9 > 1/1; done retire #5 5/50 > 5/50 retired"
	done, err := undo(t, app, by("k"), first.ID)
	wantChanges(t, done, err, want)
	for _, since := range [][]domain.Change{{}, rows(renumber(1, 60)), rows(restore(5), register(5, 51))} {
		if len(since) > 0 {
			change(t, app, since...)
		}
		again, err := undo(t, app, by("k"), first.ID)
		wantChanges(t, again, err, want+" (replayed)")
		done.Replayed = true
		if !reflect.DeepEqual(again, done) {
			t.Errorf("again %+v, first %+v", again, done)
		}
	}
	before := ledger(store, 4)
	out, err := undo(t, app, by("k"), second.ID)
	wantNothing(t, out, err, domain.KeyReused)
	applied, err := app.ApplyChangeSet.Apply(t.Context(), application.ApplyChangeSetInput{Caller: by("k"), Block: 4, Changes: rows(renumber(1, 1), retire(5))})
	wantNothing(t, applied, err, domain.KeyReused)
	one, err := retiring(5, 0)(t.Context(), app, by("k"))
	wantNothing(t, one, err, domain.KeyReused)
	if ledger(store, 4) != before {
		t.Errorf("the ledger has\n%s", ledger(store, 4))
	}
	// A key that did something else undoes nothing.
	if _, err := retiring(1, 0)(t.Context(), app, by("used")); err != nil {
		t.Fatal(err)
	}
	out, err = undo(t, app, by("used"), second.ID)
	wantNothing(t, out, err, domain.KeyReused)
}

// overtaken is a store in which something happens just before an undo is written.
type overtaken struct {
	*memstore.Store
	before func()
	// down says that the ledger cannot be read any more then.
	down bool
}

func (o *overtaken) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if before := o.before; before != nil && set.Origin().Source == domain.SourceUndo {
		o.before = nil
		before()
	}
	return o.Store.Apply(ctx, set)
}

func (o *overtaken) ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
	if o.down && o.before == nil {
		return nil, domain.StoreUnavailable
	}
	return o.Store.ChangeSetEntries(ctx, block, id)
}

// Whoever changes an apartment between the reading and the writing of an undo is not overwritten, and the caller learns who it is.
func TestUndoOvertaken(t *testing.T) {
	store := &overtaken{Store: newStore(t, town())}
	app := over(store)
	first := change(t, app, renumber(1, 9), retire(2))
	store.before = func() { change(t, app, must(domain.NewCorrect(1, floorAt(7), noNumber, 0))) }
	out, err := undo(t, app, by(""), first.ID)
	wantNothing(t, out, err, domain.UndoRefused)
	wantChanged(t, err, "7/9")
	if errors.Is(err, domain.VersionMismatch) {
		t.Error("a version that nobody has asked for is refused")
	}

	// Another undo of the set came first.
	store = &overtaken{Store: newStore(t, town())}
	app = over(store)
	first = change(t, app, renumber(1, 9), retire(2))
	store.before = func() {
		if _, err := undo(t, app, application.Caller{User: 10}, first.ID); err != nil {
			t.Error(err)
		}
	}
	out, err = undo(t, app, by(""), first.ID)
	wantNothing(t, out, err, domain.UndoRefused)
	wantChanged(t, err, "1/1", "1/3")

	// The same undo under the same key came first: that is the first answer.
	store = &overtaken{Store: newStore(t, town())}
	app = over(store)
	first = change(t, app, renumber(1, 9), retire(2))
	store.before = func() {
		if _, err := undo(t, app, by("k"), first.ID); err != nil {
			t.Error(err)
		}
	}
	out, err = undo(t, app, by("k"), first.ID)
	wantChanges(t, out, err, "v6: done correct #1 1/9 > 1/1; done restore #2 1/3 retired > 1/3 (replayed)")
}

func TestUndoOvertakenInAStoreThatIsDownSince(t *testing.T) {
	store := &overtaken{Store: newStore(t, town()), down: true}
	app := over(store)
	first := change(t, app, renumber(1, 9))
	store.before = func() { change(t, app, renumber(1, 10)) }
	out, err := undo(t, app, by(""), first.ID)
	wantNothing(t, out, err, domain.StoreUnavailable)
}
