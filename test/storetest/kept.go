package storetest

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// subject is a store under test, and what it must keep.
type subject[Ports Filler] struct {
	Store Ports
	*kept
}

// kept fills a store, and knows what it must keep.
type kept struct {
	store Filler
	rows  func(testing.TB) Rows
	model *model
}

// update writes changes to the register as an import does.
func (k *kept) update(t *testing.T, changes application.Changes) {
	t.Helper()
	plan := func(application.Kept) (application.Changes, error) { return changes, nil }
	if err := k.store.UpdateRegister(t.Context(), scopeOf(changes), plan, nil); err != nil {
		t.Fatalf("update: %v", err)
	}
	k.model.update(changes)
}

// apply applies a set, and checks the answer against the model's.
func (k *kept) apply(t *testing.T, spec domain.ChangeSetSpec) (domain.Applied, error) {
	t.Helper()
	set := must(domain.NewChangeSet(spec))
	got, err := k.store.Apply(t.Context(), set)
	if wrong := k.model.apply(set, got, err); wrong != "" {
		t.Fatalf("set %s: %s", set.ID(), wrong)
	}
	return got, err
}

// done applies a set that must succeed for the first time, and returns the apartments as its changes left them.
func (k *kept) done(t *testing.T, spec domain.ChangeSetSpec) []domain.Apartment {
	t.Helper()
	return k.answered(t, spec, false)
}

// replayed applies a set again that succeeded before.
func (k *kept) replayed(t *testing.T, spec domain.ChangeSetSpec) []domain.Apartment {
	t.Helper()
	return k.answered(t, spec, true)
}

func (k *kept) answered(t *testing.T, spec domain.ChangeSetSpec, replayed bool) []domain.Apartment {
	t.Helper()
	applied, err := k.apply(t, spec)
	if err != nil || applied.Replayed != replayed {
		t.Fatalf("set %s: %v, replayed %t", spec.ID, err, applied.Replayed)
	}
	apartments := make([]domain.Apartment, len(applied.Changes))
	for i, c := range applied.Changes {
		apartments[i] = c.Apartment
	}
	return apartments
}

// outcomes applies a set that must succeed, with these outcomes of its changes.
func (k *kept) outcomes(t *testing.T, spec domain.ChangeSetSpec, want ...domain.Outcome) {
	t.Helper()
	applied, err := k.apply(t, spec)
	var got []domain.Outcome
	for _, c := range applied.Changes {
		got = append(got, c.Outcome)
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("set %s: outcomes %v, %v, want %v", spec.ID, got, err, want)
	}
}

// refused applies a set that must be refused with a code.
func (k *kept) refused(t *testing.T, spec domain.ChangeSetSpec, want domain.Code) {
	t.Helper()
	if _, err := k.apply(t, spec); !errors.Is(err, want) {
		t.Errorf("set %s: %v, want %v", spec.ID, err, want)
	}
}

// refusals are codes by the index of the change that is refused.
type refusals map[int]domain.Code

// refusedAt applies a set of which these changes must be refused.
func (k *kept) refusedAt(t *testing.T, spec domain.ChangeSetSpec, want refusals) {
	t.Helper()
	_, err := k.apply(t, spec)
	if got := refusalsOf(err); !maps.Equal(got, want) {
		t.Errorf("set %s: refused %v (%v), want %v", spec.ID, got, err, want)
	}
}

func refusalsOf(err error) refusals {
	all := refusals{}
	var set *domain.ChangeSetError
	if errors.As(err, &set) {
		for _, c := range set.Changes {
			all[c.Index] = c.Code
		}
	}
	return all
}

// wantKept checks that all is kept that must be, and nothing else, and that nothing of it contradicts the rest.
func (k *kept) wantKept(t *testing.T) {
	t.Helper()
	got := k.rows(t)
	if wrong := differentRows(got, k.model.rows()); wrong != "" {
		t.Error(wrong)
	}
	wrong := got.Contradictions()
	for _, one := range wrong[:min(3, len(wrong))] {
		t.Error(one)
	}
}

// gone are the contexts of callers who are gone.
func gone(t *testing.T) map[string]context.Context {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancel)
	return map[string]context.Context{"cancelled": cancelled, "expired": expired}
}

// wantUnavailable checks what a caller is told who is gone.
func wantUnavailable(t *testing.T, call func(ctx context.Context) error) {
	t.Helper()
	for what, ctx := range gone(t) {
		if err := call(ctx); !errors.Is(err, domain.StoreUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// atOnce calls f for 0 to n-1, all at the same time, and returns their results.
func atOnce[Result any](n int, f func(i int) Result) []Result {
	results := make([]Result, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			results[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return results
}

// untilAnswered calls again while the store cannot tell, as a caller would.
func untilAnswered(call func() error) error {
	const tries = 20
	var err error
	for range tries {
		if err = call(); !errors.Is(err, domain.StoreUnavailable) {
			break
		}
	}
	return err
}
