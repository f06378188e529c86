// Package batcher handles items together that come while others are under way.
package batcher

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Batcher handles items in batches. Items that come while others are handled wait for the next batch, and none waits for more
// to come: an item that comes when nothing is under way is handled at once, as a batch of one, by its own caller.
type Batcher[Item, Result any] struct {
	handler func(ctx context.Context, items []Item) []Result
	options Options[Item]

	mu       sync.Mutex
	pending  []*waiter[Item, Result]
	running  []*batch[Item, Result]
	timerSet bool
	closed   bool
	handlers sync.WaitGroup
}

// Options are how items are put into batches.
type Options[Item any] struct {
	// MaxSize is how many items a batch holds at most, and MaxHandlers how many batches may be under way at once.
	MaxSize, MaxHandlers int
	// Conflicts says that two items may not share a batch; nil is never.
	Conflicts func(a, b *Item) bool
	// Compare is the order of the items in a batch; nil is the order in which they came.
	Compare func(a, b *Item) int
	// OnBatch is called before a batch of waiting items is handled, with the contexts of their callers. The batch is
	// handled under the context that it returns, without its deadline, and then end is called. Nil is nothing.
	OnBatch func(callers []context.Context) (ctx context.Context, end func())
}

// batch is items that are handled together.
type batch[Item, Result any] struct {
	waiters []*waiter[Item, Result] // none where its own caller handles it
	began   time.Time
}

func (b *batch[Item, Result]) stalls() bool { return time.Since(b.began) >= stallAfter }

// waiter is a caller whose item waits for its batch.
type waiter[Item, Result any] struct {
	ctx   context.Context
	item  Item
	reply chan reply[Result]
}

type reply[Result any] struct {
	result Result
	err    error
}

const (
	// defaultTimeout bounds a batch for a caller who has no deadline.
	defaultTimeout = 10 * time.Second
	// stallAfter is how long a batch keeps a small one from beginning beside it: several times what one takes next to its
	// database.
	stallAfter = 20 * time.Millisecond
)

// ErrClosed is what Do returns after Close.
var ErrClosed = errors.New("it is closed")

// New returns a batcher. The handler returns a result for each item, in the order of the items.
func New[Item, Result any](handler func(ctx context.Context, items []Item) []Result, o Options[Item]) *Batcher[Item, Result] {
	return &Batcher[Item, Result]{handler: handler, options: o}
}

// Do handles an item and returns its result, no later than ctx is done. An item whose caller leaves before its batch begins
// is not handled; after that, it may be. The error is that of ctx, ErrClosed, or the panic of a batch.
func (b *Batcher[Item, Result]) Do(ctx context.Context, item Item) (none Result, err error) {
	w, own, err := b.enqueue(ctx, item)
	if err != nil {
		return none, err
	}
	if own != nil {
		defer func() {
			if next := b.finish(own); next != nil {
				go b.run(next)
			}
		}()
		return b.handler(ctx, []Item{item})[0], nil
	}
	select {
	case r := <-w.reply:
		return r.result, r.err
	case <-ctx.Done():
		b.remove(w)
	}
	select {
	case r := <-w.reply: // both had come
		return r.result, r.err
	default:
		return none, ctx.Err()
	}
}

// Close handles what is pending, and returns when nothing is under way. Later items are refused.
func (b *Batcher[Item, Result]) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.handlers.Wait()
}

// enqueue begins a batch of the item alone where nothing is under way, and returns it; else the item waits.
func (b *Batcher[Item, Result]) enqueue(ctx context.Context, item Item) (w *waiter[Item, Result], own *batch[Item, Result], err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, nil, ErrClosed
	}
	if len(b.running) == 0 {
		return nil, b.begin(nil), nil
	}
	w = &waiter[Item, Result]{ctx, item, make(chan reply[Result], 1)}
	b.pending = append(b.pending, w)
	if next := b.next(); next != nil {
		go b.run(next)
	}
	return w, nil, nil
}

// remove takes a waiter out of those that are pending.
func (b *Batcher[Item, Result]) remove(w *waiter[Item, Result]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.pending, w); i >= 0 {
		b.pending = slices.Delete(b.pending, i, i+1)
	}
}

// next begins the next batch, if there is to be one now. Beside another that does not stall, one begins only for a quarter of
// a full one: the smaller a batch, the more each of its items costs.
func (b *Batcher[Item, Result]) next() *batch[Item, Result] {
	if len(b.pending) == 0 || len(b.running) == b.options.MaxHandlers {
		return nil
	}
	if len(b.pending) < b.options.MaxSize/4 && slices.ContainsFunc(b.running, func(o *batch[Item, Result]) bool { return !o.stalls() }) {
		b.setTimer()
		return nil
	}
	var waiters, left []*waiter[Item, Result]
	for i, w := range b.pending {
		if len(waiters) == b.options.MaxSize {
			left = append(left, b.pending[i:]...)
			break
		}
		switch {
		case w.ctx.Err() != nil: // Do tells its caller so
		case b.conflicts(w, waiters):
			left = append(left, w)
		default:
			waiters = append(waiters, w)
		}
	}
	b.pending = left
	if waiters == nil {
		return nil
	}
	return b.begin(waiters)
}

func (b *Batcher[Item, Result]) conflicts(w *waiter[Item, Result], with []*waiter[Item, Result]) bool {
	return b.options.Conflicts != nil && slices.ContainsFunc(with, func(other *waiter[Item, Result]) bool {
		return b.options.Conflicts(&other.item, &w.item)
	})
}

func (b *Batcher[Item, Result]) begin(waiters []*waiter[Item, Result]) *batch[Item, Result] {
	now := &batch[Item, Result]{waiters, time.Now()}
	b.running = append(b.running, now)
	b.handlers.Add(1)
	return now
}

// setTimer looks for a next batch again when those under way stall.
func (b *Batcher[Item, Result]) setTimer() {
	if b.timerSet {
		return
	}
	b.timerSet = true
	time.AfterFunc(stallAfter, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.timerSet = false
		if next := b.next(); next != nil {
			go b.run(next)
		}
	})
}

// run handles a batch, and the next ones for as long as there are any.
func (b *Batcher[Item, Result]) run(now *batch[Item, Result]) {
	for ; now != nil; now = b.finish(now) {
		b.handle(now.waiters)
		runtime.Gosched() // whoever is ready to enqueue does so first
	}
}

// finish ends a batch, and begins the next one.
func (b *Batcher[Item, Result]) finish(done *batch[Item, Result]) *batch[Item, Result] {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.handlers.Done()
	b.running = slices.DeleteFunc(b.running, func(o *batch[Item, Result]) bool { return o == done })
	return b.next()
}

// handle answers each waiter of a batch. A panic becomes an error: no caller's goroutine runs it, so it would end the program.
func (b *Batcher[Item, Result]) handle(waiters []*waiter[Item, Result]) {
	if b.options.Compare != nil {
		slices.SortStableFunc(waiters, func(v, w *waiter[Item, Result]) int { return b.options.Compare(&v.item, &w.item) })
	}
	items := make([]Item, len(waiters))
	for i, w := range waiters {
		items[i] = w.item
	}
	results, err := b.safely(waiters, items)
	for i, w := range waiters {
		if err != nil {
			w.reply <- reply[Result]{err: err}
		} else {
			w.reply <- reply[Result]{result: results[i]}
		}
	}
}

func (b *Batcher[Item, Result]) safely(waiters []*waiter[Item, Result], items []Item) (results []Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, end := b.context(waiters)
	defer end()
	return b.handler(ctx, items), nil
}

// context returns what a batch is handled under, which ends with none of its callers but with the deadline of the last, and
// what to call at its end.
func (b *Batcher[Item, Result]) context(waiters []*waiter[Item, Result]) (context.Context, func()) {
	ctx, ended := context.Background(), func() {}
	if b.options.OnBatch != nil {
		callers := make([]context.Context, len(waiters))
		for i, w := range waiters {
			callers[i] = w.ctx
		}
		ctx, ended = b.options.OnBatch(callers)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), lastDeadline(waiters))
	return ctx, func() { cancel(); ended() }
}

func lastDeadline[Item, Result any](waiters []*waiter[Item, Result]) time.Time {
	var last time.Time
	for _, w := range waiters {
		deadline, ok := w.ctx.Deadline()
		if !ok {
			deadline = time.Now().Add(defaultTimeout)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return last
}
