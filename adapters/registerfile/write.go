package registerfile

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"unicode"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Format is a format of register files.
type Format string

// The formats of register files.
const (
	YAML Format = "yaml"
	JSON Format = "json"
)

// layout is what stands between the rows of a file.
type layout struct {
	begin, beginSection, row, nextRow, endSection, nextSection, end string
	// quote is around keys and words.
	quote string
}

var layouts = map[Format]layout{
	YAML: {beginSection: ":", row: "\n  - ", endSection: "\n"},
	JSON: {begin: "{\n", beginSection: ": [", row: "\n", nextRow: ",", endSection: "\n]", nextSection: ",\n", end: "\n}\n", quote: `"`},
}

// Writer writes a register file that Read takes, a row a line: blocks, then apartments, then memberships. It holds no row. Use
// NewWriter.
type Writer struct {
	to     *bufio.Writer
	layout layout
	// section is the index of the section that is being written, rows how many it has, written how many bytes there are.
	section, rows int
	written       int64
	line          []byte
}

// NewWriter returns a writer of a file.
func NewWriter(to io.Writer, format Format) *Writer {
	return &Writer{to: bufio.NewWriterSize(to, 64<<10), layout: layouts[format], section: -1}
}

// Reader returns what writes the rows of an export. Each function returns an error for a row that Read would refuse, which the
// register may have under former rules.
func (w *Writer) Reader() application.RegisterReader {
	return application.RegisterReader{Block: w.block, Apartment: w.apartment, Membership: w.membership}
}

// Close ends the file. It does not close what the file is written to.
func (w *Writer) Close() error {
	if err := w.begin(len(sections)); err != nil {
		return err
	}
	return w.to.Flush()
}

// Size returns how many bytes the file has so far.
func (w *Writer) Size() int64 { return w.written }

func (w *Writer) block(b domain.Block) error {
	if _, err := domain.NewBlock(b.ID(), b.Name(), b.Status()); err != nil {
		return unreadableRow(err, "block %d", b.ID())
	}
	return w.row(0, column{"id", int64(b.ID())}, column{"name", b.Name()}, column{"status", b.Status()})
}

func (w *Writer) apartment(a domain.Apartment) error {
	_, err := domain.NewFloor(int64(a.Floor().Level()))
	if err == nil {
		_, err = domain.NewNumber(int64(a.Number().Int()))
	}
	if err != nil {
		return unreadableRow(err, "apartment %d", a.ID())
	}
	columns := []column{{"id", int64(a.ID())}, {"block", int64(a.Block())}, {"floor", int64(a.Floor().Level())}, {"number", int64(a.Number().Int())}}
	if a.Status() != domain.ApartmentRegistered {
		columns = append(columns, column{"status", a.Status()})
	}
	return w.row(1, columns...)
}

func (w *Writer) membership(m domain.Membership) error {
	if _, err := domain.NewMembership(m.User(), m.Block(), m.Apartment(), m.Role(), m.Status()); err != nil {
		return unreadableRow(err, "the membership of user %d in block %d", m.User(), m.Block())
	}
	columns := []column{{"user", int64(m.User())}, {"block", int64(m.Block())}}
	if m.Apartment() != 0 {
		columns = append(columns, column{"apartment", int64(m.Apartment())})
	}
	return w.row(2, append(columns, column{"role", m.Role()}, column{"status", m.Status()})...)
}

// unreadableRow says which row of the register no file can hold.
func unreadableRow(err error, row string, values ...any) error {
	return fmt.Errorf("%s is kept in a way that an import would refuse: %w: correct it first", fmt.Sprintf(row, values...), err)
}

// column is a cell of a row and its key.
type column struct {
	key   string
	value any // int64, text, or a word of the register
}

func (w *Writer) row(section int, columns ...column) error {
	if err := w.begin(section); err != nil {
		return err
	}
	line := w.line[:0]
	if w.rows > 0 {
		line = append(line, w.layout.nextRow...)
	}
	w.rows++
	line = append(append(line, w.layout.row...), '{')
	for i, c := range columns {
		if i > 0 {
			line = append(line, ", "...)
		}
		line = append(w.appendWord(line, c.key), ": "...)
		switch value := c.value.(type) {
		case int64:
			line = strconv.AppendInt(line, value, 10)
		case string:
			line = appendQuoted(line, value)
		default:
			line = w.appendWord(line, fmt.Sprint(value))
		}
	}
	w.line = append(line, '}')
	return w.write(w.line)
}

// begin ends the sections before one, and begins it: the end of the file, where it is none.
func (w *Writer) begin(section int) error {
	for ; w.section < section; w.rows = 0 {
		text := w.layout.begin
		switch w.section {
		case -1:
		case len(sections) - 1:
			text = w.layout.endSection + w.layout.end
		default:
			text = w.layout.endSection + w.layout.nextSection
		}
		if w.section++; w.section < len(sections) {
			text += w.layout.quote + string(sections[w.section].name) + w.layout.quote + w.layout.beginSection
		}
		if err := w.write([]byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) write(text []byte) error {
	n, err := w.to.Write(text)
	w.written += int64(n)
	return err
}

// appendWord appends a key, or a word of the register.
func (w *Writer) appendWord(line []byte, word string) []byte {
	return append(append(append(line, w.layout.quote...), word...), w.layout.quote...)
}

// appendQuoted appends a text in quotes as YAML and JSON read it alike. What cannot be seen is escaped: YAML takes some of it for the
// end of a line, and refuses some. Neither needs it beyond 16 bits, where each writes escapes in its own way.
func appendQuoted(line []byte, text string) []byte {
	line = append(line, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			line = append(line, '\\', byte(r))
		case r > 0xffff || unicode.IsPrint(r):
			line = append(line, string(r)...)
		default:
			line = fmt.Appendf(line, `\u%04x`, r)
		}
	}
	return append(line, '"')
}
