package linearizability

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"omarty.net/registry/domain"
)

// timeline is a block at each of its versions: index 0 is before its first change set, index i after its ith.
type timeline struct {
	block    domain.BlockID
	entries  []Entry
	sets     []*changeSet // that of index i at i-1
	versions []domain.Sequence
	index    map[domain.ChangeSetID]int
	// apartments and holders are as of the indexes where they change. A number without a holder has 0.
	apartments          map[domain.ApartmentID][]revision[Apartment]
	holders             map[int][]revision[domain.ApartmentID]
	registered, retired []int
	// earliest and latest bound when the block came to an index.
	earliest, latest []time.Duration
	// lives are some of what live has returned.
	lives map[int][]Apartment
}

// changeSet is one in the ledger.
type changeSet struct {
	entries []Entry
	asked   *asked // nil for an import
	// applied is what the set was to be answered with.
	applied Applied
}

type revision[T any] struct {
	from int
	T    T
}

// at returns what holds at an index, the zero value where nothing does yet.
func at[T any](revisions []revision[T], index int) (value T) {
	i := sort.Search(len(revisions), func(i int) bool { return revisions[i].from > index })
	if i > 0 {
		value = revisions[i-1].T
	}
	return value
}

const (
	always = time.Duration(-1)
	never  = time.Duration(1<<63 - 1)
)

func newTimeline(block domain.BlockID) *timeline {
	return &timeline{
		block: block, versions: []domain.Sequence{0}, index: map[domain.ChangeSetID]int{},
		apartments: map[domain.ApartmentID][]revision[Apartment]{}, holders: map[int][]revision[domain.ApartmentID]{},
		registered: []int{0}, retired: []int{0}, lives: map[int][]Apartment{},
	}
}

// fold takes the next change set over, and returns what contradicts what was before.
func (t *timeline) fold(s *changeSet) (faults []string) {
	index, before := len(t.versions), len(t.versions)-1
	now := map[domain.ApartmentID]Apartment{}
	for _, e := range s.entries {
		a, changed := now[e.Apartment]
		if !changed {
			a = at(t.apartments[e.Apartment], before)
		}
		if a.State != e.Before {
			faults = append(faults, fmt.Sprintf("ledger: entry %d of block %d has apartment %d before it as %+v, which was %+v", e.Sequence, t.block, e.Apartment, e.Before, a.State))
		}
		if a.ID == 0 {
			a = Apartment{ID: e.Apartment, Block: t.block, RegisteredBy: e.By, RegisteredAt: e.At}
		}
		a.State, a.Version, a.ChangedAt = e.After, e.Sequence, e.At
		now[e.Apartment] = a
	}
	registered, retired := t.registered[before], t.retired[before]
	count := func(s State, n int) {
		switch s.Status {
		case domain.ApartmentRegistered:
			registered += n
		case domain.ApartmentRetired:
			retired += n
		}
	}
	ids := slices.Sorted(maps.Keys(now))
	for _, id := range ids {
		was := at(t.apartments[id], before)
		count(was.State, -1)
		count(now[id].State, 1)
		if was.Status == domain.ApartmentRegistered && at(t.holders[was.Number], index) == id {
			t.holders[was.Number] = append(t.holders[was.Number], revision[domain.ApartmentID]{index, 0})
		}
	}
	for _, id := range ids {
		a := now[id]
		t.apartments[id] = append(t.apartments[id], revision[Apartment]{index, a})
		if a.Status != domain.ApartmentRegistered {
			continue
		}
		if other := at(t.holders[a.Number], index); other != 0 {
			faults = append(faults, fmt.Sprintf("doubled: number %d of block %d is that of the apartments %d and %d at version %d", a.Number, t.block, other, id, a.Version))
		}
		t.holders[a.Number] = append(t.holders[a.Number], revision[domain.ApartmentID]{index, id})
	}
	t.registered, t.retired = append(t.registered, registered), append(t.retired, retired)
	t.entries = append(t.entries, s.entries...)
	t.sets = append(t.sets, s)
	t.versions = append(t.versions, s.entries[len(s.entries)-1].Sequence)
	t.index[s.entries[0].ChangeSet] = index
	return faults
}

// last is the index of the block's last version.
func (t *timeline) last() int { return len(t.versions) - 1 }

// live returns the registered apartments at an index, by their numbers. They are not to be modified.
func (t *timeline) live(index int) []Apartment {
	if live, known := t.lives[index]; known {
		return live
	}
	var live []Apartment
	for _, holders := range t.holders {
		if id := at(holders, index); id != 0 {
			live = append(live, at(t.apartments[id], index))
		}
	}
	slices.SortFunc(live, func(a, b Apartment) int { return cmp.Compare(a.Number, b.Number) })
	if len(t.lives) > 1000 { // calls are explained in the order of their times, so that others are asked for from now on
		clear(t.lives)
	}
	t.lives[index] = live
	return live
}

// state returns the block at an index: its registered apartments, and those that are named.
func (t *timeline) state(index int, named []domain.ApartmentID) (*domain.BlockState, error) {
	known := map[domain.ApartmentID]Apartment{}
	for _, a := range t.live(index) {
		known[a.ID] = a
	}
	for _, id := range named {
		if a := at(t.apartments[id], index); a.ID != 0 {
			known[id] = a
		}
	}
	var apartments []domain.Apartment
	for _, a := range known {
		restored, err := a.domain()
		if err != nil {
			return nil, err
		}
		apartments = append(apartments, restored)
	}
	return domain.NewBlockState(t.versions[index], apartments), nil
}

// bound sets earliest and latest: a set is committed after it was first asked for, and before it was first acknowledged, and so
// are all sets after and before it.
func (t *timeline) bound() {
	n := len(t.versions)
	t.earliest, t.latest = make([]time.Duration, n), make([]time.Duration, n)
	for i := range n {
		t.earliest[i], t.latest[i] = always, always
		if i > 0 && t.sets[i-1].asked != nil {
			t.earliest[i], t.latest[i] = t.sets[i-1].asked.began, t.sets[i-1].asked.acknowledged
		}
		if i > 0 {
			t.earliest[i] = max(t.earliest[i], t.earliest[i-1])
		}
	}
	for i := n - 2; i >= 0; i-- {
		t.latest[i] = min(t.latest[i], t.latest[i+1])
	}
}

// window returns the indexes that the block may have been at between two times.
func (t *timeline) window(began, ended time.Duration) (lowest, highest int) {
	lowest = sort.Search(len(t.latest), func(i int) bool { return t.latest[i] >= began }) - 1
	highest = sort.Search(len(t.earliest), func(i int) bool { return t.earliest[i] > ended }) - 1
	return max(lowest, 0), highest
}

// indexOf returns the index of a version, -1 where no change set ends there.
func (t *timeline) indexOf(version domain.Sequence) int {
	i, found := slices.BinarySearch(t.versions, version)
	if !found {
		return -1
	}
	return i
}
