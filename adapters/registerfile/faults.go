package registerfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"omarty.net/registry/domain"
)

// MaxFaults is how many faults of a file are reported at most. One more says that there are others.
const MaxFaults = 100_000

// Fault is what is wrong with one row of a register file.
type Fault struct {
	// Line is where the row begins, from 1.
	Line int
	// Problem says what is wrong and what to do.
	Problem string
}

// Faults is why a register file was refused: everything that is wrong with its rows, by line. It is of the kind
// domain.Invalid.
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

// sorted puts the faults in the order of their lines.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}

// add notes what is wrong in a line. The number of faults is bounded, because a hostile file has one for every few bytes.
func (f *Faults) add(line int, format string, args ...any) {
	switch n := len(*f); {
	case n < MaxFaults:
		*f = append(*f, Fault{line, fmt.Sprintf(format, args...)})
	case n == MaxFaults:
		*f = append(*f, Fault{line, "there are more faults from here on: mend the ones above first"})
	}
}
