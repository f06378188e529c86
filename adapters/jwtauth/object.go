package jwtauth

import (
	"encoding/json"
	"strings"
)

// object is a JSON object: each member's value as it came, or twice where its name stands more than once.
type object map[string]string

// twice is no JSON, so no member has it.
const twice = ""

// readObject reads a JSON object, or returns a reason.
func readObject(text []byte) (object, error) {
	if !json.Valid(text) {
		return nil, malformed
	}
	rest, isObject := strings.CutPrefix(strings.TrimLeft(string(text), space), "{")
	if !isObject {
		return nil, notObject
	}
	members := object{}
	for {
		name, afterName, found := cutValue(rest)
		if !found {
			return members, nil
		}
		var value string
		value, rest, _ = cutValue(afterName)
		key, _ := readText(name)
		if _, exists := members[key]; exists {
			value = twice
		}
		members[key] = value
	}
}

// value returns what the name stands for, "" where it is absent or null.
func (o object) value(name string) (string, error) {
	value, found := o[name]
	if found && value == twice {
		return "", repeated
	}
	if value == "null" {
		return "", nil
	}
	return value, nil
}

// checkNames refuses an object in which a name stands twice: readers that take the first value and readers that take the
// last would see different tokens (RFC 7515, section 4; RFC 7519, section 4).
func (o object) checkNames() error {
	for _, value := range o {
		if value == twice {
			return repeated
		}
	}
	return nil
}
