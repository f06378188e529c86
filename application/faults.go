package application

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"omarty.net/registry/domain"
)

// Fault is what is wrong with one row of an import.
type Fault struct {
	// Line is where the row stands in its file, from 1.
	Line int
	// Problem says what is wrong and what to do.
	Problem string
}

// Faults is why an import was refused: everything that is wrong with it, by line. It is of the kind domain.Invalid.
type Faults []Fault

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fmt.Sprintf("line %d: %s", fault.Line, fault.Problem)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns domain.Invalid.
func (f Faults) Unwrap() error { return domain.Invalid }

// add notes a fault.
func (f *Faults) add(line int, format string, args ...any) {
	*f = append(*f, Fault{Line: line, Problem: fmt.Sprintf(format, args...)})
}

// sorted returns the faults in the order of their lines.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}
