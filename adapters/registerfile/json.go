package registerfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxNesting is how deep lists and mappings may be in each other in JSON. A register needs three.
const maxNesting = 1000

// readJSON hands the value of a JSON file to read. It reads token by token, so that a file needs no more memory than its
// rows.
func readJSON(data []byte, read func(value) error) error {
	j := jsonReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	j.decoder.UseNumber()
	err := read(j.value())
	switch {
	case j.err != nil:
		return j.err
	case err != nil:
		return err
	}
	if _, err := j.decoder.Token(); !errors.Is(err, io.EOF) {
		j.countLines()
		return fmt.Errorf("line %d: the file goes on after the end of its mapping: keep one register in a file", j.line)
	}
	return nil
}

// jsonReader reads a file once. After an error it reads no further.
type jsonReader struct {
	data    []byte
	decoder *json.Decoder
	// line is that of the last token, counted the offset of that token's end.
	line, counted int
	// depth is how many lists and mappings are open.
	depth int
	err   error
}

// value reads a value; of a list or a mapping only its opening.
func (j *jsonReader) value() value {
	token := j.token()
	v := value{line: j.line}
	switch token := token.(type) {
	case json.Delim:
		v.kind = mapping
		if token == '[' {
			v.kind = list
		}
		v.items = func(yield func(value) bool) { j.items(v.kind, yield) }
	case json.Number:
		v.kind, v.text = number, token.String()
	case string:
		v.kind, v.text = text, token
	case bool:
		v.kind, v.text = boolean, fmt.Sprint(token)
	}
	return v
}

// items yields the values in the list or mapping that was just opened, passes over what is left of each, and closes it.
func (j *jsonReader) items(of kind, yield func(value) bool) {
	depth := j.depth
	for j.err == nil && j.decoder.More() {
		var key value
		if of == mapping {
			key = j.value()
		}
		v := j.value()
		if of == mapping {
			v.key, v.line = key.text, key.line
		}
		yield(v)
		for j.err == nil && j.depth > depth {
			j.token()
		}
	}
	j.token()
}

// token reads the next token, nil after an error. The file ends only where readJSON expects it to.
func (j *jsonReader) token() json.Token {
	if j.err != nil {
		return nil
	}
	token, err := j.decoder.Token()
	j.countLines()
	switch token {
	case json.Delim('['), json.Delim('{'):
		j.depth++
	case json.Delim(']'), json.Delim('}'):
		j.depth--
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		j.err = fmt.Errorf("line %d: not valid JSON: the file ends before its last bracket is closed", lineAt(j.data, len(j.data)))
	case err != nil:
		j.err = fmt.Errorf("line %d: not valid JSON: %w", j.line, err)
	case j.depth > maxNesting:
		j.err = fmt.Errorf("line %d: lists and mappings are nested deeper than %d", j.line, maxNesting)
	}
	return token
}

// countLines goes on to the line of the token that was just read.
func (j *jsonReader) countLines() {
	now := int(j.decoder.InputOffset())
	j.line += bytes.Count(j.data[j.counted:now], []byte{'\n'})
	j.counted = now
}
