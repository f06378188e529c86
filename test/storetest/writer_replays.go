package storetest

import (
	"slices"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// writerReplayPromises are about sets that are asked for again under the same id.
var writerReplayPromises = []promise[Filler]{
	{"a set that is known is not applied again, and gives the same answer", replaySame},
	{"what counts is what was asked for, not what the apartment has become", replayAfterwards},
	{"an id is not used for something else, which is said before all other refusals", replayReused},
	{"an undo is the same whatever changes it makes", replayUndo},
}

func replaySame(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	first := asked(1, register(1, 2))
	first.Origin.Through, first.Origin.Location = 101, location(new(31.25), nil)
	s.done(t, first)
	s.replayed(t, first)
	s.done(t, asked(2, register(1, 3)))
	for range 3 {
		s.replayed(t, first)
	}
	// What is asked for alone tells whether it is the same. What else the caller says now is not kept.
	elsewhere := asked(1, register(1, 2))
	elsewhere.Origin = domain.Origin{By: 8, Location: location(nil, new(1.0)), At: noon.Add(time.Hour), Source: domain.SourceApp, RequestID: "again"}
	elsewhere.IfVersion = new(domain.Sequence(77))
	s.replayed(t, elsewhere)
	// The block may have been suspended since; that is not the store's to judge.
	s.update(t, application.Changes{At: noon, ChangedBlocks: []domain.Block{block(4, "", domain.BlockSuspended)}})
	s.replayed(t, first)
}

func replayAfterwards(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	one := asked(1, register(1, 1))
	a := s.done(t, one)[0].ID()
	moved := asked(2, correct(a, 2, 2))
	halfMoved := asked(3, correct(a, 3, 0))
	gone, back := asked(4, retire(a)), asked(5, restore(a))
	several := asked(6, register(1, 11), correct(a, 4, 0), register(1, 901).IfAbsent(), correct(102, 1, 902), retire(101))
	all := []domain.ChangeSetSpec{one}
	again := func() {
		t.Helper()
		for _, spec := range all {
			s.replayed(t, spec)
		}
	}
	again()
	for _, spec := range []domain.ChangeSetSpec{moved, halfMoved, gone, back, several} {
		if _, err := s.apply(t, spec); err != nil {
			t.Fatalf("set %s: %v", spec.ID, err)
		}
		all = append(all, spec)
		again()
	}
	s.done(t, asked(20, register(5, 1))) // the number of the first is another's now
	again()
	s.done(t, asked(21, correct(a, 9, 99)))
	s.done(t, asked(22, retire(a)))
	s.done(t, asked(23, register(2, 99)))
	again()
	s.update(t, changeSets(application.Changes{At: noon.Add(time.Hour), ChangedApartments: []application.ApartmentChange{
		{Apartment: s.model.blocks[4].apartments[102], After: state(7, 777, domain.ApartmentRegistered)},
	}}))
	again()
	// And what the apartment has become, asked for under the id of what was asked for first, is something else.
	s.refused(t, asked(1, register(9, 99)), domain.KeyReused)
	s.refused(t, asked(2, correct(a, 9, 99)), domain.KeyReused)
}

func replayReused(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.done(t, asked(1, register(1, 2)))
	a := s.done(t, asked(2, register(1, 3)))[0].ID()
	s.done(t, asked(3, correct(a, 5, 0)))
	s.done(t, asked(4, register(1, 4), retire(101)))
	for _, spec := range []domain.ChangeSetSpec{
		asked(1, register(1, 5)),            // a free number
		asked(1, register(2, 2)),            // its own number on another floor: taken, by itself
		asked(1, register(1, 3)),            // a number that another registration has
		asked(1, register(1, 902)),          // a number that an import brought
		askedIn(6, 1, register(1, 2)),       // another block
		askedIn(6, 1, register(-1, 901)),    // and taken there
		askedIn(99, 1, register(1, 2)),      // and not there
		asked(2, register(1, 2)),            // the later one asks for the number of the earlier
		asked(1, correct(a, 1, 2)),          // another kind
		asked(1, retire(99)),                // which is not there
		asked(1, register(1, 2), retire(a)), // more
		asked(3, correct(102, 5, 0)),        // another apartment
		asked(3, correct(a, 6, 0)),
		asked(3, retire(a)),
		asked(4, register(1, 4)), // less
		asked(4, retire(101), register(1, 4)),
		asked(4, register(1, 4), retire(102)),
		asked(4, register(1, 4).IfAbsent(), retire(101)),
	} {
		s.refused(t, spec, domain.KeyReused)
	}
	stale := asked(1, register(1, 5))
	stale.IfVersion = new(domain.Sequence(1))
	s.refused(t, stale, domain.KeyReused)
	// Nor is the id of an import.
	imports := slices.IndexFunc(s.model.blocks[4].ledger, func(e domain.LedgerEntry) bool { return e.Kind == domain.ChangeImport })
	ofImport := asked(0, register(1, 901))
	ofImport.ID = s.model.blocks[4].ledger[imports].ChangeSet
	s.refused(t, ofImport, domain.KeyReused)
}

func replayUndo(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.done(t, asked(1, retire(101)))
	undo := asked(2, restore(101))
	undo.Undoes, undo.Origin.Source = id(1), domain.SourceUndo
	s.done(t, undo)
	s.replayed(t, undo)
	other := undo
	other.Undoes = id(9)
	s.refused(t, other, domain.KeyReused)
	s.refused(t, asked(2, restore(101)), domain.KeyReused)
}
