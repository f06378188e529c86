package domain

import (
	"cmp"
	"errors"
	"slices"
)

// Outcome says what came of one change of a set.
type Outcome string

// The outcomes of a change.
const (
	// Done is a change that was made, and has an entry in the ledger.
	Done Outcome = "done"
	// Planned is a change that a dry run would have made.
	Planned Outcome = "planned"
	// Unchanged is a change that asks for what is so already.
	Unchanged Outcome = "unchanged"
)

// Applied is what came of a change set.
type Applied struct {
	// Version is the block's once the set is applied. A replayed set has the one of that time.
	Version Sequence
	// Replayed says that an earlier attempt under the same id made the changes.
	Replayed bool
	// Changes are in the order of those that were asked for.
	Changes []AppliedChange
}

// AppliedChange is what came of one change.
type AppliedChange struct {
	Kind ChangeKind
	// Apartment is as the change left it. In a dry run, one that would be registered has no id.
	Apartment Apartment
	// Before is the zero State where there was no apartment.
	Before State
	// Sequence is that of the ledger's entry, zero where there is none.
	Sequence Sequence
	Outcome  Outcome
}

// BlockState is what change sets have to know of their block, and what they make of it: its version, and those of its
// apartments that they name or whose numbers they give.
type BlockState struct {
	version    Sequence
	apartments map[ApartmentID]Apartment
	holders    map[Number]ApartmentID // of the registered ones
	lastNew    ApartmentID
}

// NewBlockState returns the state of a block that has these apartments.
func NewBlockState(version Sequence, apartments []Apartment) *BlockState {
	b := &BlockState{
		version: version, apartments: make(map[ApartmentID]Apartment, len(apartments)), holders: make(map[Number]ApartmentID, len(apartments)),
		lastNew: NoSuchApartment, // a change may name that, and finds nothing
	}
	for _, a := range apartments {
		b.apartments[a.id] = a
		if a.state.status == ApartmentRegistered {
			b.holders[a.state.number] = a.id
		}
	}
	return b
}

// Version returns the sequence of the block's last change.
func (b *BlockState) Version() Sequence { return b.version }

// Apply makes the changes of a set, all or none, and returns what came of each. The numbers of apartments may change places
// within a set: what counts is how it ends. An apartment that it registers has an id below zero, which no other of the block
// has, until a store gives it one.
//
// It returns a *StaleBlockError where the block is not at the version that the set expects, and else a *ChangeSetError that
// has every change that cannot be: NotFound, AlreadyRetired, NotRetired, VersionMismatch or NumberTaken.
func (b *BlockState) Apply(s ChangeSet) (Applied, error) {
	if want := s.spec.IfVersion; want != nil && *want != b.version {
		return Applied{}, &StaleBlockError{Current: b.version}
	}
	d := draft{block: b, set: s, now: map[ApartmentID]Apartment{}, numberedBy: map[ApartmentID]int{}, version: b.version, lastNew: b.lastNew}
	for i, c := range s.spec.Changes {
		d.make(i, c)
	}
	d.checkNumbers()
	if len(d.refused) > 0 {
		slices.SortStableFunc(d.refused, func(x, y *ChangeError) int { return cmp.Compare(x.Index, y.Index) })
		return Applied{}, &ChangeSetError{Changes: d.refused}
	}
	d.commit()
	return Applied{Version: b.version, Changes: d.changes}, nil
}

// draft is a set that is being applied.
type draft struct {
	block *BlockState
	set   ChangeSet
	// now are the apartments that have changed, and numberedBy the change that gave each its number, by its index.
	now        map[ApartmentID]Apartment
	numberedBy map[ApartmentID]int
	order      []ApartmentID
	version    Sequence
	lastNew    ApartmentID
	changes    []AppliedChange
	refused    []*ChangeError
}

func (d *draft) refuse(i int, err error, existing Apartment) {
	refused := &ChangeError{Index: i, Existing: existing}
	errors.As(err, &refused.Code)
	d.refused = append(d.refused, refused)
	d.changes = append(d.changes, AppliedChange{})
}

func (d *draft) apartment(id ApartmentID) (Apartment, bool) {
	if a, ok := d.now[id]; ok {
		return a, true
	}
	a, ok := d.block.apartments[id]
	return a, ok
}

func (d *draft) make(i int, c Change) {
	var before Apartment
	switch {
	case c.kind != ChangeRegister:
		var ok bool
		if before, ok = d.apartment(c.apartment); !ok {
			d.refuse(i, NotFound, Apartment{})
			return
		}
		if was := d.block.apartments[c.apartment]; c.ifVersion != 0 && c.ifVersion != was.version {
			d.refuse(i, VersionMismatch, was)
			return
		}
	case c.ifAbsent:
		if there, ok := d.apartment(d.block.holders[c.number]); ok && there.state == (State{c.floor, c.number, ApartmentRegistered}) {
			d.changes = append(d.changes, AppliedChange{Kind: c.kind, Apartment: there, Before: there.state, Outcome: Unchanged})
			return
		}
	}
	after, err := c.of(before.state)
	if err != nil {
		d.refuse(i, err, before)
		return
	}
	done := AppliedChange{Kind: c.kind, Apartment: before, Before: before.state, Outcome: Unchanged}
	if after != before.state {
		done = d.change(i, before, after)
	}
	d.changes = append(d.changes, done)
}

func (d *draft) change(i int, a Apartment, after State) AppliedChange {
	d.version++
	origin := d.set.spec.Origin
	before := a.state
	if before.IsZero() {
		d.lastNew--
		a = Apartment{id: d.lastNew, block: d.set.spec.Block, registeredBy: origin.By, registeredAt: origin.At}
	} else {
		a.changedAt = origin.At
	}
	a.state, a.version = after, d.version
	if _, changed := d.now[a.id]; !changed {
		d.order = append(d.order, a.id)
	}
	d.now[a.id] = a
	if before.status != after.status || before.number != after.number {
		d.numberedBy[a.id] = i
	}
	return AppliedChange{Kind: d.set.spec.Changes[i].kind, Apartment: a, Before: before, Sequence: d.version, Outcome: Done}
}

// checkNumbers refuses changes that leave a number in the block twice. An apartment that had its number before the set keeps it;
// of several others it goes to the first.
func (d *draft) checkNumbers() {
	given := make(map[Number]ApartmentID, len(d.order))
	for _, keeps := range []bool{true, false} {
		for _, id := range d.order {
			a, was := d.now[id], d.block.apartments[id]
			number := a.state.number
			kept := was.state.status == ApartmentRegistered && was.state.number == number
			if a.state.status != ApartmentRegistered || kept != keeps {
				continue
			}
			holder, taken := given[number]
			if !taken {
				if holder, taken = d.block.holders[number]; taken {
					_, taken = d.unchanged(holder)
				}
			}
			if taken {
				d.refused = append(d.refused, &ChangeError{Index: d.numberedBy[id], Code: NumberTaken, Existing: d.existing(holder)})
				continue
			}
			given[number] = id
		}
	}
}

// existing returns an apartment that stands in the way. One that the set itself would register has no id.
func (d *draft) existing(id ApartmentID) Apartment {
	a, _ := d.apartment(id)
	if _, there := d.block.apartments[id]; !there {
		a.id = 0
	}
	return a
}

// unchanged returns an apartment that the set does not change.
func (d *draft) unchanged(id ApartmentID) (Apartment, bool) {
	if _, changed := d.now[id]; changed {
		return Apartment{}, false
	}
	a, ok := d.block.apartments[id]
	return a, ok
}

// commit takes what has changed over into the block.
func (d *draft) commit() {
	b := d.block
	for _, id := range d.order {
		if was := b.apartments[id]; was.state.status == ApartmentRegistered {
			delete(b.holders, was.state.number)
		}
	}
	for _, id := range d.order {
		a := d.now[id]
		b.apartments[id] = a
		if a.state.status == ApartmentRegistered {
			b.holders[a.state.number] = id
		}
	}
	b.version, b.lastNew = d.version, d.lastNew
}
