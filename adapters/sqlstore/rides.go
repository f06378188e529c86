package sqlstore

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// rides makes calls together: those that come while others are under way wait, and ride the next time. None waits for others to
// come: a call that comes when nothing is under way is made at once, alone, by its own caller.
type rides[Call, Answer any] struct {
	// size is how many calls ride together at most, and atOnce how many rides may be under way.
	size, atOnce int
	// apart says that two calls may not ride together; nil is never.
	apart func(a, b *Call) bool
	// alone makes one call.
	alone func(ctx context.Context, call Call) (Answer, error)
	// together makes those of several passengers and returns what to answer each. It may put them into another order.
	together func(ctx context.Context, aboard []*passenger[Call, Answer]) []answer[Answer]
	// onRide is Options.OnBatch, or nil.
	onRide func(callers []context.Context) (ctx context.Context, end func())

	mu       sync.Mutex
	waiting  []*passenger[Call, Answer]
	underWay []*ride[Call, Answer]
	watched  bool // by a timer
	closed   bool
	ended    sync.WaitGroup // of those under way
}

// ride is calls that are made together, or one alone, which has no passenger.
type ride[Call, Answer any] struct {
	aboard []*passenger[Call, Answer]
	began  time.Time
}

func (r *ride[Call, Answer]) takesLong() bool { return time.Since(r.began) >= longRide }

// passenger is a call that waits for its ride.
type passenger[Call, Answer any] struct {
	ctx    context.Context
	call   Call
	answer chan answer[Answer]
}

type answer[Answer any] struct {
	value Answer
	err   error
}

const (
	// rideTimeout bounds a ride for a caller who has no deadline.
	rideTimeout = 10 * time.Second
	// longRide is how long a ride keeps another from beginning for few calls: several times what one takes next to its
	// database.
	longRide = 20 * time.Millisecond
)

// do makes a call, no longer than its caller waits for it. A caller who gives up before the ride begins is not taken along;
// after that, the call may be made.
func (r *rides[Call, Answer]) do(ctx context.Context, call Call) (none Answer, err error) {
	p, lone, err := r.board(ctx, call)
	if err != nil {
		return none, err
	}
	if lone != nil {
		defer func() {
			if next := r.end(lone); next != nil {
				go r.rideOn(next)
			}
		}()
		return r.alone(ctx, call)
	}
	select {
	case a := <-p.answer:
		return a.value, a.err
	case <-ctx.Done():
		r.giveUp(p)
	}
	select {
	case a := <-p.answer: // both had come
		return a.value, a.err
	default:
		return none, ctx.Err()
	}
}

// board begins a ride for the call alone where nothing is under way, and returns it; else the call waits.
func (r *rides[Call, Answer]) board(ctx context.Context, call Call) (p *passenger[Call, Answer], lone *ride[Call, Answer], err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil, errPoolClosed
	}
	if len(r.underWay) == 0 {
		return nil, r.begin(nil), nil
	}
	p = &passenger[Call, Answer]{ctx, call, make(chan answer[Answer], 1)}
	r.waiting = append(r.waiting, p)
	if next := r.next(); next != nil {
		go r.rideOn(next)
	}
	return p, nil, nil
}

// next begins the next ride, if there is to be one now. Beside another that does not take long, one begins only for a quarter
// of a full one: the fewer ride together, the more each costs.
func (r *rides[Call, Answer]) next() *ride[Call, Answer] {
	if len(r.waiting) == 0 || len(r.underWay) == r.atOnce {
		return nil
	}
	if len(r.waiting) < r.size/4 && slices.ContainsFunc(r.underWay, func(o *ride[Call, Answer]) bool { return !o.takesLong() }) {
		r.watch()
		return nil
	}
	var aboard, left []*passenger[Call, Answer]
	for i, p := range r.waiting {
		if len(aboard) == r.size {
			left = append(left, r.waiting[i:]...)
			break
		}
		apart := func(other *passenger[Call, Answer]) bool { return r.apart(&other.call, &p.call) }
		switch {
		case p.ctx.Err() != nil: // it is told so by do
		case r.apart != nil && slices.ContainsFunc(aboard, apart):
			left = append(left, p)
		default:
			aboard = append(aboard, p)
		}
	}
	r.waiting = left
	if aboard == nil {
		return nil
	}
	return r.begin(aboard)
}

func (r *rides[Call, Answer]) begin(aboard []*passenger[Call, Answer]) *ride[Call, Answer] {
	now := &ride[Call, Answer]{aboard, time.Now()}
	r.underWay = append(r.underWay, now)
	r.ended.Add(1)
	return now
}

// watch looks again when what is under way takes long.
func (r *rides[Call, Answer]) watch() {
	if r.watched {
		return
	}
	r.watched = true
	time.AfterFunc(longRide, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.watched = false
		if next := r.next(); next != nil {
			go r.rideOn(next)
		}
	})
}

// giveUp takes a caller who waits no longer out of the queue.
func (r *rides[Call, Answer]) giveUp(p *passenger[Call, Answer]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.waiting, p); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	}
}

// rideOn makes a ride, and the next ones for as long as there are any.
func (r *rides[Call, Answer]) rideOn(now *ride[Call, Answer]) {
	for ; now != nil; now = r.end(now) {
		for i, a := range r.safely(now.aboard) {
			now.aboard[i].answer <- a
		}
		runtime.Gosched() // whoever is ready to board does so first
	}
}

// end ends a ride, and begins the next one.
func (r *rides[Call, Answer]) end(now *ride[Call, Answer]) *ride[Call, Answer] {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.ended.Done()
	r.underWay = slices.DeleteFunc(r.underWay, func(o *ride[Call, Answer]) bool { return o == now })
	return r.next()
}

// close makes what waits, and returns when nothing is under way. Later calls are refused.
func (r *rides[Call, Answer]) close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.ended.Wait()
	return nil
}

// context returns what a ride is made under, which ends with none of its callers but with the deadline of the last, and what
// to call at its end.
func (r *rides[Call, Answer]) context(aboard []*passenger[Call, Answer]) (context.Context, func()) {
	ctx, ended := context.Background(), func() {}
	if r.onRide != nil {
		callers := make([]context.Context, len(aboard))
		for i, p := range aboard {
			callers[i] = p.ctx
		}
		ctx, ended = r.onRide(callers)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), lastDeadline(aboard))
	return ctx, func() { cancel(); ended() }
}

func lastDeadline[Call, Answer any](aboard []*passenger[Call, Answer]) time.Time {
	var last time.Time
	for _, p := range aboard {
		deadline, ok := p.ctx.Deadline()
		if !ok {
			deadline = time.Now().Add(rideTimeout)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return last
}

// safely keeps a panic from ending the program: a ride is no request's own goroutine.
func (r *rides[Call, Answer]) safely(aboard []*passenger[Call, Answer]) (answers []answer[Answer]) {
	defer func() {
		if p := recover(); p != nil {
			answers = sameFor[Answer](len(aboard), panicked(p))
		}
	}()
	ctx, end := r.context(aboard)
	defer end()
	return r.together(ctx, aboard)
}

// panicked is the error that a panic becomes.
func panicked(p any) error { return unforeseen(fmt.Errorf("panic: %v\n%s", p, debug.Stack())) }

// sameFor returns the same error for each of several calls.
func sameFor[Answer any](calls int, err error) []answer[Answer] {
	answers := make([]answer[Answer], calls)
	for i := range answers {
		answers[i].err = err
	}
	return answers
}
