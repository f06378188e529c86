package application_test

import (
	"reflect"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// A store is enough: the time is the machine's, and ids of change sets are UUIDs of version 7.
func TestNewByDefault(t *testing.T) {
	store := newStore(t, town())
	before := time.Now()
	change(t, application.New(store), retire(1))
	e := store.LedgerEntries()[2]
	if e.Origin.At.Before(before.Truncate(domain.Precision)) || e.Origin.At.After(time.Now()) || e.Origin.Source != domain.SourceAPI {
		t.Errorf("origin %+v", e.Origin)
	}
	if version := e.ChangeSet[6] >> 4; version != 7 {
		t.Errorf("change set %s is a UUID of version %d", e.ChangeSet, version)
	}
}

func TestOptionsOfNew(t *testing.T) {
	// The ids of change sets take their time from the clock that is given, whichever option comes first.
	store := newStore(t, town())
	change(t, application.New(store, application.WithClock(clock)), retire(1))
	e := store.LedgerEntries()[2]
	if want := application.UUIDv7(clock)(); [6]byte(e.ChangeSet[:6]) != [6]byte(want[:6]) || e.Origin.At != kept {
		t.Errorf("change set %s at %s", e.ChangeSet, e.Origin.At)
	}
	draw := application.WithChangeSetIDs(func() domain.ChangeSetID { return changeSet(42) })
	for _, options := range [][]application.Option{{application.WithClock(clock), draw}, {draw, application.WithClock(clock)}} {
		store := newStore(t, town())
		if out := change(t, application.New(store, options...), retire(1)); out.ID != changeSet(42) || store.LedgerEntries()[2].Origin.At != kept {
			t.Errorf("change set %s, origin %+v", out.ID, store.LedgerEntries()[2].Origin)
		}
	}
	// An import has its id and its time from there, too.
	store = newStore(t, town())
	known := application.Register{Apartments: rows(apartment(20, 4, 1, 20))}
	if _, err := application.New(store, application.WithClock(clock), draw).ImportRegister.Import(t.Context(), known, nil); err != nil {
		t.Fatal(err)
	}
	if e := store.LedgerEntries()[2]; e.ChangeSet != changeSet(42) || e.Origin.At != kept {
		t.Errorf("entry %+v", e)
	}
}

func TestNewHasEveryUseCase(t *testing.T) {
	app := reflect.ValueOf(*application.New(newStore(t, town())))
	for i := range app.NumField() {
		if app.Field(i).IsNil() {
			t.Errorf("no %s", app.Type().Field(i).Name)
		}
	}
}
