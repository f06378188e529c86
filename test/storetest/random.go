package storetest

import (
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// chance returns a number from 0 to below n.
type chance func(n int) int

func pick[T any](c chance, from []T) T { return from[c(len(from))] }

// numbers is how many numbers random changes give: few, so that they clash.
const numbers = 12

// randomChange changes one of the apartments, or registers one.
func (c chance) randomChange(ids []domain.ApartmentID) domain.Change {
	kind := c(6)
	if len(ids) == 0 || kind < 2 {
		r := register(c(3)-1, 1+c(numbers))
		if kind == 1 {
			r = r.IfAbsent()
		}
		return r
	}
	id := pick(c, ids)
	version := domain.Sequence(0)
	if c(5) == 0 {
		version = domain.Sequence(1 + c(20))
	}
	switch kind {
	case 2, 3:
		return correctAt(id, pick(c, []int{unmoved, 0, 1}), pick(c, []int{0, 1 + c(numbers)}), version)
	case 4:
		return must(domain.NewRetire(id, version))
	default:
		return must(domain.NewRestore(id, version))
	}
}

// randomSet changes some of the apartments of a block. Half of the sets have one change.
func (c chance) randomSet(block domain.BlockID, n int, ids []domain.ApartmentID) domain.ChangeSetSpec {
	size := 1
	if c(2) == 0 {
		size += c(4)
	}
	spec := askedIn(block, n)
	for range size {
		spec.Changes = append(spec.Changes, c.randomChange(ids))
	}
	spec.Origin.By, spec.Origin.At = domain.UserID(1+c(3)), noon.Add(time.Duration(c(5))*time.Second)
	if c(10) == 0 {
		spec.IfVersion = new(domain.Sequence(c(20)))
	}
	return spec
}

// randomSet changes some of the apartments that the block has, and asks for some that it has not.
func (m *model) randomSet(c chance, block domain.BlockID, n int) domain.ChangeSetSpec {
	ids := []domain.ApartmentID{99_999_999}
	for _, a := range m.blocks[block].all() {
		ids = append(ids, a.ID())
	}
	return c.randomSet(block, n, ids)
}

func (c chance) randomQuery(block domain.BlockID) application.ApartmentQuery {
	q := application.ApartmentQuery{
		Block:    block,
		Statuses: pick(c, [][]domain.ApartmentStatus{nil, {domain.ApartmentRegistered}, {domain.ApartmentRetired}, {domain.ApartmentRetired, domain.ApartmentRegistered}}),
		Order:    pick(c, orders),
		Limit:    1 + c(5),
	}
	switch c(4) {
	case 0:
		q.Floor = floorAt(c(3) - 1)
	case 1:
		q.NumberPrefix = 1 + c(numbers)
	case 2:
		q.Number = numbered(1 + c(numbers))
	}
	return q
}

func (c chance) randomLedgerQuery(block domain.BlockID, ids []domain.ApartmentID) application.LedgerQuery {
	q := application.LedgerQuery{Block: block, Descending: c(2) == 0, Limit: 1 + c(5)}
	if c(2) == 0 {
		q.After = new(domain.Sequence(c(10)))
	}
	switch c(5) {
	case 0:
		q.Apartment = pick(c, append(ids, 1))
	case 1:
		q.By = domain.UserID(1 + c(3))
	case 2:
		q.Kind = pick(c, []domain.ChangeKind{domain.ChangeRegister, domain.ChangeCorrect, domain.ChangeRetire, domain.ChangeRestore, domain.ChangeImport})
	case 3:
		q.Since, q.Until = noon.Add(time.Second), noon.Add(3*time.Second)
	}
	return q
}
