package legacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested, the object itself included (wire contract, check 6).
const maxDepth = 32

// parseJSON reads one JSON object, in which comments and trailing commas are allowed. It changes the body. Unknown values are
// checked and skipped, and take no memory.
func parseJSON(body []byte, p *parameters) error {
	if err := standardize(body); err != nil {
		return err
	}
	tokens := json.NewDecoder(bytes.NewReader(body))
	begin, err := tokens.Token()
	if err != nil {
		return err
	}
	if begin != json.Delim('{') {
		return errors.New("JSON that is not an object")
	}
	for tokens.More() {
		name, err := tokens.Token()
		if err != nil {
			return err
		}
		var into any = new(ignored)
		if i, known := parameterOf(name.(string)); known { // of an object, every second token is a name
			into = &p[i]
		}
		if err := tokens.Decode(into); err != nil {
			return err
		}
	}
	if _, err := tokens.Token(); err != nil {
		return err
	}
	if _, err := tokens.Token(); err != io.EOF {
		return errors.New("more after the JSON object")
	}
	return nil
}

// ignored is the JSON value of an unknown name.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// UnmarshalJSON keeps texts and numbers, numbers as they are written.
func (v *value) UnmarshalJSON(raw []byte) error {
	*v = value{kind: other}
	switch c := raw[0]; {
	case c == 'n':
		*v = value{}
	case c == '"':
		v.kind = text
		return json.Unmarshal(raw, &v.text)
	case c == '-' || c >= '0' && c <= '9':
		*v = value{jsonNumber, string(raw)}
	}
	return nil
}

// standardize overwrites comments and trailing commas with spaces, so that plain JSON is left. It refuses text that is nested
// too deep, and comments that do not end, that are not UTF-8, or that hold a line end which only some parsers know. It leaves
// other faults to encoding/json.
func standardize(body []byte) error {
	depth := 0
	comma := -1       // where a comma stands that nothing but space has followed
	before := byte(0) // the last byte that is neither space nor of a comment
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '/':
			end, err := endOfComment(body, i)
			if err != nil {
				return err
			}
			blank(body[i:end])
			i = end - 1
			continue
		case ',':
			if before == '{' || before == '[' || before == ',' { // not after a value: a fault
				comma = -1
			} else {
				comma = i
			}
			before = c
			continue
		case '"':
			i = endOfString(body, i)
		case '{', '[':
			if depth++; depth > maxDepth {
				return errors.New("JSON nested too deep")
			}
		case '}', ']':
			depth--
			if comma >= 0 {
				body[comma] = ' '
			}
		}
		comma, before = -1, c
	}
	return nil
}

// endOfString returns the index of the quote that ends the string starting at i.
func endOfString(body []byte, i int) int {
	for i++; i < len(body) && body[i] != '"'; i++ {
		if body[i] == '\\' {
			i++
		}
	}
	return i
}

// endOfComment returns the index after the comment that starts at i.
func endOfComment(body []byte, i int) (int, error) {
	var opened, closing string
	switch {
	case bytes.HasPrefix(body[i:], []byte("//")):
		opened, closing = "//", "\n"
	case bytes.HasPrefix(body[i:], []byte("/*")):
		opened, closing = "/*", "*/"
	default:
		return 0, errors.New("a slash in JSON that begins no comment")
	}
	end := len(body)
	if length := bytes.Index(body[i+len(opened):], []byte(closing)); length >= 0 {
		end = i + len(opened) + length + len(closing)
	} else if opened == "/*" {
		return 0, errors.New("a comment in JSON that does not end")
	}
	if comment := body[i:end]; !utf8.Valid(comment) || opened == "//" && bytes.ContainsAny(comment, "\u2028\u2029") {
		return 0, errors.New("a comment in JSON that is not plain text")
	}
	return end, nil
}

func blank(text []byte) {
	for i := range text {
		text[i] = ' '
	}
}
