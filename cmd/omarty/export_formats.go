package main

import (
	"bufio"
	"cmp"
	"io"
	"time"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/adapters/spreadsheet"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// The formats that commands write.
const (
	formatYAML  = "yaml"
	formatJSON  = "json"
	formatCSV   = "csv"
	formatTable = "table"
)

// exportFormat writes the rows of an export that its Reader takes, and ends with Close.
type exportFormat interface {
	Reader() application.RegisterReader
	Close() error
}

func newExportFormat(name string, to io.Writer) (exportFormat, error) {
	if name == formatCSV {
		return newApartmentSheet(to)
	}
	return registerfile.NewWriter(to, registerfile.Format(name)), nil
}

// apartmentSheet writes apartments for a spreadsheet. It holds the names of the blocks alone.
type apartmentSheet struct {
	buffer *bufio.Writer
	sheet  *spreadsheet.Writer
	names  map[domain.BlockID]string
}

func newApartmentSheet(to io.Writer) (*apartmentSheet, error) {
	buffer := bufio.NewWriterSize(to, 64<<10)
	sheet, err := spreadsheet.NewWriter(buffer, "block", "block name", "apartment", "floor", "number", "status",
		"registered by", "registered at (UTC)", "changed at (UTC)", "version")
	return &apartmentSheet{buffer, sheet, map[domain.BlockID]string{}}, err
}

// Reader implements exportFormat.
func (s *apartmentSheet) Reader() application.RegisterReader {
	return application.RegisterReader{
		Block: func(b domain.Block) error {
			s.names[b.ID()] = b.Name()
			return nil
		},
		Apartment: func(a domain.Apartment) error {
			return s.sheet.Row(a.Block(), s.names[a.Block()], a.ID(), a.Floor().Level(), a.Number().Int(), string(a.Status()),
				orEmpty(a.RegisteredBy()), a.RegisteredAt().Format(time.DateTime), a.ChangedAt().Format(time.DateTime), a.Version())
		},
		Membership: func(domain.Membership) error { return nil },
	}
}

// Close implements exportFormat.
func (s *apartmentSheet) Close() error { return cmp.Or(s.sheet.Flush(), s.buffer.Flush()) }

// orEmpty returns an id as a cell, an empty one for none.
func orEmpty[ID ~int64](id ID) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}
