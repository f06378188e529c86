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

// rides makes calls together: those that come while others are under way wait, and ride the next time. There is no timer: a
// call that comes when nothing is under way is made at once, alone, by its own caller.
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

	mu      sync.Mutex
	waiting []*passenger[Call, Answer]
	// underWay is how many rides are, and riding how many calls are in them.
	underWay, riding int
	closed           bool
	ended            sync.WaitGroup // of those under way
}

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

// rideTimeout bounds a ride for a caller who has no deadline.
const rideTimeout = 10 * time.Second

// do makes a call, no longer than its caller waits for it. A caller who gives up before the ride begins is not taken along;
// after that, the call may be made.
func (r *rides[Call, Answer]) do(ctx context.Context, call Call) (none Answer, err error) {
	p, err := r.board(ctx, call)
	if err != nil {
		return none, err
	}
	if p == nil {
		defer func() {
			if aboard := r.end(1); aboard != nil {
				go r.rideOn(aboard)
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

// board begins a ride for the call alone where nothing is under way, and returns nil; else the call waits.
func (r *rides[Call, Answer]) board(ctx context.Context, call Call) (*passenger[Call, Answer], error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errPoolClosed
	}
	if r.underWay == 0 {
		r.begin(1)
		return nil, nil
	}
	p := &passenger[Call, Answer]{ctx, call, make(chan answer[Answer], 1)}
	r.waiting = append(r.waiting, p)
	if aboard := r.next(); aboard != nil {
		go r.rideOn(aboard)
	}
	return p, nil
}

// next begins the next ride, if there is to be one now, and returns who is aboard. Beside another ride one begins only for
// as many or for a quarter of a full one: the fewer there are, the more each costs, and no more than those wait where the
// other is stuck.
func (r *rides[Call, Answer]) next() []*passenger[Call, Answer] {
	if r.underWay == r.atOnce || r.underWay > 0 && len(r.waiting) < min(r.riding, r.size/4) {
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
	if aboard != nil {
		r.begin(len(aboard))
	}
	return aboard
}

func (r *rides[Call, Answer]) begin(calls int) {
	r.underWay++
	r.riding += calls
	r.ended.Add(1)
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
func (r *rides[Call, Answer]) rideOn(aboard []*passenger[Call, Answer]) {
	for aboard != nil {
		calls := len(aboard)
		r.ride(aboard)
		runtime.Gosched() // whoever is ready to board does so first
		aboard = r.end(calls)
	}
}

// end ends a ride, and begins the next one.
func (r *rides[Call, Answer]) end(calls int) []*passenger[Call, Answer] {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.ended.Done()
	r.underWay--
	r.riding -= calls
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

// ride makes the calls of a ride and answers each of its callers.
func (r *rides[Call, Answer]) ride(aboard []*passenger[Call, Answer]) {
	for i, a := range r.safely(aboard) {
		aboard[i].answer <- a
	}
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
			answers = sameFor[Answer](len(aboard), unforeseen(fmt.Errorf("panic: %v\n%s", p, debug.Stack())))
		}
	}()
	ctx, end := r.context(aboard)
	defer end()
	return r.together(ctx, aboard)
}

// sameFor returns the same error for each of several calls.
func sameFor[Answer any](calls int, err error) []answer[Answer] {
	answers := make([]answer[Answer], calls)
	for i := range answers {
		answers[i].err = err
	}
	return answers
}
