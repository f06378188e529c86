package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// model is the register as the ports describe it, in the plainest way: what is searched is gone through from end to end. What a
// set makes of a block, it asks the domain, with all the block's apartments at hand.
type model struct {
	blocks      map[domain.BlockID]*modelBlock
	memberships []domain.Membership
	blockOf     map[domain.ApartmentID]domain.BlockID
	sets        map[domain.ChangeSetID][]domain.LedgerEntry
}

type modelBlock struct {
	domain.Block
	apartments map[domain.ApartmentID]domain.Apartment
	ledger     []domain.LedgerEntry
}

func newModel() *model {
	return &model{
		blocks: map[domain.BlockID]*modelBlock{}, blockOf: map[domain.ApartmentID]domain.BlockID{},
		sets: map[domain.ChangeSetID][]domain.LedgerEntry{},
	}
}

func (b *modelBlock) version() domain.Sequence { return domain.Sequence(len(b.ledger)) }

// all returns the block's apartments in the order of their ids.
func (b *modelBlock) all() []domain.Apartment {
	if b == nil {
		return nil
	}
	return slices.SortedFunc(maps.Values(b.apartments), func(a, b domain.Apartment) int { return cmp.Compare(a.ID(), b.ID()) })
}

// outcome returns what comes of a set now. Apartments that it registers have an id below zero.
func (m *model) outcome(set domain.ChangeSet) (domain.Applied, error) {
	if entries, known := m.sets[set.ID()]; known {
		return set.Replay(entries, m.blocks[entries[0].Block].all())
	}
	b, there := m.blocks[set.Block()]
	if !there {
		return domain.Applied{}, domain.NotFound
	}
	return domain.NewBlockState(b.version(), b.all()).Apply(set)
}

// apply makes the changes of a set whose answer is known, and says how that is wrong, or nothing. It takes over the ids that
// the answer has for new apartments.
func (m *model) apply(set domain.ChangeSet, got domain.Applied, gotErr error) string {
	want, wantErr := m.outcome(set)
	if wantErr == nil && !want.Replayed {
		if wrong := m.takeIDs(want, got); wrong != "" {
			return wrong
		}
	}
	if wrong := compareAnswers(got, gotErr, want, wantErr); wrong != "" {
		return wrong
	}
	if wantErr == nil && !want.Replayed {
		m.write(set.Block(), want, want.Entries(set))
	}
	return ""
}

// takeIDs gives new apartments the ids that an answer gives them.
func (m *model) takeIDs(want, got domain.Applied) string {
	for i := range want.Changes {
		c := &want.Changes[i]
		if c.Apartment.ID() > 0 || i >= len(got.Changes) {
			continue
		}
		id := got.Changes[i].Apartment.ID()
		if _, used := m.blockOf[id]; used || id <= 0 {
			return fmt.Sprintf("change %d: the new apartment has the id %d, which is another's or none", i, id)
		}
		c.Apartment = c.Apartment.WithID(id)
	}
	return ""
}

func (m *model) write(block domain.BlockID, applied domain.Applied, entries []domain.LedgerEntry) {
	for _, c := range applied.Changes {
		if c.Outcome == domain.Done {
			m.put(c.Apartment)
		}
	}
	m.enter(block, entries)
}

func (m *model) put(a domain.Apartment) {
	m.blocks[a.Block()].apartments[a.ID()] = a
	m.blockOf[a.ID()] = a.Block()
}

func (m *model) enter(block domain.BlockID, entries []domain.LedgerEntry) {
	b := m.blocks[block]
	b.ledger = append(b.ledger, entries...)
	for _, e := range entries {
		m.sets[e.ChangeSet] = append(m.sets[e.ChangeSet], e)
	}
}

// update makes the changes of an import.
func (m *model) update(c application.Changes) {
	for _, b := range c.NewBlocks {
		m.blocks[b.ID()] = &modelBlock{Block: b, apartments: map[domain.ApartmentID]domain.Apartment{}}
	}
	for _, b := range c.ChangedBlocks {
		m.blocks[b.ID()].Block = b
	}
	after := map[domain.ApartmentID]domain.Apartment{}
	for _, a := range c.NewApartments {
		after[a.ID()] = a
	}
	for _, a := range c.ChangedApartments {
		after[a.Apartment.ID()] = a.Apartment.WithState(a.After)
	}
	positions := map[domain.BlockID]int{}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		a := after[id]
		b := m.blocks[a.Block()]
		was := b.apartments[id]
		record := domain.ApartmentRecord{ID: id, Block: a.Block(), State: a.State(), RegisteredAt: c.At, Version: b.version() + 1}
		if was.ID() != 0 {
			record.RegisteredBy, record.RegisteredAt, record.ChangedAt = was.RegisteredBy(), was.RegisteredAt(), c.At
		}
		m.put(must(domain.RestoreApartment(record)))
		m.enter(a.Block(), []domain.LedgerEntry{{
			Block: a.Block(), Sequence: record.Version, ChangeSet: c.ChangeSets[a.Block()], Position: positions[a.Block()], Kind: domain.ChangeImport,
			Apartment: id, Before: was.State(), After: a.State(), Origin: domain.Origin{At: c.At, Source: domain.SourceImport},
		}})
		positions[a.Block()]++
	}
	m.memberships = append(m.memberships, c.NewMemberships...)
	for _, changed := range c.ChangedMemberships {
		at := slices.IndexFunc(m.memberships, func(m domain.Membership) bool { return m.Key() == changed.Key() })
		m.memberships[at] = changed
	}
}

// within is what a plan must see.
func (m *model) within(scope application.Scope) application.Kept {
	var kept application.Kept
	for id, b := range m.blocks {
		whole := slices.Contains(scope.Blocks, id)
		if whole {
			kept.Blocks = append(kept.Blocks, b.Block)
		}
		for _, a := range b.apartments {
			if whole || slices.Contains(scope.Apartments, a.ID()) {
				imported := b.ledger[a.Version()-1].Kind == domain.ChangeImport
				kept.Apartments = append(kept.Apartments, application.KeptApartment{Apartment: a, Imported: imported})
			}
		}
	}
	for _, one := range m.memberships {
		if slices.Contains(scope.Blocks, one.Block()) {
			kept.Memberships = append(kept.Memberships, one)
		}
	}
	return kept
}

// differentKept says how what a plan has seen differs from what it must see, in whatever order, or nothing.
func differentKept(got, want application.Kept) string {
	return cmp.Or(
		difference("blocks", sortedBlocks(got.Blocks), sortedBlocks(want.Blocks)),
		difference("apartments", sortedKept(got.Apartments), sortedKept(want.Apartments)),
		difference("memberships", slices.SortedFunc(slices.Values(got.Memberships), compareMemberships),
			slices.SortedFunc(slices.Values(want.Memberships), compareMemberships)),
	)
}

func sortedBlocks(blocks []domain.Block) []domain.Block {
	return slices.SortedFunc(slices.Values(blocks), func(a, b domain.Block) int { return cmp.Compare(a.ID(), b.ID()) })
}

func sortedKept(apartments []application.KeptApartment) []application.KeptApartment {
	return slices.SortedFunc(slices.Values(apartments), func(a, b application.KeptApartment) int {
		return cmp.Compare(a.Apartment.ID(), b.Apartment.ID())
	})
}

func (m *model) membersOf(user domain.UserID, block domain.BlockID) []domain.Member {
	var members []domain.Member
	for _, one := range m.memberships {
		if one.User() == user && (block == 0 || one.Block() == block) {
			b := m.blocks[one.Block()]
			members = append(members, domain.Member{Membership: one, Block: b.Block, Version: b.version()})
		}
	}
	return members
}

func (m *model) blocksByID(ids []domain.BlockID) []application.BlockSummary {
	var found []application.BlockSummary
	for _, id := range unique(slices.Clone(ids)) {
		b, ok := m.blocks[id]
		if !ok {
			continue
		}
		s := application.BlockSummary{Block: b.Block, Version: b.version()}
		var floors []int
		for _, a := range b.apartments {
			if a.Status() == domain.ApartmentRetired {
				s.Retired++
				continue
			}
			s.Registered++
			floors = append(floors, a.Floor().Level())
		}
		if len(floors) > 0 {
			s.Lowest, s.Highest = floorAt(slices.Min(floors)), floorAt(slices.Max(floors))
		}
		found = append(found, s)
	}
	return found
}

func (m *model) apartmentsByID(block domain.BlockID, ids []domain.ApartmentID) []domain.Apartment {
	return slices.DeleteFunc(m.blocks[block].all(), func(a domain.Apartment) bool { return !slices.Contains(ids, a.ID()) })
}

// find returns every apartment that a query asks for, whatever its After and Limit.
func (m *model) find(q application.ApartmentQuery) []domain.Apartment {
	found := slices.DeleteFunc(m.blocks[q.Block].all(), func(a domain.Apartment) bool {
		status := a.Status() == domain.ApartmentRegistered
		if len(q.Statuses) > 0 {
			status = slices.Contains(q.Statuses, a.Status())
		}
		return !status || (q.Floor != domain.Floor{} && q.Floor != a.Floor()) || (q.Number != domain.Number{} && q.Number != a.Number()) ||
			(q.NumberPrefix != 0 && !strings.HasPrefix(strconv.Itoa(a.Number().Int()), strconv.Itoa(q.NumberPrefix)))
	})
	byFloor := q.Order == application.ByFloor || q.Order == application.ByFloorDescending
	slices.SortFunc(found, func(a, b domain.Apartment) int {
		floors := 0
		if byFloor {
			floors = cmp.Compare(a.Floor().Level(), b.Floor().Level())
		}
		return cmp.Or(floors, cmp.Compare(a.Number().Int(), b.Number().Int()), cmp.Compare(a.ID(), b.ID()))
	})
	if q.Order == application.ByNumberDescending || q.Order == application.ByFloorDescending {
		slices.Reverse(found)
	}
	return found
}

// changes returns every entry that a query asks for from where its page begins, whatever its Limit.
func (m *model) changes(q application.LedgerQuery) []domain.LedgerEntry {
	b, ok := m.blocks[q.Block]
	if !ok {
		return nil
	}
	found := slices.DeleteFunc(slices.Clone(b.ledger), func(e domain.LedgerEntry) bool {
		return (q.After != nil && !q.Descending && e.Sequence <= *q.After) || (q.After != nil && q.Descending && e.Sequence >= *q.After) ||
			(q.Apartment != 0 && q.Apartment != e.Apartment) || (q.By != 0 && q.By != e.Origin.By) || (q.Kind != "" && q.Kind != e.Kind) ||
			(!q.Since.IsZero() && e.Origin.At.Before(q.Since)) || (!q.Until.IsZero() && !e.Origin.At.Before(q.Until))
	})
	if q.Descending {
		slices.Reverse(found)
	}
	return found
}

// rows is all that must be kept.
func (m *model) rows() Rows {
	rows := Rows{Memberships: m.memberships}
	for _, b := range m.blocks {
		row := BlockRow{Block: b.Block, Version: b.version()}
		first := map[domain.ApartmentID]domain.Sequence{}
		for _, e := range slices.Backward(b.ledger) {
			first[e.Apartment] = e.Sequence
		}
		for _, a := range b.apartments {
			kept := ApartmentRow{
				ID: a.ID(), Block: a.Block(), Floor: a.Floor().Level(), Number: a.Number().Int(), Status: a.Status(),
				RegisteredBy: unlessZero(a.RegisteredBy()), RegisteredAt: a.RegisteredAt(), Version: a.Version(),
			}
			if a.Version() != first[a.ID()] {
				kept.ChangedAt = new(a.ChangedAt())
			}
			if a.Status() == domain.ApartmentRetired {
				row.Retired++
			} else {
				row.Registered++
			}
			rows.Apartments = append(rows.Apartments, kept)
		}
		rows.Blocks = append(rows.Blocks, row)
		rows.Changes = append(rows.Changes, b.ledger...)
	}
	rows.Logs = LogsOf(rows.Changes)
	return rows
}

// of returns the rows of blocks alone.
func (r Rows) of(mine func(domain.BlockID) bool) Rows {
	return Rows{
		Blocks:      slices.DeleteFunc(slices.Clone(r.Blocks), func(b BlockRow) bool { return !mine(b.ID()) }),
		Apartments:  slices.DeleteFunc(slices.Clone(r.Apartments), func(a ApartmentRow) bool { return !mine(a.Block) }),
		Memberships: slices.DeleteFunc(slices.Clone(r.Memberships), func(m domain.Membership) bool { return !mine(m.Block()) }),
		Changes:     slices.DeleteFunc(slices.Clone(r.Changes), func(e domain.LedgerEntry) bool { return !mine(e.Block) }),
		Logs:        slices.DeleteFunc(slices.Clone(r.Logs), func(l LogRow) bool { return !mine(l.Block) }),
	}
}

// differentRows says how rows differ, or nothing.
func differentRows(got, want Rows) string {
	got, want = got.sorted(), want.sorted()
	return cmp.Or(
		difference("blocks", got.Blocks, want.Blocks), difference("changes", got.Changes, want.Changes),
		difference("apartments", got.Apartments, want.Apartments), difference("memberships", got.Memberships, want.Memberships),
		difference("logs", got.Logs, want.Logs),
	)
}

// difference says how rows in the same order differ, or nothing.
func difference[Row comparable](what string, got, want []Row) string {
	for i := range min(len(got), len(want)) {
		if !same(got[i], want[i]) {
			return fmt.Sprintf("%s, at %d:\n%+v, want\n%+v", what, i, readable(got[i]), readable(want[i]))
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d %s, want %d", len(got), what, len(want))
	}
	return ""
}

// same compares what pointers point to. Most rows are the same without, which is told sooner.
func same[Row comparable](a, b Row) bool { return a == b || reflect.DeepEqual(a, b) }

// readable shows what pointers point to.
func readable(row any) any {
	v := reflect.ValueOf(row)
	if v.Kind() != reflect.Struct {
		return row
	}
	shown := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			return row
		}
		value := v.Field(i)
		if value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
		shown[field.Name] = value.Interface()
	}
	return shown
}

// unique returns the ids in order, each once.
func unique[ID cmp.Ordered](ids []ID) []ID {
	slices.Sort(ids)
	return slices.Compact(ids)
}
