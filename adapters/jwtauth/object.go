package jwtauth

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object as it came: for each name every value that it was given, still as text.
type object map[string][]json.RawMessage

// readObject reads a text that the parser has found to be JSON.
func readObject(text []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, notObject
	}
	members := object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, malformed
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, malformed
		}
		key, _ := name.(string)
		members[key] = append(members[key], value)
	}
	return members, nil
}

// value returns what the name stands for, nil where it is absent or null.
func (o object) value(name string) (json.RawMessage, error) {
	values := o[name]
	if len(values) > 1 {
		return nil, repeated
	}
	if len(values) == 0 || string(values[0]) == "null" {
		return nil, nil
	}
	return values[0], nil
}

// checkNames refuses an object in which a name stands twice: readers that take the first value and readers that take the
// last would see different tokens (RFC 7515, section 4; RFC 7519, section 4).
func (o object) checkNames() error {
	for _, values := range o {
		if len(values) > 1 {
			return repeated
		}
	}
	return nil
}
