// Package registerfile reads, imports and writes a register file: blocks, apartments and memberships in YAML or JSON. It is a
// mapping of three lists of rows, each of which may be left out:
//
//	blocks:
//	  - {id: 4, name: Block 4, status: active}
//	apartments:
//	  - {id: 1, block: 4, floor: 1, number: 1}
//	  - {id: 2, block: 4, floor: 1, number: 2, status: retired}
//	memberships:
//	  - {user: 7, block: 4, apartment: 1, role: manager, status: active}
//
// A block's name, an apartment's status and a membership's apartment may be left out or null; an apartment without a status is
// registered. Whole numbers are written in plain decimal digits,
// without quotes. In YAML, aliases, merge keys and tags are not read.
package registerfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxSize is the size of the largest file that is read, in bytes: some half a million apartments with a membership each.
const MaxSize = 64 << 20

const byteOrderMark = "\ufeff"

// Read reads a register file in UTF-8, with or without a byte order mark: as JSON where it begins with a brace or a
// bracket, else as YAML. Faults of single rows are kept in the File, which tells them when it is imported.
//
// It returns an error where the file as a whole is not a register: it cannot be read, is larger than MaxSize, is not text
// in UTF-8, is not YAML or JSON, is not one mapping, or has no rows. The error has the line where that is known.
func Read(r io.Reader) (*File, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the register file: %w", err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the file is larger than %d MiB: split it", MaxSize>>20)
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if err := checkText(data); err != nil {
		return nil, err
	}
	c := newCollector()
	if err := formatOf(data)(data, c.read); err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, errors.New("the file has no rows: " + wanted)
	}
	return &c.file, nil
}

// wanted says what a register file is.
const wanted = "it must be a mapping of blocks, apartments and memberships, each a list of rows, " +
	"such as blocks: [" + blockExample + "]"

// formatOf returns the reader for the data. YAML may begin with a brace too. What does is read as JSON, which it is likely
// to be, so that its errors are those of JSON.
func formatOf(data []byte) func(data []byte, read func(value) error) error {
	if start := bytes.TrimLeft(data, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		return readJSON
	}
	return readYAML
}

// checkText refuses what neither format may hold, with its line, which the YAML reader does not tell.
func checkText(data []byte) error {
	for i := 0; i < len(data); {
		char, size := utf8.DecodeRune(data[i:])
		switch {
		case char == utf8.RuneError && size == 1:
			return fmt.Errorf("line %d: the file is not text in UTF-8: save it as UTF-8", lineAt(data, i))
		case char < ' ' && char != '\t' && char != '\n' && char != '\r':
			return fmt.Errorf("line %d: the file holds the control character %U: take it out, or save the file as UTF-8",
				lineAt(data, i), char)
		}
		i += size
	}
	return nil
}

// lineAt returns the line that the data has at an offset, from 1.
func lineAt(data []byte, offset int) int { return 1 + bytes.Count(data[:offset], []byte{'\n'}) }
