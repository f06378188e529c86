package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"omarty.net/registry/domain"
)

// idFlag is an id on the command line, 0 where none was given.
type idFlag int64

// Set reads the id.
func (f *idFlag) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return errors.New("must be a whole number above 0")
	}
	*f = idFlag(n)
	return nil
}

// String is what help shows as the default: nothing.
func (*idFlag) String() string { return "" }

// Type is what help calls the value.
func (*idFlag) Type() string { return "id" }

// idsFlag are ids of blocks on the command line.
type idsFlag []domain.BlockID

// Set reads one more id.
func (f *idsFlag) Set(text string) error {
	var id idFlag
	err := id.Set(text)
	*f = append(*f, domain.BlockID(id))
	return err
}

// String is what help shows as the default: nothing.
func (*idsFlag) String() string { return "" }

// Type is what help calls the value.
func (*idsFlag) Type() string { return "id" }

// choiceFlag is one of some words, "" where none was given.
type choiceFlag struct {
	word  string
	words []string
}

// Set reads the word.
func (f *choiceFlag) Set(text string) error {
	if !slices.Contains(f.words, text) {
		last := len(f.words) - 1
		return fmt.Errorf("must be %s or %s", strings.Join(f.words[:last], ", "), f.words[last])
	}
	f.word = text
	return nil
}

// String is what help shows as the default.
func (f *choiceFlag) String() string { return f.word }

// Type is what help calls the value.
func (*choiceFlag) Type() string { return "format" }

// momentFlag is a moment on the command line, the zero time where none was given.
type momentFlag struct {
	time.Time
	now func() time.Time
}

// momentLayouts are how a moment is written; in UTC, unless it says otherwise.
var momentLayouts = []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339Nano}

// Set reads the moment, or how long ago it was.
func (f *momentFlag) Set(text string) error {
	if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		f.Time = f.now().Add(-ago)
		return nil
	}
	for _, layout := range momentLayouts {
		if moment, err := time.Parse(layout, text); err == nil {
			f.Time = moment.UTC()
			return nil
		}
	}
	return errors.New(`must be a time in UTC such as 2026-11-24 or "2026-11-24 18:30", or how long ago, such as 2h`)
}

// String is what help shows as the default: nothing.
func (*momentFlag) String() string { return "" }

// Type is what help calls the value.
func (*momentFlag) Type() string { return "time" }
