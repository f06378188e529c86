package linearizability

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// explain finds for each answer that tells of no change of its own an index of the block that explains it, such that who asked
// after another's answer finds the block at the same index or a later one. It takes the lowest index each time, so that it finds
// such an order where there is one.
func (c *checker) explain(t *timeline, calls []*Call) {
	type event struct {
		at   time.Duration
		ends bool
		call int
	}
	events := make([]event, 0, 2*len(calls))
	for i, call := range calls {
		events = append(events, event{call.Began, false, i}, event{call.Ended, true, i})
	}
	slices.SortStableFunc(events, func(a, b event) int {
		if a.at == b.at && a.ends != b.ends {
			if b.ends {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.at, b.at)
	})
	found := make([]int, len(calls))
	seen := 0
	for _, e := range events {
		if e.ends {
			seen = max(seen, found[e.call])
		} else {
			found[e.call] = c.explainCall(t, calls[e.call], seen)
		}
	}
}

func (c *checker) explainCall(t *timeline, call *Call, seen int) int {
	lowest, highest := t.window(call.Began, call.Ended)
	lowest = max(lowest, seen)
	if call.Answer.Code == Unforeseen {
		c.fault("untrue: %s was answered with an error that no use case returns: %s", call.Operation, call.Answer.Text)
		return seen
	}
	if call.Kind == Ledger && call.Answer.Code == "" {
		from := min(int(call.After), len(t.entries))
		to := min(from+len(call.Answer.Entries), len(t.entries))
		if !slices.Equal(call.Answer.Entries, t.entries[from:to]) {
			c.fault("untrue: %s read after %d\n  %+v, and the ledger has\n  %+v", call.Operation, call.After, call.Answer.Entries, t.entries[from:to])
			return seen
		}
	}
	if v := call.Answer.Version; v != 0 {
		i := t.indexOf(v)
		if i < lowest || i > highest {
			c.fault("untrue: %s was told version %d, and the block was at %d to %d", call.Operation, v, t.versions[lowest], t.versions[highest])
			return seen
		}
		lowest = i
	}
	for i := lowest; i <= highest; i++ {
		if t.explains(call, i) {
			return i
		}
	}
	c.fault("untrue: %s was answered %q\n  %+v, and no version from %d to %d explains it%s", call.Operation, string(call.Answer.Code), call.Answer,
		t.versions[lowest], t.versions[highest], t.nearest(call))
	return seen
}

// nearest says which version would explain an answer.
func (t *timeline) nearest(call *Call) string {
	for i := t.last(); i >= 0; i-- {
		if t.explains(call, i) {
			return fmt.Sprintf("; version %d would", t.versions[i])
		}
	}
	return "; nor does any other"
}
