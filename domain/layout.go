package domain

import (
	"errors"
	"iter"
	"strconv"
	"strings"
)

// MaxChanges is the most changes of one change set.
const MaxChanges = 10_000

// Layout is a block described as people do: the places of its apartments, each number once. The zero value has none.
type Layout struct{ places []place }

type place struct {
	floor  Floor
	number Number
}

// Len returns how many apartments the layout describes, at most MaxChanges.
func (l Layout) Len() int { return len(l.places) }

// Places returns the floor and number of each apartment, in the order described.
func (l Layout) Places() iter.Seq2[Floor, Number] {
	return func(yield func(Floor, Number) bool) {
		for _, p := range l.places {
			if !yield(p.floor, p.number) {
				return
			}
		}
	}
}

// Changes returns the changes that register what the layout describes. Apartments that are on their floor already stay as they are.
func (l Layout) Changes() []Change {
	changes := make([]Change, len(l.places))
	for i, p := range l.places {
		changes[i] = Change{kind: ChangeRegister, floor: p.floor, number: p.number, ifAbsent: true}
	}
	return changes
}

// String returns the layout in the form that ParseLayout reads, with ranges where numbers follow each other.
func (l Layout) String() string {
	var text strings.Builder
	for i := 0; i < len(l.places); {
		first := l.places[i]
		end := i + 1
		for end < len(l.places) && l.places[end] == (place{first.floor, Number{first.number.n + end - i}}) {
			end++
		}
		if i > 0 && l.places[i-1].floor == first.floor {
			text.WriteString(", ")
		} else {
			if i > 0 {
				text.WriteString("; ")
			}
			text.WriteString(strconv.Itoa(first.floor.level) + ": ")
		}
		text.WriteString(strconv.Itoa(first.number.n))
		if end > i+1 {
			text.WriteString("-" + strconv.Itoa(l.places[end-1].number.n))
		}
		i = end
	}
	return text.String()
}

// Numbering is how the apartments of a block are numbered.
type Numbering string

// The ways to number apartments.
const (
	// ByFloor begins each number with its floor: 301 to 304 on floor 3, 1 to 4 on the ground floor.
	ByFloor Numbering = "floor"
	// Running counts on from floor to floor.
	Running Numbering = "running"
)

// ParseNumbering reads a numbering by its name, or returns a *FieldError with the code NotKnown, or Missing for none.
func ParseNumbering(text string) (Numbering, error) {
	return oneOf(FieldNumbering, text, ByFloor, Running)
}

// The values of NewLayout that can be at fault.
const (
	FieldFrom      Field = "from"
	FieldTo        Field = "to"
	FieldPerFloor  Field = "perFloor"
	FieldNumbering Field = "numbering"
	FieldFirst     Field = "first"
)

// maxPerFloor is the most apartments of a floor that ByFloor numbers: the 100th of floor 1 would be the first of floor 2.
const maxPerFloor = 99

// NewLayout returns the layout of a block that has perFloor apartments on each floor between two, both included. Running
// counts from first; ByFloor always counts from 1, so first must be 1, and it has no numbers for basements. NewLayout
// returns a *FieldError for each value at fault, joined. The range of each depends on the values before it: there are at
// most MaxChanges apartments and none above MaxNumber.
func NewLayout(from, to Floor, perFloor int, numbering Numbering, first int) (Layout, error) {
	_, numberingErr := ParseNumbering(string(numbering))
	lowestFloor, mostPerFloor, highestFirst := MinFloor, MaxChanges, MaxNumber
	if numbering == ByFloor {
		lowestFloor, mostPerFloor, highestFirst = 0, maxPerFloor, 1
	}
	fromErr := checkFloor(FieldFrom, from, lowestFloor)
	toErr := checkFloor(FieldTo, to, lowestFloor)
	if fromErr == nil {
		toErr = checkFloor(FieldTo, to, from.level)
	}
	floors := 1
	if fromErr == nil && toErr == nil {
		floors = to.level - from.level + 1
	}
	perFloorErr := checkRange(FieldPerFloor, perFloor, 1, min(mostPerFloor, MaxChanges/floors))
	if perFloorErr == nil {
		highestFirst = min(highestFirst, MaxNumber-floors*perFloor+1)
	}
	firstErr := checkRange(FieldFirst, first, MinNumber, highestFirst)
	if err := errors.Join(fromErr, toErr, perFloorErr, numberingErr, firstErr); err != nil {
		return Layout{}, err
	}

	places := make([]place, 0, floors*perFloor)
	for level := from.level; level <= to.level; level++ {
		before := first - 1 + len(places)
		if numbering == ByFloor {
			before = 100 * level
		}
		for i := range perFloor {
			places = append(places, place{Floor{level: level, given: true}, Number{before + i + 1}})
		}
	}
	return Layout{places}, nil
}

func checkFloor(field Field, floor Floor, lowest int) error {
	if !floor.given {
		return &FieldError{Field: field, Code: Missing}
	}
	return checkRange(field, floor.level, lowest, MaxFloor)
}

func checkRange(field Field, n, low, high int) error {
	if n < low || n > high {
		return &FieldError{Field: field, Code: OutOfRange, Low: low, High: high}
	}
	return nil
}
