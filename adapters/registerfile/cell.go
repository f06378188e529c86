package registerfile

import "strconv"

// kind is what sort of value a cell holds.
type kind int

const (
	nothing kind = iota // null, or not there
	number
	text
	boolean
	list
	mapping
	alias  // YAML: another value's name, which is not followed
	tagged // YAML: a value that is said to be of some other kind than it looks
)

// cell is one value of a row under its key, the same for both formats.
type cell struct {
	key  string
	kind kind
	// text is the value as it was written, without quotes and escapes; of an alias or a tagged value its name.
	text string
}

// describe names the value in a fault.
func (c cell) describe() string {
	switch c.kind {
	case nothing:
		return "nothing"
	case text:
		return "the text " + quoted(c.text)
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case alias:
		return "the alias " + quoted("*"+c.text) + ": write the value itself"
	case tagged:
		return "a value tagged " + quoted(c.text) + ": leave the tag out"
	default:
		return clipped(c.text)
	}
}

// maxEcho is how much of a value a fault repeats, in characters.
const maxEcho = 60

// quoted returns the beginning of a value in quotes, with control characters escaped.
func quoted(value string) string { return strconv.Quote(clipped(value)) }

func clipped(value string) string {
	count := 0
	for i := range value {
		if count == maxEcho {
			return value[:i] + "…"
		}
		count++
	}
	return value
}
