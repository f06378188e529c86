package linearizability

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"omarty.net/registry/domain"
)

// someTime stands for when a change set that was not applied was asked for, which nobody knows. It is left out of what is compared.
var someTime = time.Unix(1, 0)

// apply returns the change set of an operation, and what comes of it at an index.
func (t *timeline) apply(o Operation, index int, id domain.ChangeSetID, origin domain.Origin) (domain.ChangeSet, domain.Applied, error) {
	changes, err := t.changes(o, index)
	if err != nil || len(changes) == 0 {
		return domain.ChangeSet{}, domain.Applied{}, err
	}
	set, err := o.changeSet(id, origin, changes)
	if err != nil {
		return set, domain.Applied{}, err
	}
	block, err := t.state(index, set.Apartments())
	if err != nil {
		return set, domain.Applied{}, err
	}
	applied, err := block.Apply(set)
	return set, applied, err
}

// changes are those that an operation asks for: of an undo, those that undo the set at an index.
func (t *timeline) changes(o Operation, index int) ([]domain.Change, error) {
	if o.Kind != Undo {
		return o.domainChanges()
	}
	undone, there := t.index[o.Undoes]
	if !there || undone > index {
		return nil, domain.NotFound
	}
	var entries []domain.LedgerEntry
	var kept []domain.Apartment
	seen := map[domain.ApartmentID]bool{}
	for _, e := range t.sets[undone-1].entries {
		entry, err := e.domain()
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
		if seen[e.Apartment] {
			continue
		}
		seen[e.Apartment] = true
		a, err := at(t.apartments[e.Apartment], index).domain()
		if err != nil {
			return nil, err
		}
		kept = append(kept, a)
	}
	return domain.Undo(entries, kept)
}

// expect returns what an operation that wrote nothing was to be answered at an index, and false where it would have written.
func (t *timeline) expect(o Operation, index int) (Answer, bool) {
	origin := domain.Origin{By: o.User, At: someTime, Source: domain.SourceAPI}
	_, applied, err := t.apply(o, index, domain.ChangeSetID{15: 1}, origin)
	if err != nil {
		var set *domain.ChangeSetError
		if o.Kind.alone() && errors.As(err, &set) {
			err = set.Changes[0]
		}
		return refusal(err), true
	}
	if o.DryRun {
		applied = applied.Planned(t.versions[index])
	}
	if slices.ContainsFunc(applied.Changes, func(c domain.AppliedChange) bool { return c.Outcome == domain.Done }) {
		return Answer{}, false
	}
	return Answer{Applied: o.answered(ofApplied(applied))}, true
}

// answered is what the use case tells of what was applied.
func (o Operation) answered(a Applied) Applied {
	if !o.Kind.alone() {
		return a
	}
	return Applied{Replayed: a.Replayed, Changes: []AppliedChange{{Apartment: a.Changes[0].Apartment, Outcome: a.Changes[0].Outcome}}}
}

// sameAnswer compares answers to an operation that wrote nothing, without what only its server knows.
func sameAnswer(a, b Answer) bool {
	return reflect.DeepEqual(compared(a), compared(b))
}

func compared(a Answer) Answer {
	a.Text, a.ChangeSet = "", domain.ChangeSetID{}
	a.Applied.Changes = slices.Clone(a.Applied.Changes)
	if len(a.Applied.Changes) == 0 || a.Code != "" {
		a.Applied = Applied{}
	}
	if slices.ContainsFunc(a.Applied.Changes, func(c AppliedChange) bool { return c.Outcome == domain.Planned }) {
		for i := range a.Applied.Changes {
			planned := &a.Applied.Changes[i].Apartment
			*planned = withoutTimes(*planned, planned.ID == 0)
		}
	}
	a.Refused = slices.Clone(a.Refused)
	for i := range a.Refused {
		existing := &a.Refused[i].Existing
		*existing = withoutTimes(*existing, existing.ID == 0)
	}
	return a
}

func withoutTimes(a Apartment, isNew bool) Apartment {
	a.ChangedAt = 0
	if isNew {
		a.RegisteredAt = 0
	}
	return a
}

// explains tells whether an answer that wrote nothing is what the operation was to be answered at an index.
func (t *timeline) explains(c *Call, index int) bool {
	if c.Answer.Code != "" && !c.Kind.writes() && c.Kind != Get {
		return false // every client may read every block
	}
	switch c.Kind {
	case Ledger:
		// That the entries are those of the ledger was seen before.
		to := c.After + domain.Sequence(len(c.Answer.Entries))
		return to == t.versions[index] || !c.Answer.Last && to < t.versions[index]
	case Apartments:
		return t.explainsList(c, index)
	case Get:
		a := at(t.apartments[c.Apartment], index)
		if a.ID == 0 {
			return c.Answer.Code == domain.NotFound
		}
		return c.Answer.Code == "" && c.Answer.Apartments[0] == a
	case Block:
		return reflect.DeepEqual(c.Answer.Summary, t.summary(index))
	default:
		expected, wroteNothing := t.expect(c.Operation, index)
		return wroteNothing && sameAnswer(c.Answer, expected)
	}
}

func (t *timeline) explainsList(c *Call, index int) bool {
	live := t.live(index)
	if c.Floor != nil {
		live = slices.DeleteFunc(slices.Clone(live), func(a Apartment) bool { return a.Floor != *c.Floor })
	}
	if !c.Answer.Last {
		live = live[:min(len(live), c.Limit)]
	}
	return slices.Equal(live, c.Answer.Apartments)
}

func (t *timeline) summary(index int) Summary {
	s := Summary{Version: t.versions[index], Registered: t.registered[index], Retired: t.retired[index]}
	for _, a := range t.live(index) {
		if s.Lowest == nil || a.Floor < *s.Lowest {
			s.Lowest = new(a.Floor)
		}
		if s.Highest == nil || a.Floor > *s.Highest {
			s.Highest = new(a.Floor)
		}
	}
	return s
}
