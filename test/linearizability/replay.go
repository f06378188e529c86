package linearizability

import (
	"iter"
	"slices"

	"omarty.net/registry/domain"
)

// replay folds the ledger of each block, set by set.
func (c *checker) replay(kept Kept) {
	for _, b := range kept.Blocks {
		c.timelines[b.ID] = newTimeline(b.ID)
	}
	applied := map[domain.ChangeSetID]bool{}
	for entries := range runs(kept.Entries) {
		first := entries[0]
		t := c.timelines[first.Block]
		if t == nil {
			c.fault("ledger: block %d, which is not there, has entries", first.Block)
			continue
		}
		if applied[first.ChangeSet] {
			c.fault("doubled: change set %s of %q was applied twice, again at sequence %d of block %d", first.ChangeSet, first.RequestID, first.Sequence, first.Block)
		}
		applied[first.ChangeSet] = true
		next := t.versions[t.last()]
		for _, e := range entries {
			if next++; e.Sequence != next {
				c.fault("gap: block %d has sequence %d after %d", t.block, e.Sequence, next-1)
				next = e.Sequence
			}
		}
		set := &changeSet{entries: entries}
		if first.Kind == domain.ChangeImport {
			if t.last() > 0 {
				c.fault("unasked: entry %d of block %d is an import", first.Sequence, t.block)
			}
		} else {
			c.reapply(t, set)
		}
		c.faults = append(c.faults, t.fold(set)...)
	}
}

// runs gathers the entries of each change set that stand together.
func runs(entries []Entry) iter.Seq[[]Entry] {
	return func(yield func([]Entry) bool) {
		for len(entries) > 0 {
			n := 1
			for n < len(entries) && entries[n].ChangeSet == entries[0].ChangeSet && entries[n].Block == entries[0].Block {
				n++
			}
			if !yield(entries[:n]) {
				return
			}
			entries = entries[n:]
		}
	}
}

// reapply finds who asked for a set, and whether its entries are what it makes of the block.
func (c *checker) reapply(t *timeline, s *changeSet) {
	first := s.entries[0]
	a := c.asked[first.RequestID]
	source := domain.SourceAPI
	if a != nil && a.Kind == Undo {
		source = domain.SourceUndo
	}
	if a == nil || a.Block != t.block || a.User != first.By || source != first.Source {
		c.fault("unasked: nobody has asked for entry %d of block %d: %+v", first.Sequence, t.block, first)
		return
	}
	if a.set != nil {
		c.fault("doubled: %s was applied at %d and at %d", a, a.set.entries[0].Sequence, first.Sequence)
		return
	}
	s.asked, a.set = a, s
	set, applied, err := t.apply(a.Operation, t.last(), first.ChangeSet, first.origin())
	if err != nil {
		c.fault("ledger: entry %d of block %d was to be refused: %s: %v", first.Sequence, t.block, a, err)
		return
	}
	ids := map[domain.Sequence]domain.ApartmentID{}
	for _, e := range s.entries {
		ids[e.Sequence] = e.Apartment
	}
	for i := range applied.Changes {
		if d := &applied.Changes[i]; d.Apartment.ID() < 0 {
			d.Apartment = d.Apartment.WithID(ids[d.Sequence])
		}
	}
	var expected []Entry
	for _, e := range applied.Entries(set) {
		expected = append(expected, ofEntry(e))
	}
	if !slices.Equal(expected, s.entries) {
		c.fault("ledger: %s has the entries\n  %+v, and makes\n  %+v", a, s.entries, expected)
	}
	for _, e := range expected {
		if e.Before == (State{}) && at(t.apartments[e.Apartment], t.last()).ID != 0 {
			c.fault("ledger: entry %d of block %d registers apartment %d, which is there", e.Sequence, t.block, e.Apartment)
		}
	}
	s.applied = ofApplied(applied)
}

// compare holds the rows of blocks and apartments against the ledger.
func (c *checker) compare(kept Kept) {
	for _, b := range kept.Blocks {
		t := c.timelines[b.ID]
		if last := t.versions[t.last()]; b.Version != last {
			c.fault("gap: block %d is at version %d, and its ledger ends at %d", b.ID, b.Version, last)
		}
		if b.Registered != t.registered[t.last()] || b.Retired != t.retired[t.last()] {
			c.fault("ledger: block %d counts %d registered and %d retired, by the ledger %d and %d", b.ID, b.Registered, b.Retired, t.registered[t.last()], t.retired[t.last()])
		}
	}
	seen := map[domain.ApartmentID]bool{}
	for _, a := range kept.Apartments {
		seen[a.ID] = true
		t := c.timelines[a.Block]
		if t == nil {
			c.fault("ledger: apartment %d is in no block", a.ID)
			continue
		}
		if by := at(t.apartments[a.ID], t.last()); a != by {
			c.fault("ledger: apartment %d is\n  %+v, by the ledger\n  %+v", a.ID, a, by)
		}
	}
	for _, t := range c.timelines {
		for id := range t.apartments {
			if !seen[id] {
				c.fault("ledger: apartment %d of block %d is not there", id, t.block)
			}
		}
	}
}
