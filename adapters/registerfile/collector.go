package registerfile

import (
	"fmt"
	"slices"

	"omarty.net/registry/application"
)

// collector makes a File of the value that a file is, whatever its format.
type collector struct {
	file File
	// current is the section that is being read. begun has the lines in which sections began.
	current *section
	begun   map[application.Section]int
	// rows counts the rows of the section. The last began in lastLine.
	rows, lastLine int
	// cells are those of a row. They are kept to be used again.
	cells []value
}

func newCollector() *collector {
	return &collector{
		file:  File{lines: map[application.Section][]int{}, unread: map[application.Entry]bool{}},
		begun: map[application.Section]int{},
	}
}

// read reads the value that a file is.
func (c *collector) read(top value) error {
	switch top.kind {
	case nothing:
		return nil
	case mapping:
	default:
		return fmt.Errorf("line %d: the file is %s: %s", top.line, top.describe(), wanted)
	}
	for rows := range top.items {
		if c.begin(rows) {
			for row := range rows.items {
				c.add(row)
			}
		}
	}
	return nil
}

// begin starts the section of a top-level value, and reports whether the value is a list of rows.
func (c *collector) begin(v value) bool {
	at := slices.IndexFunc(sections, func(s section) bool { return string(s.name) == v.key })
	if at < 0 {
		c.file.faults.add(v.line, "%s is not known: use blocks, apartments or memberships", quoted(v.key))
		for _, s := range sections { // it may be meant as any of them
			c.lost(s.name, 0)
		}
		return false
	}
	c.current, c.rows, c.lastLine = &sections[at], 0, 0
	name := c.current.name
	if c.begun[name] != 0 {
		c.file.faults.add(v.line, "%s stands in line %d already: make one list of both", name, c.begun[name])
	} else {
		c.begun[name] = v.line
	}
	if v.kind != list && v.kind != nothing {
		c.file.faults.add(v.line, "%s must be a list of rows, not %s", name, v.describe())
		c.lost(name, 0)
	}
	return v.kind == list
}

// add reads a row of the current section.
func (c *collector) add(v value) {
	c.rows++
	r := row{collector: c, line: v.line, crowded: v.line == c.lastLine}
	c.lastLine = v.line
	var id int64
	if v.kind == mapping {
		c.cells = slices.AppendSeq(c.cells[:0], v.items)
		r.cells = c.cells
		r.checkKeys(c.current.columns)
		id = c.current.read(&r, &c.file.register)
	} else {
		r.fault("a row must be a mapping such as %s, not %s", c.current.example, v.describe())
	}
	if r.faulty {
		c.lost(c.current.name, id)
	} else {
		c.file.lines[c.current.name] = append(c.file.lines[c.current.name], v.line)
	}
}

// lost notes that a row could not be read; its id is 0 where that could not be either.
func (c *collector) lost(name application.Section, id int64) {
	c.file.unread[application.Entry{Section: name, ID: id}] = true
}

// empty reports whether the file had no row, good or bad.
func (c *collector) empty() bool { return len(c.file.lines) == 0 && len(c.file.faults) == 0 }
