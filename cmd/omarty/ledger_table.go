package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"omarty.net/registry/domain"
)

// ledgerTable prints a table for people. Its columns are aligned among tablePart entries, which are held in memory.
type ledgerTable struct {
	to    io.Writer
	width int // of the terminal, 0 where it is none
	part  bytes.Buffer
	table *tabwriter.Writer
	rows  int
}

const tablePart = 1000

func newLedgerTable(w io.Writer, block domain.Block, more bool) (*ledgerTable, error) {
	t := &ledgerTable{to: w, width: widthOf(w)}
	t.table = tabwriter.NewWriter(&t.part, 0, 0, 2, ' ', 0)
	heading := fmt.Sprintf("Block %d, %q. Times are in UTC.", block.ID(), block.Name())
	if more {
		heading += " There is more before: --all prints all."
	}
	if _, err := fmt.Fprintf(w, "%s\n\n", heading); err != nil {
		return nil, err
	}
	fmt.Fprintln(t.table, "SEQ\tWHEN\tAPT\tWHAT\tBY\tSOURCE\tREQUEST")
	return t, nil
}

// Print implements ledgerFormat.
func (t *ledgerTable) Print(c change) error {
	by := "-"
	if c.By != nil {
		by = fmt.Sprint(*c.By)
	}
	fmt.Fprintf(t.table, "%d\t%s\t%d\t%s\t%s\t%s\t%s\n",
		c.Sequence, c.at.Format(time.DateTime), c.ApartmentID, c.words(), by, c.Source, orZero(c.RequestID))
	if t.rows++; t.rows%tablePart == 0 {
		return t.flush()
	}
	return nil
}

// Close implements ledgerFormat.
func (t *ledgerTable) Close() error {
	if t.rows == 0 {
		_, err := fmt.Fprintln(t.to, "No changes.")
		return err
	}
	return t.flush()
}

func (t *ledgerTable) flush() error {
	if err := t.table.Flush(); err != nil {
		return err
	}
	for line := range bytes.Lines(t.part.Bytes()) {
		if _, err := fmt.Fprintln(t.to, cut(string(bytes.TrimRight(line, " \n")), t.width)); err != nil {
			return err
		}
	}
	t.part.Reset()
	return nil
}

// cut returns as much of a line as has room in a width, where there is one.
func cut(line string, width int) string {
	if width <= 0 || utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}

// widthOf returns how many columns a terminal has, 0 where w is none.
func widthOf(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}
