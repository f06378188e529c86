package spreadsheet_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"omarty.net/registry/adapters/spreadsheet"
)

func TestWriter(t *testing.T) {
	var text strings.Builder
	w, err := spreadsheet.NewWriter(&text, "name", "floor")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]any{{`برج "النيل", 4`, -1}, {"=1+1", nil}, {"two\nlines", 2.5}} {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = "\ufeffname,floor\r\n\"برج \"\"النيل\"\", 4\",-1\r\n'=1+1,\r\n\"two\r\nlines\",2.5\r\n"
	if text.String() != want {
		t.Errorf("wrote %q, want %q", text.String(), want)
	}
}

// No text is read as a formula, and no control character reaches a terminal.
func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Block 4": "Block 4", "4": "4", "a=1": "a=1", " =1": " =1", "برج": "برج", "👩‍🚒": "👩‍🚒", "a\tb\nc": "a\tb\nc",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠a": "'＠a", "'=1": "'=1",
		"\x1b[2J": "\ufffd[2J", "a\x00\x7f\u009bb": "a\ufffd\ufffd\ufffdb", "a\xff": "a\ufffd",
	} {
		if got := spreadsheet.Text(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// A cell of any text is one cell, and begins as no formula.
func FuzzText(f *testing.F) {
	f.Add("=cmd|' /C calc'!A0")
	f.Add("\r\n=1\",\"")
	f.Fuzz(func(t *testing.T, text string) {
		var file strings.Builder
		w, err := spreadsheet.NewWriter(&file, "text", "number")
		if err := errors.Join(err, w.Row(text, 1), w.Flush()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(file.String())).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 2 || rows[1][1] != "1" {
			t.Fatalf("%q is read as %q (%v)", file.String(), rows, err)
		}
		if strings.IndexAny(rows[1][0], "=+-@\t\r\n＝＋－＠") == 0 {
			t.Fatalf("%q begins as a formula", rows[1][0])
		}
	})
}

// What cannot be written is told.
func TestWriterFails(t *testing.T) {
	full := errors.New("the disk is full")
	if _, err := spreadsheet.NewWriter(failing{full}); !errors.Is(err, full) {
		t.Errorf("the beginning: %v", err)
	}
	w, err := spreadsheet.NewWriter(&failsAfter{err: full, left: 1}, "a")
	if err := errors.Join(err, w.Row("b"), w.Flush()); !errors.Is(err, full) {
		t.Errorf("the end: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

type failsAfter struct {
	left int
	err  error
}

func (f *failsAfter) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, f.err
	}
	return len(p), nil
}
