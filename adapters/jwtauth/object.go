package jwtauth

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// object is a JSON object: the value of each member as it is written, or twice for a name that more than one member has.
type object map[string]string

// twice is no JSON value.
const twice = "twice"

const space = " \t\r\n"

// readObject reads a JSON object, or returns a reason. encoding/json checks the text and this package splits it, because a map
// keeps only the last of two members with one name, and with Decoder.Token a token takes more than twice as long to verify.
func readObject(text []byte) (object, error) {
	if !json.Valid(text) {
		return nil, malformed
	}
	value := strings.Trim(string(text), space)
	if value[0] != '{' {
		return nil, notObject
	}
	members := object{}
	name := ""
	split(value, func(part string, end byte) {
		if end == ':' {
			name, _ = readText(part)
			return
		}
		if _, found := members[name]; found {
			part = twice
		}
		members[name] = part
	})
	return members, nil
}

// split yields the values of a list, or the names and the values of an object, each with the character that ends it. The
// text must be valid JSON without space around it.
func split(text string, yield func(part string, end byte)) {
	depth, start := 0, 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case c == '{' || c == '[':
			depth++
		case depth == 1 && (c == ',' || c == ':' || c == '}' || c == ']'):
			if part := strings.Trim(text[start:i], space); part != "" {
				yield(part, c)
			}
			start = i + 1
		case c == '}' || c == ']':
			depth--
		}
	}
}

// value returns the value of a member, "" where it is absent or null.
func (o object) value(name string) string {
	if value := o[name]; value != "null" {
		return value
	}
	return ""
}

// checkNames refuses an object in which two members have one name: readers that take the first and readers that take the
// last would see different tokens (RFC 7515, section 4; RFC 7519, section 4).
func (o object) checkNames() error {
	for _, value := range o {
		if value == twice {
			return repeated
		}
	}
	return nil
}

// readText reads a value that is a string.
func readText(value string) (text string, isText bool) {
	if value == "" || value[0] != '"' {
		return "", false
	}
	// Most strings need no decoding, which allocates.
	if utf8.ValidString(value) && !strings.Contains(value, `\`) {
		return value[1 : len(value)-1], true
	}
	err := json.Unmarshal([]byte(value), &text)
	return text, err == nil
}

// readList returns the values of a value that is a list.
func readList(value string) (values []string, isList bool) {
	if value == "" || value[0] != '[' {
		return nil, false
	}
	split(value, func(part string, _ byte) { values = append(values, part) })
	return values, true
}

// readTexts returns the strings of a value that is a list of strings only.
func readTexts(value string) (texts []string, isTexts bool) {
	texts, isTexts = readList(value)
	for i := range texts {
		if texts[i], isTexts = readText(texts[i]); !isTexts {
			return nil, false
		}
	}
	return texts, isTexts
}
