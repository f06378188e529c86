package jwtauth

import (
	"encoding/json"
	"strings"
)

// The functions here take text that json.Valid has found to be JSON, apart, without reading values that nobody asks for.

const space = " \t\r\n"

// cutValue returns the first value of what follows in a list or an object, or the first name, and what follows it. It is
// not found where the list or object ends.
func cutValue(text string) (value, rest string, found bool) {
	text = strings.TrimLeft(text, space+",:")
	end := valueEnd(text)
	return strings.TrimRight(text[:end], space), text[end:], end > 0
}

// valueEnd returns where the value ends that the text starts with.
func valueEnd(text string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && strings.IndexByte(",:]}", c) >= 0:
			return i
		case c == '}' || c == ']':
			depth--
		}
	}
	return len(text)
}

// readText reads a value that is a text.
func readText(value string) (text string, isText bool) {
	if value == "" || value[0] != '"' {
		return "", false
	}
	if isPlain(value) {
		return value[1 : len(value)-1], true
	}
	err := json.Unmarshal([]byte(value), &text)
	return text, err == nil
}

// isPlain reports whether a text stands between its quotes as it is.
func isPlain(value string) bool {
	for i := range len(value) {
		if value[i] == '\\' || value[i] >= 0x80 {
			return false
		}
	}
	return true
}

// readList returns the values of a value that is a list.
func readList(value string) (values []string, isList bool) {
	rest, isList := strings.CutPrefix(value, "[")
	for isList {
		var next string
		var found bool
		if next, rest, found = cutValue(rest); !found {
			break
		}
		values = append(values, next)
	}
	return values, isList
}

// readTexts returns the texts of a value that is a list of texts alone.
func readTexts(value string) (texts []string, isTexts bool) {
	values, isList := readList(value)
	for _, value := range values {
		text, isText := readText(value)
		if !isText {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, isList
}
