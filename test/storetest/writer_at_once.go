package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// writerAtOncePromises are those to many callers at a time.
var writerAtOncePromises = []promise[Filler]{
	{"of many registrations of a number, one succeeds", atOnceOneNumber},
	{"of many sets under one id, one is written", atOnceOneID},
	{"of many sets under one id for many places, one is written", atOnceOneIDManyPlaces},
	{"of many sets under one id in several blocks, one is written", atOnceOneIDManyBlocks},
	{"of two registrations that are asked for many times, one succeeds", atOnceTwoRetried},
	{"registrations of different numbers all succeed, in sequences without a gap", atOnceManyNumbers},
	{"a freed number is taken once, and restored never after", atOnceFreed},
	{"of many sets that expect one version, one succeeds", atOnceOneVersion},
	{"swaps of the same numbers at once leave each with one", atOnceSwaps},
	{"a caller who goes leaves a set whole or not at all", atOnceGone},
}

const callers = 50

// answers counts what callers were told.
type answers struct {
	Done, Replayed int
	Refused        map[domain.Code]int
}

// atOnceAnswers applies n sets at once, finds a history that explains the answers, and counts them.
func (k *kept) atOnceAnswers(t *testing.T, n int, spec func(i int) domain.ChangeSetSpec) answers {
	t.Helper()
	var h history
	type answer struct {
		applied domain.Applied
		err     error
	}
	got := answers{Refused: map[domain.Code]int{}}
	for _, a := range atOnce(n, func(i int) answer {
		applied, err := h.apply(spec(i), func(set domain.ChangeSet) (domain.Applied, error) { return k.store.Apply(t.Context(), set) })
		return answer{applied, err}
	}) {
		var code domain.Code
		switch {
		case a.err == nil && a.applied.Replayed:
			got.Replayed++
		case a.err == nil:
			got.Done++
		case errors.As(a.err, &code):
			got.Refused[code]++
		default:
			t.Errorf("refused with no code: %v", a.err)
		}
	}
	h.explained(t, k.model, k.rows(t))
	return got
}

func (a answers) want(t *testing.T, done, replayed int, refused int, code domain.Code) {
	t.Helper()
	if a.Done != done || a.Replayed != replayed || a.Refused[code] != refused || len(a.Refused) > 1 {
		t.Errorf("answers %+v, want %d done, %d replayed, %d refused (%s)", a, done, replayed, refused, code)
	}
}

func atOnceOneNumber(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.atOnceAnswers(t, callers, func(i int) domain.ChangeSetSpec {
		spec := asked(1+i, register(i, 2))
		spec.Origin.By = domain.UserID(1 + i)
		return spec
	}).want(t, 1, 0, callers-1, domain.NumberTaken)
}

func atOnceOneID(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.atOnceAnswers(t, callers, func(int) domain.ChangeSetSpec { return asked(1, register(1, 2), retire(102)) }).want(t, 1, callers-1, 0, "")
}

func atOnceOneIDManyPlaces(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.atOnceAnswers(t, callers, func(i int) domain.ChangeSetSpec { return asked(1, register(1, 1+i)) }).want(t, 1, 0, callers-1, domain.KeyReused)
}

func atOnceOneIDManyBlocks(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	spec := func(i int) domain.ChangeSetSpec {
		return askedIn(domain.BlockID(4+i%3), 1, register(1, 2), register(1, 3))
	}
	type answer struct {
		applied domain.Applied
		err     error
	}
	all := atOnce(callers, func(i int) answer {
		applied, err := s.Store.Apply(t.Context(), must(domain.NewChangeSet(spec(i))))
		return answer{applied, err}
	})
	winner := slices.IndexFunc(all, func(a answer) bool { return a.err == nil && !a.applied.Replayed })
	if winner < 0 {
		t.Fatal("none is written")
	}
	all[0], all[winner] = all[winner], all[0]
	for i, a := range all {
		asked := spec(i)
		switch i {
		case 0:
			asked = spec(winner)
		case winner:
			asked = spec(0)
		}
		if wrong := s.model.apply(must(domain.NewChangeSet(asked)), a.applied, a.err); wrong != "" {
			t.Errorf("caller %d: %s", i, wrong)
		}
	}
}

func atOnceTwoRetried(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.atOnceAnswers(t, callers, func(i int) domain.ChangeSetSpec { return asked(1+i%2, register(1, 2)) }).
		want(t, 1, callers/2-1, callers/2, domain.NumberTaken)
}

func atOnceManyNumbers(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.atOnceAnswers(t, callers, func(i int) domain.ChangeSetSpec {
		spec := askedIn(domain.BlockID(4+i%3), 1+i, register(1, 1+2*i))
		if i%5 == 0 {
			spec.Changes = append(spec.Changes, register(1, 2+2*i))
		}
		return spec
	}).want(t, callers, 0, 0, "")
	if version := s.model.blocks[4].version() + s.model.blocks[5].version() + s.model.blocks[6].version(); version != 4+callers+callers/5 {
		t.Errorf("%d changes, want %d", version, 4+callers+callers/5)
	}
}

// An apartment is retired, restored and its number taken by others, all at once.
func atOnceFreed(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	for round := range 4 {
		s.atOnceAnswers(t, 24, func(i int) domain.ChangeSetSpec {
			n := 1000*(round+1) + i
			switch i % 4 {
			case 0:
				return asked(n, retire(101))
			case 1:
				return asked(n, restore(101))
			case 2:
				return asked(n, correct(102, unmoved, 901))
			default:
				return asked(n, register(i, 901))
			}
		})
	}
	holders := 0
	for _, a := range s.rows(t).Apartments {
		if a.Block == 4 && a.Number == 901 && a.Status == domain.ApartmentRegistered {
			holders++
		}
	}
	if holders > 1 {
		t.Errorf("%d apartments have the number", holders)
	}
}

func atOnceOneVersion(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.atOnceAnswers(t, callers/2, func(i int) domain.ChangeSetSpec {
		spec := asked(1+i, register(1, 1+i))
		spec.IfVersion = new(domain.Sequence(2))
		return spec
	}).want(t, 1, 0, callers/2-1, domain.VersionMismatch)
	s.atOnceAnswers(t, callers/2, func(i int) domain.ChangeSetSpec { return asked(101+i, correctAt(101, 2+i, 0, 1)) }).
		want(t, 1, 0, callers/2-1, domain.VersionMismatch)
}

func atOnceSwaps(t *testing.T, s *subject[Filler]) {
	s.update(t, five())
	s.atOnceAnswers(t, 24, func(i int) domain.ChangeSetSpec {
		a, b, c := 1+i%5, 1+(i+1)%5, 1+(i+2)%5
		changes := []domain.Change{
			correct(domain.ApartmentID(a), unmoved, b), correct(domain.ApartmentID(b), unmoved, c), correct(domain.ApartmentID(c), unmoved, a),
		}
		return asked(1+i, changes...)
	})
}

// Each second caller goes while the store is at work. What became of those is told by asking again under the same id.
func atOnceGone(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	spec := func(i int) domain.ChangeSetSpec {
		if i%2 == 0 {
			return asked(1+i, register(1, 1+2*i))
		}
		return asked(1+i, register(1, 1+2*i), register(1, 2+2*i), register(2, 901+i).IfAbsent())
	}
	var h history
	ask := func(ctx context.Context, i int) error {
		_, err := h.apply(spec(i), func(set domain.ChangeSet) (domain.Applied, error) { return s.Store.Apply(ctx, set) })
		return err
	}
	s.update(t, changeSets(application.Changes{At: noon, ChangedApartments: []application.ApartmentChange{ // out of the way
		{Apartment: s.model.blocks[4].apartments[101], After: state(1, 9001, domain.ApartmentRegistered)},
		{Apartment: s.model.blocks[4].apartments[102], After: state(1, 9002, domain.ApartmentRegistered)},
	}}))
	atOnce(2*callers, func(i int) error {
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		if i%2 == 0 {
			go leave()
		}
		return ask(ctx, i/2)
	})
	for i := range callers {
		if err := ask(t.Context(), i); err != nil {
			t.Errorf("set %d, asked again: %v", i, err)
		}
	}
	h.explained(t, s.model, s.rows(t))
}
