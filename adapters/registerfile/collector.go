package registerfile

import (
	"fmt"
	"slices"

	"omarty.net/registry/application"
)

// section is one of the lists of a register file.
type section struct {
	key     string
	columns []string
	example string
	// read builds the value of a row and keeps it, or notes its faults.
	read func(*row, *application.Register)
	// lost notes that a row is there of which nothing could be read.
	lost func(*application.Register)
}

const blockExample = "{id: 4, name: Block 4, status: active}"

var sections = []section{
	{"blocks", []string{"id", "name", "status"}, blockExample, readBlock, lostBlock},
	{"apartments", []string{"id", "block", "floor", "number"}, "{id: 1, block: 4, floor: 1, number: 1}", readApartment, lostApartment},
	{"memberships", []string{"user", "block", "apartment", "role", "status"},
		"{user: 7, block: 4, apartment: 1, role: manager, status: active}", readMembership, func(*application.Register) {}},
}

func lostBlock(r *application.Register) { r.UnreadBlocks.Note(0) }

func lostApartment(r *application.Register) { r.UnreadApartments.Note(0) }

// collector makes the register of the sections and rows that a format hands it, in the order of the file. The rules of
// both formats are here and below.
type collector struct {
	register application.Register
	// current is the section that rows are of, begun where each section began, in lines, zero for not yet.
	current *section
	begun   [3]int
	// rows counts those of the section; the last began in lastLine.
	rows, lastLine int
}

// begin starts the section of a top-level value and reports whether its rows are to be added. The value's own kind is
// judged here, so that they are only where it is a list.
func (c *collector) begin(line int, value cell) bool {
	at := slices.IndexFunc(sections, func(s section) bool { return s.key == value.key })
	if at < 0 {
		c.fault(line, "%s is not known: use blocks, apartments or memberships", quoted(value.key))
		for _, s := range sections { // it may be meant as any of them
			s.lost(&c.register)
		}
		return false
	}
	if c.begun[at] != 0 {
		c.fault(line, "%s stands in line %d already: make one list of both", value.key, c.begun[at])
	} else {
		c.begun[at] = line
	}
	if value.kind != list && value.kind != nothing {
		c.fault(line, "%s must be a list of rows, not %s", value.key, value.describe())
		sections[at].lost(&c.register)
	}
	c.current, c.rows, c.lastLine = &sections[at], 0, 0
	return value.kind == list
}

// add reads a row of the current section. Its cells count only where the value is a mapping.
func (c *collector) add(line int, value cell, cells []cell) {
	c.rows++
	r := row{collector: c, line: line, crowded: line == c.lastLine, cells: cells}
	c.lastLine = line
	if value.kind != mapping {
		r.fault("a row must be a mapping such as %s, not %s", c.current.example, value.describe())
		c.current.lost(&c.register)
		return
	}
	r.checkKeys(c.current.columns)
	c.current.read(&r, &c.register)
}

// fault notes what is wrong in a line. Their number is bounded, because a hostile file has one for every few bytes.
func (c *collector) fault(line int, format string, args ...any) {
	switch n := len(c.register.Faults); {
	case n < MaxFaults:
		c.register.Faults = append(c.register.Faults, application.Fault{Line: line, Problem: fmt.Sprintf(format, args...)})
	case n == MaxFaults:
		c.register.Faults = append(c.register.Faults, application.Fault{Line: line,
			Problem: "there are more faults from here on: mend the ones above first"})
	}
}

// empty reports whether the file had no row, good or bad.
func (c *collector) empty() bool {
	r := c.register
	return len(r.Blocks) == 0 && len(r.Apartments) == 0 && len(r.Memberships) == 0 && len(r.Faults) == 0
}
