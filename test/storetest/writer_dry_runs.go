package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"omarty.net/registry/domain"
)

var dryRunPromises = []promise[Filler]{
	{"a dry run says what would come of a set, and writes nothing", dryRunKinds},
	{"a dry run agrees with the run that follows", dryRunAgrees},
}

// dryRun makes a dry run, and checks the answer against the model's.
func (k *kept) dryRun(t *testing.T, spec domain.ChangeSetSpec) (domain.Applied, error) {
	t.Helper()
	set := must(domain.NewChangeSet(spec))
	got, err := k.store.DryRun(t.Context(), set)
	if wrong := k.model.compareDryRun(set, got, err); wrong != "" {
		t.Fatalf("dry run of set %s: %s", set.ID(), wrong)
	}
	return got, err
}

func (m *model) compareDryRun(set domain.ChangeSet, got domain.Applied, gotErr error) string {
	want, wantErr := m.outcome(set)
	if wantErr == nil && !want.Replayed {
		want = want.Planned(m.blocks[set.Block()].version())
	}
	return compareAnswers(got, gotErr, want, wantErr)
}

func dryRunKinds(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	known := asked(1, register(1, 1), retire(102))
	s.done(t, known)
	stale := asked(2, register(1, 2))
	stale.IfVersion = new(domain.Sequence(2))
	for _, c := range []struct {
		spec domain.ChangeSetSpec
		want []domain.Outcome
		err  error
	}{
		{asked(2, register(1, 2)), []domain.Outcome{domain.Planned}, nil},
		{asked(2, register(1, 2), correct(101, 1, 0), register(1, 1).IfAbsent(), retire(101), restore(102), register(2, 901)),
			[]domain.Outcome{domain.Planned, domain.Unchanged, domain.Unchanged, domain.Planned, domain.Planned, domain.Planned}, nil},
		{asked(2, correct(101, 1, 901)), []domain.Outcome{domain.Unchanged}, nil},
		{known, []domain.Outcome{domain.Done, domain.Done}, nil}, // as Apply would answer it
		{asked(1, register(1, 2)), nil, domain.KeyReused},
		{asked(2, register(2, 1), retire(99)), nil, domain.NumberTaken},
		{askedIn(99, 2, register(1, 1)), nil, domain.NotFound},
		{stale, nil, domain.VersionMismatch},
	} {
		got, err := s.dryRun(t, c.spec)
		var outcomes []domain.Outcome
		for _, change := range got.Changes {
			outcomes = append(outcomes, change.Outcome)
		}
		if !reflect.DeepEqual(outcomes, c.want) || !errors.Is(err, c.err) {
			t.Errorf("set %s: outcomes %v, %v, want %v, %v", c.spec.ID, outcomes, err, c.want, c.err)
		}
		s.wantKept(t)
	}
	s.done(t, asked(2, register(1, 2))) // the id of a dry run is not used
}

func dryRunAgrees(t *testing.T, s *subject[Filler]) {
	s.update(t, five())
	chance := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same cases each time
	for n := range 60 {
		spec := s.model.randomSet(chance.IntN, 4, 1+n)
		planned, refused := s.dryRun(t, spec)
		done, err := s.apply(t, spec)
		if fmt.Sprint(refused) != fmt.Sprint(err) {
			t.Errorf("set %s: the dry run says %v, the run %v", spec.ID, refused, err)
		}
		for i, c := range done.Changes {
			p := planned.Changes[i]
			same := p.Outcome == c.Outcome || (p.Outcome == domain.Planned && c.Outcome == domain.Done)
			if !same || p.Before != c.Before || p.Apartment.State() != c.Apartment.State() {
				t.Errorf("set %s, change %d: the dry run says\n%+v, the run\n%+v", spec.ID, i, p, c)
			}
		}
	}
}
