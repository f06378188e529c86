// Package spreadsheet writes tables as spreadsheets read them: CSV in UTF-8 with a byte order mark, lines that end in CRLF, and no
// cell that begins as a formula.
package spreadsheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const byteOrderMark = "\ufeff"

// Writer writes a table row by row. Use NewWriter.
type Writer struct {
	csv   *csv.Writer
	cells []string
}

// NewWriter returns a writer of a table with these columns, whose names are its first row.
func NewWriter(to io.Writer, columns ...string) (*Writer, error) {
	if _, err := io.WriteString(to, byteOrderMark); err != nil {
		return nil, err
	}
	w := &Writer{csv: csv.NewWriter(to)}
	w.csv.UseCRLF = true
	return w, w.csv.Write(columns)
}

// Row writes a row. A string is text; nil is an empty cell; anything else stands as fmt prints it, and is not to be taken for a
// formula: a number, or a time as text.
func (w *Writer) Row(cells ...any) error {
	w.cells = w.cells[:0]
	for _, c := range cells {
		switch c := c.(type) {
		case nil:
			w.cells = append(w.cells, "")
		case string:
			w.cells = append(w.cells, Text(c))
		default:
			w.cells = append(w.cells, fmt.Sprint(c))
		}
	}
	return w.csv.Write(w.cells)
}

// Flush writes what was not yet. It is to be called after the last row.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// formulaBegins are what a spreadsheet takes the first character of a formula for: typed in an East Asian width, too. What stands
// behind a tab or the end of a line may be read as a cell of its own.
const formulaBegins = "=+-@\t\r\n＝＋－＠"

// Text returns a text as a cell that no spreadsheet takes for a formula: behind an apostrophe where it begins as one. Control
// characters, which no terminal is to get, become U+FFFD, but for tabs and ends of lines.
func Text(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	if first, _ := utf8.DecodeRuneInString(text); strings.ContainsRune(formulaBegins, first) {
		return "'" + text
	}
	return text
}
