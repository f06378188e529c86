package registerfile

import (
	"slices"

	"omarty.net/registry/application"
)

// collector makes a File of the sections and rows that a format hands it, in the order of the file. What both formats have
// in common is judged here and below.
type collector struct {
	file File
	// current is the section that rows are of. begun has the lines in which sections began.
	current *section
	begun   map[application.Section]int
	// rows counts those of the section; the last began in lastLine.
	rows, lastLine int
}

func newCollector() *collector {
	return &collector{
		file:  File{lines: map[application.Section][]int{}, unread: map[application.Entry]bool{}},
		begun: map[application.Section]int{},
	}
}

// begin starts the section of a top-level value and reports whether its rows are to be added. The value's own kind is
// judged here, so that they are only where it is a list.
func (c *collector) begin(line int, value cell) bool {
	at := slices.IndexFunc(sections, func(s section) bool { return string(s.name) == value.key })
	if at < 0 {
		c.file.faults.add(line, "%s is not known: use blocks, apartments or memberships", quoted(value.key))
		for _, s := range sections { // it may be meant as any of them
			c.lost(s.name, 0)
		}
		return false
	}
	c.current, c.rows, c.lastLine = &sections[at], 0, 0
	name := c.current.name
	if c.begun[name] != 0 {
		c.file.faults.add(line, "%s stands in line %d already: make one list of both", name, c.begun[name])
	} else {
		c.begun[name] = line
	}
	if value.kind != list && value.kind != nothing {
		c.file.faults.add(line, "%s must be a list of rows, not %s", name, value.describe())
		c.lost(name, 0)
	}
	return value.kind == list
}

// add reads a row of the current section. Its cells count only where the value is a mapping.
func (c *collector) add(line int, value cell, cells []cell) {
	c.rows++
	r := row{collector: c, line: line, crowded: line == c.lastLine, cells: cells}
	c.lastLine = line
	var id int64
	if value.kind == mapping {
		r.checkKeys(c.current.columns)
		id = c.current.read(&r, &c.file.register)
	} else {
		r.fault("a row must be a mapping such as %s, not %s", c.current.example, value.describe())
	}
	if r.faulty {
		c.lost(c.current.name, id)
	} else {
		c.file.lines[c.current.name] = append(c.file.lines[c.current.name], line)
	}
}

// lost notes that a row could not be read; its id is 0 where that could not be either.
func (c *collector) lost(name application.Section, id int64) {
	c.file.unread[application.Entry{Section: name, ID: id}] = true
}

// empty reports whether the file had no row, good or bad.
func (c *collector) empty() bool { return len(c.file.lines) == 0 && len(c.file.faults) == 0 }
