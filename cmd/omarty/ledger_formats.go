package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"iter"
	"time"

	"omarty.net/registry/adapters/spreadsheet"
	"omarty.net/registry/domain"
)

// ledgerFormat prints entries one after the other, and ends with Close.
type ledgerFormat interface {
	Print(change) error
	Close() error
}

// print prints entries of a block. More says that there are others before them.
func (r *ledgerRequest) print(w io.Writer, block domain.Block, more bool, entries iter.Seq2[domain.LedgerEntry, error]) error {
	format, err := newLedgerFormat(r.format.word, w, block, more)
	if err != nil {
		return err
	}
	for e, err := range entries {
		if err == nil {
			err = format.Print(changeOf(e))
		}
		if err != nil {
			return err
		}
	}
	return format.Close()
}

func newLedgerFormat(name string, w io.Writer, block domain.Block, more bool) (ledgerFormat, error) {
	switch name {
	case formatCSV:
		return newLedgerSheet(w)
	case formatJSON:
		buffer := bufio.NewWriter(w)
		return ledgerLines{buffer, json.NewEncoder(buffer)}, nil
	default:
		return newLedgerTable(w, block, more)
	}
}

// ledgerLines prints a JSON object a line.
type ledgerLines struct {
	*bufio.Writer
	lines *json.Encoder
}

// Print implements ledgerFormat.
func (l ledgerLines) Print(c change) error { return l.lines.Encode(c) }

// Close implements ledgerFormat.
func (l ledgerLines) Close() error { return l.Flush() }

// ledgerSheet prints a table for a spreadsheet.
type ledgerSheet struct {
	buffer *bufio.Writer
	sheet  *spreadsheet.Writer
}

func newLedgerSheet(w io.Writer) (ledgerSheet, error) {
	buffer := bufio.NewWriter(w)
	sheet, err := spreadsheet.NewWriter(buffer, "sequence", "at (UTC)", "kind", "apartment",
		"floor before", "number before", "status before", "floor after", "number after", "status after",
		"by", "through apartment", "longitude", "latitude", "source", "request id", "change set")
	return ledgerSheet{buffer, sheet}, err
}

// Print implements ledgerFormat.
func (l ledgerSheet) Print(c change) error {
	before, after, location := orZero(c.Before), orZero(c.After), orZero(c.Location)
	return l.sheet.Row(c.Sequence, c.at.Format(time.DateTime), c.Kind, c.ApartmentID,
		orNil(before.Floor), orNil(before.Number), before.Status, orNil(after.Floor), orNil(after.Number), after.Status,
		orNil(c.By), orNil(c.ThroughApartmentID), orNil(location.Longitude), orNil(location.Latitude), c.Source, orZero(c.RequestID), c.ChangeSetID)
}

// Close implements ledgerFormat.
func (l ledgerSheet) Close() error { return cmp.Or(l.sheet.Flush(), l.buffer.Flush()) }

func orZero[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// orNil returns what a cell is made of: nil for an empty one.
func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
