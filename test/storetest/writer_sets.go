package storetest

import (
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// writerSetPromises are about sets of several changes.
var writerSetPromises = []promise[Filler]{
	{"all changes of a set or none, and all refusals at once", setAllOrNone},
	{"numbers change places within a set", setSwaps},
	{"a number that one gives up is for another of the set", setFrees},
	{"a set changes an apartment several times", setSeveralTimes},
	{"a set that gives a number twice is refused", setTwice},
	{"a set of 10,000", setLargest},
}

func setAllOrNone(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.done(t, asked(1, register(1, 1), retire(102)))
	s.refusedAt(t, asked(2,
		register(1, 2), register(2, 1), correct(99, 1, 1), correct(101, unmoved, 1), retire(102), restore(101), correctAt(101, 5, 0, 7), register(1, 3),
	), refusals{
		1: domain.NumberTaken, 2: domain.NotFound, 3: domain.NumberTaken, 4: domain.AlreadyRetired, 5: domain.NotRetired, 6: domain.VersionMismatch,
	})
	s.refusedAt(t, asked(2, register(1, 2), retire(101), register(1, 1)), refusals{2: domain.NumberTaken})
	s.wantKept(t)
	s.done(t, asked(2, register(1, 2), retire(101), register(1, 901)))
}

// five is block 4 with the apartments 1 to 5 under the numbers 1 to 5.
func five() application.Changes {
	changes := application.Changes{At: noon, NewBlocks: []domain.Block{block(4, "", domain.BlockActive)}}
	for i := range 5 {
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(1+i), 4, 1, 1+i))
	}
	return changeSets(changes)
}

func setSwaps(t *testing.T, s *subject[Filler]) {
	s.update(t, five())
	for i, changes := range [][]domain.Change{
		{correct(1, unmoved, 2), correct(2, unmoved, 1)},                            // two
		{correct(3, 2, 4), correct(4, 2, 5), correct(5, 2, 3)},                      // three in a ring, on another floor
		{correct(1, unmoved, 6), correct(2, unmoved, 2), correct(3, 2, 1)},          // a chain, over a number that was free
		{correct(3, unmoved, 4), correct(4, unmoved, 1), correct(3, unmoved, 9)},    // through a number that another has
		{correct(1, unmoved, 7), correct(1, unmoved, 6), correct(2, unmoved, 8)},    // and back again
		{correct(2, unmoved, 3), correct(5, unmoved, 2), correct(4, unmoved, 8)},    // in no order
		{register(1, 2), correct(5, unmoved, 1)},                                    // what is new takes what was given up, named before it
		{correct(2, unmoved, 11), correct(2, unmoved, 12), correct(2, unmoved, 13)}, // over several
	} {
		s.done(t, asked(1+i, changes...))
		s.wantKept(t)
	}
	s.refusedAt(t, asked(20, correct(2, unmoved, 9), correct(3, unmoved, 1)), refusals{1: domain.NumberTaken})
}

func setFrees(t *testing.T, s *subject[Filler]) {
	s.update(t, five())
	a := s.done(t, asked(1, retire(1), register(2, 1)))[1]
	s.done(t, asked(2, register(3, 2), retire(2))) // whatever comes first
	s.done(t, asked(3, restore(1), retire(a.ID())))
	s.done(t, asked(4, retire(3), correct(4, unmoved, 3), register(1, 4), restore(a.ID()), correct(a.ID(), unmoved, 14)))
	s.refusedAt(t, asked(5, retire(5), restore(3)), refusals{1: domain.NumberTaken})
	s.done(t, asked(6, retire(4), restore(3)))
	s.refusedAt(t, asked(7, restore(4), restore(2)), refusals{0: domain.NumberTaken, 1: domain.NumberTaken})
}

func setSeveralTimes(t *testing.T, s *subject[Filler]) {
	s.update(t, five())
	spec := asked(1, retire(1), restore(1), correct(1, 7, 0), correct(1, unmoved, 77), retire(1))
	s.done(t, spec)
	s.replayed(t, spec)
	s.done(t, asked(2, restore(1), correct(1, 1, 1), retire(1), restore(1))) // and it is again what it was before
	s.refusedAt(t, asked(3, retire(1), retire(1), correct(1, 2, 2), restore(1), restore(1)), refusals{
		1: domain.AlreadyRetired, 2: domain.AlreadyRetired, 4: domain.NotRetired,
	})
	s.done(t, asked(4, correct(2, 5, 0), correct(2, 1, 0))) // two entries, although nothing has changed in the end
}

func setTwice(t *testing.T, s *subject[Filler]) {
	s.update(t, five())
	s.refusedAt(t, asked(1, register(1, 9), register(2, 9)), refusals{1: domain.NumberTaken})
	s.refusedAt(t, asked(2, correct(1, unmoved, 9), correct(2, unmoved, 9)), refusals{1: domain.NumberTaken})
	s.refusedAt(t, asked(3, correct(1, unmoved, 2), correct(2, 9, 0)), refusals{0: domain.NumberTaken}) // who has it keeps it
	s.refusedAt(t, asked(4, register(1, 9), correct(1, unmoved, 9), register(1, 9)), refusals{1: domain.NumberTaken, 2: domain.NumberTaken})
	s.outcomes(t, asked(5, register(1, 9).IfAbsent(), register(1, 1).IfAbsent()), domain.Done, domain.Unchanged)
}

func setLargest(t *testing.T, s *subject[Filler]) {
	s.update(t, application.Changes{At: noon, NewBlocks: []domain.Block{block(4, "", domain.BlockActive)}})
	const many, moved = domain.MaxChanges, 1000
	var registers, corrects []domain.Change
	for i := range many {
		registers = append(registers, register(i%300, 1+i))
	}
	registered := asked(1, registers...)
	registered.Origin.Location, registered.Origin.Through = location(new(31.25), new(30.05)), 101
	if _, err := s.dryRun(t, registered); err != nil {
		t.Errorf("dry run: %v", err)
	}
	for i, a := range s.done(t, registered)[:moved] { // their numbers change places
		corrects = append(corrects, correct(a.ID(), unmoved, 1+(i+moved/2)%moved))
	}
	s.done(t, asked(2, corrects...))
	s.replayed(t, registered)
	if _, err := s.apply(t, asked(3, registers...)); len(refusalsOf(err)) != many {
		t.Errorf("%d changes are refused, want all", len(refusalsOf(err)))
	}
}
