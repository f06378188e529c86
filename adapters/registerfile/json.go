package registerfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxNesting is how deep lists and mappings may be in each other. A register needs three.
const maxNesting = 1000

// readJSON hands the rows of a JSON file to the collector, value by value.
func readJSON(data []byte, to *collector) error {
	j := jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	j.decoder.UseNumber()
	top, err := j.value("")
	if err != nil {
		return err
	}
	if top.kind != mapping {
		return fmt.Errorf("the file is %s: %s", top.describe(), wanted)
	}
	if err := j.each(func() error { return j.section(to) }); err != nil {
		return err
	}
	if _, err := j.decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: the file goes on after the end of its mapping: keep one register in a file", j.lineNow())
	}
	return nil
}

// jsonReader reads a file once, from its beginning to its end.
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	// line is that of the byte at counted, so that lines are counted once.
	line, counted int
}

// section reads a key of the file and the list below it.
func (j *jsonReader) section(to *collector) error {
	key, err := j.key()
	if err != nil {
		return err
	}
	line := j.lineNow()
	value, err := j.value(key)
	if err != nil {
		return err
	}
	if !to.begin(line, value) {
		return j.pass(value)
	}
	return j.each(func() error { return j.row(to) })
}

// row reads one row of a section.
func (j *jsonReader) row(to *collector) error {
	value, err := j.value("")
	if err != nil {
		return err
	}
	line := j.lineNow()
	if value.kind != mapping {
		to.add(line, value, nil)
		return j.pass(value)
	}
	var cells []cell
	err = j.each(func() error {
		key, err := j.key()
		if err != nil {
			return err
		}
		c, err := j.value(key)
		if err != nil {
			return err
		}
		cells = append(cells, c)
		return j.pass(c)
	})
	if err != nil {
		return err
	}
	to.add(line, value, cells)
	return nil
}

// each calls read for every element of the list or mapping that was just opened, and closes it.
func (j *jsonReader) each(read func() error) error {
	for j.decoder.More() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err := j.token()
	return err
}

// key reads a key. The decoder lets nothing but a text be one.
func (j *jsonReader) key() (string, error) {
	token, err := j.token()
	key, _ := token.(string)
	return key, err
}

// value reads a value; of a list or a mapping only its opening.
func (j *jsonReader) value(key string) (cell, error) {
	token, err := j.token()
	if err != nil {
		return cell{}, err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return cell{key: key, kind: list}, nil
		}
		return cell{key: key, kind: mapping}, nil
	case json.Number:
		return cell{key: key, kind: number, text: token.String()}, nil
	case string:
		return cell{key: key, kind: text, text: token}, nil
	case bool:
		return cell{key: key, kind: boolean, text: fmt.Sprint(token)}, nil
	default:
		return cell{key: key}, nil
	}
}

// pass goes over what is inside of a value.
func (j *jsonReader) pass(value cell) error {
	depth := 0
	if value.kind == list || value.kind == mapping {
		depth = 1
	}
	for depth > 0 {
		token, err := j.token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth > maxNesting {
			return fmt.Errorf("line %d: lists and mappings are nested deeper than %d", j.lineNow(), maxNesting)
		}
	}
	return nil
}

// token reads the next token. The file ends only where readJSON expects it to.
func (j *jsonReader) token() (json.Token, error) {
	token, err := j.decoder.Token()
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("line %d: not valid JSON: the file ends before its last bracket is closed",
			lineAt(j.data, len(j.data)))
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("line %d: not valid JSON: %w", j.lineNow(), err)
	default:
		return nil, fmt.Errorf("line %d: %w", j.lineNow(), err)
	}
}

// lineNow returns the line of the token that was just read.
func (j *jsonReader) lineNow() int {
	now := int(j.decoder.InputOffset())
	j.line += bytes.Count(j.data[j.counted:now], []byte{'\n'})
	j.counted = now
	return j.line
}
