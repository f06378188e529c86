package batcher_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/batcher"
)

// handled are batches whose handler waits until it is let go on.
type handled struct {
	*batcher.Batcher[int, int]
	mu       sync.Mutex
	batches  [][]int
	contexts []context.Context
	goOn     chan struct{}
}

// start returns a batcher whose result for an item is ten times the item. It panics on 13.
func start(o batcher.Options[int]) *handled {
	h := &handled{goOn: make(chan struct{})}
	h.Batcher = batcher.New(func(ctx context.Context, items []int) []int {
		h.mu.Lock()
		h.batches, h.contexts = append(h.batches, slices.Clone(items)), append(h.contexts, ctx)
		h.mu.Unlock()
		<-h.goOn
		results := make([]int, len(items))
		for i, item := range items {
			if item == 13 {
				panic("thirteen")
			}
			results[i] = 10 * item
		}
		return results
	}, o)
	return h
}

// answer is what a caller of Do got.
type answer struct {
	done   bool
	result int
	err    error
}

// do has each item asked for by a caller of its own, one after the other.
func (h *handled) do(ctx context.Context, items ...int) []*answer {
	var all []*answer
	for _, item := range items {
		a := &answer{}
		all = append(all, a)
		go func() {
			a.result, a.err = h.Do(ctx, item)
			a.done = true
		}()
		synctest.Wait()
	}
	return all
}

func (h *handled) wantBatches(t *testing.T, want ...[]int) {
	t.Helper()
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.EqualFunc(h.batches, want, slices.Equal) {
		t.Errorf("batches %v, want %v", h.batches, want)
	}
}

func wantResults(t *testing.T, answers []*answer, items ...int) {
	t.Helper()
	synctest.Wait()
	for i, a := range answers {
		if !a.done || a.err != nil || a.result != 10*items[i] {
			t.Errorf("item %d: %+v", items[i], *a)
		}
	}
}

func TestLoneItemIsHandledByItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 1, OnBatch: func([]context.Context) (context.Context, func()) {
			t.Error("told of a batch of one")
			return t.Context(), func() {}
		}})
		close(h.goOn)
		type own struct{}
		ctx := context.WithValue(t.Context(), own{}, true)
		wantResults(t, h.do(ctx, 1), 1)
		wantResults(t, h.do(ctx, 2), 2)
		h.wantBatches(t, []int{1}, []int{2})
		if h.contexts[0] != ctx {
			t.Error("not under its caller's context")
		}
		func() { // and its panic is its caller's
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			_, _ = h.Do(ctx, 13)
		}()
		wantResults(t, h.do(ctx, 3), 3)
	})
}

func TestPendingItemsShareABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(batcher.Options[int]{
			MaxSize: 4, MaxHandlers: 1,
			Conflicts: func(a, b *int) bool { return *a == *b },
			Compare:   func(a, b *int) int { return *a - *b },
		})
		items := []int{1, 9, 8, 8, 7, 6, 5}
		answers := h.do(t.Context(), items...)
		h.wantBatches(t, []int{1})
		close(h.goOn)
		h.wantBatches(t, []int{1}, []int{6, 7, 8, 9}, []int{5, 8})
		wantResults(t, answers, items...)
	})
}

// Beside a batch under way, one begins for a quarter of a full one, and for fewer once the other stalls.
func TestBatchBesideAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 2})
		answers := h.do(t.Context(), 1, 2)
		h.wantBatches(t, []int{1})
		answers = append(answers, h.do(t.Context(), 3)...)
		h.wantBatches(t, []int{1}, []int{2, 3})
		answers = append(answers, h.do(t.Context(), 4, 5, 6)...)
		h.wantBatches(t, []int{1}, []int{2, 3}) // no more than two at once
		close(h.goOn)
		wantResults(t, answers, 1, 2, 3, 4, 5, 6)

		h = start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 2})
		answers = h.do(t.Context(), 1, 2)
		h.wantBatches(t, []int{1})
		time.Sleep(time.Second) // of the test's own clock
		h.wantBatches(t, []int{1}, []int{2})
		close(h.goOn)
		wantResults(t, answers, 1, 2)
	})
}

func TestCallerWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 1})
		ctx, leave := context.WithCancel(t.Context())
		stays := h.do(t.Context(), 1)
		leaves := h.do(ctx, 2)
		stays = append(stays, h.do(t.Context(), 3)...)
		leave()
		synctest.Wait()
		if !leaves[0].done || !errors.Is(leaves[0].err, context.Canceled) {
			t.Errorf("who left: %+v", *leaves[0])
		}
		close(h.goOn)
		wantResults(t, stays, 1, 3)
		h.wantBatches(t, []int{1}, []int{3})
	})
}

// Who has left, or has never waited, makes up no batch.
func TestItemsOfWhoLeftDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 2})
		h.do(t.Context(), 1)
		h.do(ctx, 2)
		leave()
		synctest.Wait()
		h.do(t.Context(), 3)
		h.wantBatches(t, []int{1})
		close(h.goOn)

		h = start(batcher.Options[int]{MaxSize: 4, MaxHandlers: 2})
		h.do(t.Context(), 1)
		h.do(ctx, 2)
		h.wantBatches(t, []int{1})
		close(h.goOn)
	})
}

// A batch ends with none of its callers, but at the deadline of the last.
func TestContextOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type told struct{}
		var callers []context.Context
		ended := 0
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 1, OnBatch: func(of []context.Context) (context.Context, func()) {
			callers = of
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), told{}, true))
			cancel()
			return ctx, func() { ended++ }
		}})
		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		late, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		h.do(t.Context(), 1)
		h.do(soon, 2)
		h.do(late, 3)
		h.do(soon, 4)
		h.goOn <- struct{}{}
		h.wantBatches(t, []int{1}, []int{2, 3, 4})
		ctx := h.contexts[1]
		want, _ := late.Deadline()
		if got, _ := ctx.Deadline(); !got.Equal(want) || ctx.Err() != nil || ctx.Value(told{}) == nil {
			t.Errorf("deadline %s, want %s; error %v", got, want, ctx.Err())
		}
		if !slices.Equal(callers, []context.Context{soon, late, soon}) || ended != 0 {
			t.Errorf("told of %d callers and %d ends", len(callers), ended)
		}
		close(h.goOn)
		h.Close()
		if ended != 1 {
			t.Errorf("told of %d ends", ended)
		}
	})
}

func TestPanicOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 1})
		first, batch := h.do(t.Context(), 1), h.do(t.Context(), 2, 13)
		close(h.goOn)
		wantResults(t, first, 1)
		for _, a := range batch {
			if a.err == nil || !strings.Contains(a.err.Error(), "thirteen") {
				t.Errorf("%+v", *a)
			}
		}
		wantResults(t, h.do(t.Context(), 4), 4)
	})
}

// What is pending is handled, and what comes later is refused.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(batcher.Options[int]{MaxSize: 8, MaxHandlers: 1})
		answers := h.do(t.Context(), 1, 2, 3)
		closed := false
		go func() { h.Close(); closed = true }()
		synctest.Wait()
		if closed {
			t.Error("closed while a batch is under way")
		}
		if _, err := h.Do(t.Context(), 4); !errors.Is(err, batcher.ErrClosed) {
			t.Errorf("later: %v", err)
		}
		close(h.goOn)
		wantResults(t, answers, 1, 2, 3)
		if !closed {
			t.Error("not closed")
		}
	})
}
