package sqlstore

import (
	"math"
	"slices"
	"strings"

	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// The indexes of apartments.
const (
	indexByNumber = "apartments_number" // block_id, live, number
	indexByFloor  = "apartments_floor"  // block_id, live, floor, number
)

// condition is a part of a WHERE with its values.
type condition struct {
	text   string
	values []any
	// oneNumber says that it holds of apartments with one number alone.
	oneNumber bool
}

func (c condition) and(other condition) condition {
	return condition{text: c.text + " AND " + other.text, values: slices.Concat(c.values, other.values)}
}

// anyOf is one condition of several.
func anyOf(conditions []condition) condition {
	texts := make([]string, len(conditions))
	var values []any
	for i, c := range conditions {
		texts[i] = "(" + c.text + ")"
		values = append(values, c.values...)
	}
	return condition{text: "(" + strings.Join(texts, " OR ") + ")", values: values}
}

// numberRange is from a number to another, both included.
type numberRange struct{ from, to int }

var everyNumber = numberRange{math.MinInt32, math.MaxInt32}

func (r numberRange) condition() condition {
	if r.from == r.to {
		return condition{"number = ?", []any{r.from}, true}
	}
	return condition{"number BETWEEN ? AND ?", []any{r.from, r.to}, false}
}

// numbersOf returns the ranges of the numbers that a query asks for, from the lowest on: those with a prefix are as many as the
// longest number has digits more.
func numbersOf(q application.ApartmentQuery) []numberRange {
	ranges := []numberRange{everyNumber}
	if q.NumberPrefix != 0 {
		ranges = nil
		for from, to := q.NumberPrefix, q.NumberPrefix; from > 0 && from <= domain.MaxNumber; from, to = from*10, to*10+9 {
			ranges = append(ranges, numberRange{from, to})
		}
	}
	if number := q.Number.Int(); number != 0 {
		within := func(r numberRange) bool { return r.from <= number && number <= r.to }
		if !slices.ContainsFunc(ranges, within) {
			return nil
		}
		return []numberRange{{number, number}}
	}
	return ranges
}

// selectApartments returns the statements that read a page, each of a part that comes before those of the next. There are several
// where the engine does not read several ranges of an index in one statement, and none where nothing meets the query.
func (s *Store) selectApartments(q application.ApartmentQuery, limit int) []condition {
	numbers, statuses := numbersOf(q), statusesOf(q)
	if len(numbers) == 0 || len(statuses) == 0 {
		return nil
	}
	byFloor := q.Order == application.ByFloor || q.Order == application.ByFloorDescending
	sel := apartmentSelect{
		block: q.Block, statuses: statuses, limit: limit,
		descending: q.Order == application.ByNumberDescending || q.Order == application.ByFloorDescending,
		joins:      s.db.Engine().JoinsRanges,
	}
	var ranges []condition
	switch {
	case q.Floor != domain.Floor{}:
		sel.index, sel.order = s.useIndex(indexByFloor), "number, id"
		sel.fixed = &condition{text: "floor = ?", values: []any{q.Floor.Level()}}
		after, over := q.After, false
		if byFloor {
			after, over = onFloor(q.Floor.Level(), q.After, sel.descending)
		}
		if !over {
			ranges = byNumberAfter(numbers, after, sel.descending)
		}
	case byFloor:
		sel.index, sel.order = s.useIndex(indexByFloor), "floor, number, id"
		if numbers[0] != everyNumber {
			// No index has the order of the floors for some numbers alone: what has one number is read and sorted, and for a prefix the
			// entries of the index from where the page begins.
			sel.fixed = new(anyOf(conditionsOf(numbers)))
			if q.Number != (domain.Number{}) {
				sel.index = s.useIndex(indexByNumber)
			}
		}
		ranges = byFloorAfter(q.After, sel.descending)
	default:
		// InnoDB and SQLite have the rows of a number in the order of their ids. MariaDB does not use that of a unique key: asked
		// for the order of the ids too, it would sort the block. It is asked where a range is of one number alone, not where it is
		// one of several: such a range is read forward in descending order too, which shows where a number is several apartments'.
		sel.index, sel.order = s.useIndex(indexByNumber), "number"
		sel.joins = sel.joins && !slices.Contains(statuses, retired)
		ranges = byNumberAfter(numbers, q.After, sel.descending)
	}
	return sel.of(ranges)
}

// onFloor returns where a page begins on the one floor that is asked for, by a cursor of the order of floors, or that it is over.
func onFloor(level int, after *application.ApartmentCursor, descending bool) (_ *application.ApartmentCursor, over bool) {
	if after == nil || after.Floor == level {
		return after, false
	}
	return nil, (after.Floor > level) != descending
}

func conditionsOf(numbers []numberRange) []condition {
	all := make([]condition, len(numbers))
	for i, r := range numbers {
		all[i] = r.condition()
	}
	return all
}

// everything holds of each row.
var everything = condition{}

// byNumberAfter returns the ranges of an index that has number and id next, from where the page begins.
func byNumberAfter(numbers []numberRange, after *application.ApartmentCursor, descending bool) (ranges []condition) {
	if after == nil && numbers[0] == everyNumber {
		return []condition{everything}
	}
	numbers = slices.Clone(numbers)
	if descending {
		slices.Reverse(numbers)
	}
	for _, r := range numbers {
		begins := after != nil && r.from <= after.Number && after.Number <= r.to
		if after != nil && descending {
			r.to = min(r.to, after.Number)
		} else if after != nil {
			r.from = max(r.from, after.Number)
		}
		if r.from > r.to {
			continue
		}
		c := r.condition()
		if begins {
			c.text += " AND (number" + beyond(descending) + " OR id" + beyond(descending) + ")"
			c.values = append(c.values, after.Number, int64(after.ID))
		}
		ranges = append(ranges, c)
	}
	return ranges
}

// byFloorAfter returns the ranges of an index that has floor, number and id next, from where the page begins.
func byFloorAfter(after *application.ApartmentCursor, descending bool) []condition {
	if after == nil {
		return []condition{everything}
	}
	ranges := byNumberAfter([]numberRange{everyNumber}, after, descending)
	for i, r := range ranges {
		ranges[i] = condition{text: "floor = ? AND " + r.text, values: slices.Concat([]any{after.Floor}, r.values)}
	}
	return append(ranges, condition{text: "floor" + beyond(descending), values: []any{after.Floor}})
}

func beyond(descending bool) string {
	if descending {
		return " < ?"
	}
	return " > ?"
}

// apartmentSelect is what the statements of a page have in common.
type apartmentSelect struct {
	block        domain.BlockID
	statuses     []string
	index, order string
	// fixed holds of all that is asked for; nil is nothing.
	fixed      *condition
	descending bool
	limit      int
	// joins says that one statement reads all ranges.
	joins bool
}

// of returns the statements that read ranges.
func (a apartmentSelect) of(ranges []condition) []condition {
	if a.joins && len(ranges) > 1 {
		ranges = []condition{anyOf(ranges)}
	}
	selects := make([]condition, len(ranges))
	for i, r := range ranges {
		selects[i] = a.ofStatus(a.statuses[0], r)
		for _, status := range a.statuses[1:] {
			other := a.ofStatus(status, r)
			selects[i].text = "SELECT * FROM (" + selects[i].text + ") AS a UNION ALL SELECT * FROM (" + other.text + ") AS b"
			selects[i].values = append(selects[i].values, other.values...)
		}
	}
	return selects
}

func (a apartmentSelect) ofStatus(status string, r condition) condition {
	order := a.order
	if r.oneNumber {
		order = "number, id"
	}
	if a.descending {
		order = strings.ReplaceAll(order, ",", " DESC,") + " DESC"
	}
	c := condition{text: "block_id = ? AND " + status, values: []any{int64(a.block)}}
	if a.fixed != nil {
		c = c.and(*a.fixed)
	}
	if r.text != "" {
		c = c.and(r)
	}
	c.text = "SELECT " + rows.ApartmentColumns + " FROM apartments" + a.index + " WHERE " + c.text + " ORDER BY " + order + " LIMIT ?"
	c.values = append(c.values, a.limit)
	return c
}

const registered, retired = "live = 1", "live IS NULL"

// statusesOf returns the conditions of the statuses that a query asks for.
func statusesOf(q application.ApartmentQuery) (statuses []string) {
	if len(q.Statuses) == 0 || slices.Contains(q.Statuses, domain.ApartmentRegistered) {
		statuses = append(statuses, registered)
	}
	if slices.Contains(q.Statuses, domain.ApartmentRetired) {
		statuses = append(statuses, retired)
	}
	return statuses
}
