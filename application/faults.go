package application

import (
	"fmt"
	"strings"

	"omarty.net/registry/domain"
)

// Section is one of the lists of a Register.
type Section string

// The sections of a Register.
const (
	SectionBlocks      Section = "blocks"
	SectionApartments  Section = "apartments"
	SectionMemberships Section = "memberships"
)

// RowRef names a row of a Register by its section and its index in it, from 0. The zero RowRef names none.
type RowRef struct {
	Section Section
	Index   int
}

// String returns the row as Go indexes it, such as apartments[3].
func (r RowRef) String() string { return fmt.Sprintf("%s[%d]", r.Section, r.Index) }

// Entry names a block or an apartment by its id. The zero Entry names none.
type Entry struct {
	Section Section
	ID      int64
}

// Fault is what is wrong with one row of a Register.
type Fault struct {
	Row RowRef
	// Text says what is wrong and what to do. OtherRow in it is to be replaced by a name of Other.
	Text string
	// Other is a second row that the text names.
	Other RowRef
	// Missing is what the register has no row of, where such a row could mend the fault: the block or the apartment that
	// does not exist, or the apartment that keeps a number.
	Missing Entry
}

// OtherRow stands in a fault's text for its other row.
const OtherRow = "{other}"

// Problem returns the fault's text with its other row named by name.
func (f Fault) Problem(name func(RowRef) string) string {
	if f.Other == (RowRef{}) {
		return f.Text
	}
	return strings.Replace(f.Text, OtherRow, name(f.Other), 1)
}

// Faults is why an import was refused: everything that is wrong with it, in the order of its rows. It is of the kind
// domain.Invalid.
type Faults []Fault

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Row.String() + ": " + fault.Problem(RowRef.String)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns domain.Invalid.
func (f Faults) Unwrap() error { return domain.Invalid }
