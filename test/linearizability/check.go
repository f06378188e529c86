package linearizability

import (
	"fmt"
	"slices"
	"time"

	"omarty.net/registry/domain"
)

// asked is an operation, and all that came of it.
type asked struct {
	Operation
	calls []*Call
	// began is when it was first asked for, and acknowledged when it was first answered as done.
	began, acknowledged time.Duration
	set                 *changeSet
}

// checker holds calls against what is kept.
type checker struct {
	asked     map[string]*asked
	timelines map[domain.BlockID]*timeline
	faults    []string
}

// Check returns what is wrong with the answers of calls, or with what is kept after the last of them, each with its kind before it:
//
//   - gap: the sequences of a block are not 1, 2, 3 and so on up to its version;
//   - ledger: an entry is not what its change set makes of the block as it was, or apartments and counts are not what the ledger says;
//   - doubled: two registered apartments of a block have one number, or a change set was applied twice;
//   - unasked: an entry is of no operation that was asked for;
//   - lost: what was acknowledged is not in the ledger;
//   - order: what was acknowledged before another operation began comes after it;
//   - untrue: an answer is not what was done, or not what was to be answered at any version that the block may have had meanwhile.
//
// It finds nothing where one history explains all: each block has one order of everything that was answered, which keeps to the
// order in time and in which every answer is right.
func Check(calls []Call, kept Kept) []string {
	c := &checker{asked: map[string]*asked{}, timelines: map[domain.BlockID]*timeline{}}
	for i := range calls {
		c.add(&calls[i])
	}
	c.replay(kept)
	c.compare(kept)
	for _, t := range c.timelines {
		t.bound()
		c.checkOrder(t)
	}
	inBlock := map[domain.BlockID][]*Call{}
	for i := range calls {
		if call := &calls[i]; !call.Unknown && !c.checkDone(call) {
			inBlock[call.Block] = append(inBlock[call.Block], call)
		}
	}
	for block, t := range c.timelines {
		c.explain(t, inBlock[block])
	}
	c.checkRefused()
	return c.faults
}

func (c *checker) fault(format string, values ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, values...))
}

func (c *checker) add(call *Call) {
	if call.Reuse || !call.writes() {
		return
	}
	a := c.asked[call.Key]
	if a == nil {
		a = &asked{Operation: call.Operation, began: call.Began, acknowledged: never}
		c.asked[call.Key] = a
	}
	a.calls = append(a.calls, call)
	a.began = min(a.began, call.Began)
	if !call.Unknown && call.did() {
		a.acknowledged = min(a.acknowledged, call.Ended)
	}
}

func (c *checker) checkOrder(t *timeline) {
	for i, s := range t.sets {
		if s.asked != nil && s.asked.began > t.latest[i+1] {
			c.fault("order: %s began at %v, and is before what was acknowledged at %v", s.asked, s.asked.began, t.latest[i+1])
		}
	}
}

// checkDone judges an answer that tells of changes, and returns false for all others.
func (c *checker) checkDone(call *Call) bool {
	switch {
	case call.Reuse:
		if call.Answer.Code != domain.KeyReused {
			c.fault("untrue: %s reused a key and was answered %+v", call.Operation, call.Answer)
		}
		return true
	case !call.writes() || !call.did():
		return false
	}
	a := c.asked[call.Key]
	if a.set == nil {
		c.fault("lost: %s was acknowledged and is not in the ledger", call.Operation)
		return true
	}
	if call.Kind == Apply || call.Kind == Undo {
		if call.Answer.ChangeSet != a.set.entries[0].ChangeSet {
			c.fault("untrue: %s was answered change set %s, and is %s", call.Operation, call.Answer.ChangeSet, a.set.entries[0].ChangeSet)
		}
	}
	if did := a.set.applied; len(did.Changes) > 0 && !sameApplied(call.Answer.Applied, call.answered(did)) {
		c.fault("untrue: %s was answered\n  %+v, and did\n  %+v", call.Operation, call.Answer.Applied, did)
	}
	if !call.Answer.Applied.Replayed {
		for _, other := range a.calls {
			if other != call && !other.Unknown && other.did() && !other.Answer.Applied.Replayed && other.Began <= call.Began {
				c.fault("doubled: %s was answered as done twice", call.Operation)
			}
		}
	}
	return true
}

// sameApplied compares an answer with what was done. A replay tells those apartments that did not change as they are now.
func sameApplied(answer, did Applied) bool {
	if answer.Version != did.Version {
		return false
	}
	return slices.EqualFunc(answer.Changes, did.Changes, func(a, d AppliedChange) bool {
		if answer.Replayed && d.Outcome == domain.Unchanged {
			return a.Kind == d.Kind && a.Outcome == d.Outcome
		}
		return a == d
	})
}

// checkRefused looks for operations that were refused and done. One that was unknown before may be done after it was refused.
func (c *checker) checkRefused() {
	for _, a := range c.asked {
		if a.set == nil {
			continue
		}
		if !slices.ContainsFunc(a.calls, func(call *Call) bool { return call.Unknown || call.did() }) {
			c.fault("untrue: %s was refused, and is in the ledger at %d", a, a.set.entries[0].Sequence)
		}
	}
}
