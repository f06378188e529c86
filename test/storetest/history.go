package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// history writes down who asked what, and when, of a store with many callers, and finds whether there is one order of all in which
// each answer is right. The ledger gives the order of the writes to a block. Every other answer must be right somewhere between
// two of them, not before what its caller could have known when it asked, and not after what was asked when it had its answer.
type history struct {
	mu    sync.Mutex
	ticks int
	calls []*call
}

// call is one call about one block.
type call struct {
	what       string
	block      domain.BlockID
	start, end int
	// id is the change set that the call may have written, zero for none. Written says that it was told so.
	id      domain.ChangeSetID
	written bool
	// replay makes the write of the call on the model, given its entries, and says what is wrong with it or with the answer.
	// What it says of another write under the same id is that it is not this one.
	replay func(m *model, entries []domain.LedgerEntry) string
	// explain says what is wrong with an answer that tells of no new write, as the model is now. It is nil where there is none.
	explain func(m *model) string

	low, high int // where the answer must be right, in groups of the ledger
	wrong     string
}

func (h *history) tick() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ticks++
	return h.ticks
}

func (h *history) add(c *call) {
	c.end = h.tick()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, c)
}

// read notes a call that only reads. Ask returns what explains its answer.
func (h *history) read(what string, block domain.BlockID, ask func() func(m *model) string) {
	c := &call{what: what, block: block, start: h.tick()}
	c.explain = ask()
	h.add(c)
}

// apply notes a change set.
func (h *history) apply(spec domain.ChangeSetSpec, apply func(domain.ChangeSet) (domain.Applied, error)) (domain.Applied, error) {
	set := must(domain.NewChangeSet(spec))
	c := &call{what: fmt.Sprintf("set %s", set.ID()), block: set.Block(), id: set.ID(), start: h.tick()}
	got, err := apply(set)
	writes := slices.ContainsFunc(got.Changes, func(c domain.AppliedChange) bool { return c.Outcome == domain.Done })
	c.written = err == nil && !got.Replayed && writes
	if !c.written && !errors.Is(err, domain.StoreUnavailable) {
		c.explain = func(m *model) string {
			want, wantErr := m.outcome(set)
			return compareAnswers(got, err, want, wantErr)
		}
	}
	c.replay = func(m *model, entries []domain.LedgerEntry) string {
		want, wantErr := m.outcome(set)
		if wantErr != nil {
			return fmt.Sprintf("it is in the ledger, and had to be refused: %v", wantErr)
		}
		for _, e := range entries { // in the order of the changes that were done
			at := slices.IndexFunc(want.Changes, func(c domain.AppliedChange) bool { return c.Outcome == domain.Done && c.Sequence == e.Sequence })
			if at >= 0 && want.Changes[at].Apartment.ID() < 0 {
				if _, used := m.blockOf[e.Apartment]; used {
					return fmt.Sprintf("the new apartment has the id %d of another", e.Apartment)
				}
				want.Changes[at].Apartment = want.Changes[at].Apartment.WithID(e.Apartment)
			}
		}
		if wrong := difference("entries", entries, want.Entries(set)); wrong != "" {
			return wrong
		}
		if c.written {
			if wrong := compareAnswers(got, err, want, nil); wrong != "" {
				return wrong
			}
		}
		m.write(set.Block(), want, entries)
		return ""
	}
	h.add(c)
	return got, err
}

// update notes an import into one block, which changes apartments alone.
func (h *history) update(ctx context.Context, importer application.Importer, block domain.BlockID, scope application.Scope, plan func(application.Kept) application.Changes) error {
	c := &call{what: "an import", block: block, start: h.tick()}
	var seen application.Kept
	var changes application.Changes
	err := importer.UpdateRegister(ctx, scope, func(kept application.Kept) (application.Changes, error) {
		seen, changes = kept, plan(kept)
		return changes, nil
	}, nil)
	c.id = changes.ChangeSets[block]
	c.written = err == nil && changes.Len() > 0
	if err == nil && changes.Len() == 0 {
		c.explain = func(m *model) string { return differentKept(seen, m.within(scope)) }
	}
	c.replay = func(m *model, entries []domain.LedgerEntry) string {
		if wrong := differentKept(seen, m.within(scope)); wrong != "" {
			return "its plan has seen what was not: " + wrong
		}
		was := m.blocks[block].version()
		m.update(changes)
		return difference("entries", entries, m.blocks[block].ledger[was:])
	}
	h.add(c)
	return err
}

// explained checks that one order explains all, and leaves the model as it is at its end. The model is as it was at its begin.
func (h *history) explained(t *testing.T, m *model, rows Rows) {
	t.Helper()
	for id := range m.blocks {
		b := h.of(id, m, rows)
		for _, wrong := range b.explain() {
			t.Errorf("block %d: %s", id, wrong)
		}
	}
}

// blockHistory is that of one block: its calls, and what was written, by change set in the order of the ledger.
type blockHistory struct {
	model  *model
	calls  []*call
	groups [][]domain.LedgerEntry
	byID   map[domain.ChangeSetID][]*call
}

func (h *history) of(id domain.BlockID, m *model, rows Rows) *blockHistory {
	b := &blockHistory{model: m, byID: map[domain.ChangeSetID][]*call{}}
	for _, c := range h.calls {
		if c.block == id {
			b.calls = append(b.calls, c)
			b.byID[c.id] = append(b.byID[c.id], c)
		}
	}
	ledger := rows.of(func(block domain.BlockID) bool { return block == id }).sorted().Changes
	for i, e := range ledger {
		switch {
		case e.Sequence <= m.blocks[id].version():
		case len(b.groups) > 0 && ledger[i-1].ChangeSet == e.ChangeSet:
			b.groups[len(b.groups)-1] = append(b.groups[len(b.groups)-1], e)
		default:
			b.groups = append(b.groups, []domain.LedgerEntry{e})
		}
	}
	return b
}

// bound tells of each call between which writes its answer must be right.
func (b *blockHistory) bound() {
	type write struct{ known, begun int } // when the first caller knew of it, and when the first asked for it
	writes := make([]write, len(b.groups))
	for i, group := range b.groups {
		writes[i] = write{math.MaxInt, math.MaxInt}
		for _, c := range b.byID[group[0].ChangeSet] {
			writes[i].begun = min(writes[i].begun, c.start)
			if c.written {
				writes[i].known = min(writes[i].known, c.end)
			}
		}
	}
	for _, c := range b.calls {
		c.high = len(b.groups)
		for i, w := range writes {
			if w.known < c.start {
				c.low = i + 1
			}
			if w.begun > c.end {
				c.high = min(c.high, i)
			}
		}
	}
}

func (b *blockHistory) explain() []string {
	var wrong []string
	b.bound()
	var open []*call
	for _, c := range b.calls {
		if c.explain != nil {
			open = append(open, c)
		}
	}
	slices.SortFunc(open, func(a, b *call) int { return cmp.Compare(a.start, b.start) })
	for i := 0; ; i++ {
		open = b.settle(open, i)
		for at := b.overdue(open, i); at >= 0; at = b.overdue(open, i) {
			c := open[at]
			wrong = append(wrong, fmt.Sprintf("%s was answered as it never was between sets %d and %d: %s", c.what, c.low, c.high,
				cmp.Or(c.wrong, "an answer that was given before was right only later")))
			open = b.settle(slices.Delete(open, at, at+1), i)
		}
		if i == len(b.groups) {
			break
		}
		if found := b.replay(b.groups[i]); found != "" {
			return append(wrong, fmt.Sprintf("sequence %d: %s", b.groups[i][0].Sequence, found)) // all that follows would be wrong too
		}
	}
	known := map[domain.ChangeSetID]bool{}
	for _, group := range b.groups {
		known[group[0].ChangeSet] = true
	}
	for _, c := range b.calls {
		if c.written && !known[c.id] {
			wrong = append(wrong, c.what+" was acknowledged, and is not in the ledger")
		}
	}
	return wrong
}

// settle takes away the calls whose answer is right now. One that was asked after another had its answer is right no earlier than
// the other.
func (b *blockHistory) settle(open []*call, now int) []*call {
	for {
		first := math.MaxInt // when the first caller who is still open had its answer
		for _, c := range open {
			first = min(first, c.end)
		}
		before := len(open)
		open = slices.DeleteFunc(open, func(c *call) bool {
			if now < c.low || now > c.high || c.start > first {
				return false
			}
			c.wrong = c.explain(b.model)
			return c.wrong == ""
		})
		if len(open) == before {
			return open
		}
	}
}

// overdue returns which call had to be right by now, one that was never right before one that was not looked at, or -1.
func (b *blockHistory) overdue(open []*call, now int) int {
	if at := slices.IndexFunc(open, func(c *call) bool { return c.high <= now && c.wrong != "" }); at >= 0 {
		return at
	}
	return slices.IndexFunc(open, func(c *call) bool { return c.high <= now })
}

// replay makes the next write of the ledger.
func (b *blockHistory) replay(group []domain.LedgerEntry) string {
	calls := b.byID[group[0].ChangeSet]
	if len(calls) == 0 {
		return fmt.Sprintf("nobody asked for change set %s", group[0].ChangeSet)
	}
	acknowledged := slices.DeleteFunc(slices.Clone(calls), func(c *call) bool { return !c.written })
	switch len(acknowledged) {
	case 0:
	case 1:
		calls = acknowledged
	default:
		return fmt.Sprintf("%s was said to be written %d times", calls[0].what, len(acknowledged))
	}
	var wrong string
	for _, c := range calls {
		if wrong = c.replay(b.model, group); wrong == "" {
			return ""
		}
	}
	return calls[0].what + ": " + wrong
}
