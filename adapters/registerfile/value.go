package registerfile

import (
	"iter"
	"strconv"
)

// kind is what sort of value stands in a file.
type kind int

const (
	nothing kind = iota // null, or not there
	number
	text
	boolean
	list
	mapping
	alias  // YAML: the name of another value, which is not followed
	tagged // YAML: a value with a tag, which gives it another kind
)

// value is one value of a register file, the same for both formats.
type value struct {
	// key is what it stands under where it is in a mapping.
	key string
	// line is that of its key, or its own where it has none.
	line int
	kind kind
	// text is the value as it was written, without quotes and escapes. Of an alias or a tag it is the name.
	text string
	// items yields the values in a list or a mapping. It may be called once, before the next value is read.
	items iter.Seq[value]
}

// describe names the value in a fault.
func (v value) describe() string {
	switch v.kind {
	case nothing:
		return "nothing"
	case text:
		return "the text " + quoted(v.text)
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case alias:
		return "the alias " + quoted("*"+v.text) + ": write the value itself"
	case tagged:
		return "a value tagged " + quoted(v.text) + ": leave the tag out"
	default:
		return clipped(v.text)
	}
}

// maxEcho is how much of a text a fault repeats, in characters.
const maxEcho = 60

// quoted returns the beginning of a text in quotes, with control characters escaped.
func quoted(text string) string { return strconv.Quote(clipped(text)) }

func clipped(text string) string {
	count := 0
	for i := range text {
		if count == maxEcho {
			return text[:i] + "…"
		}
		count++
	}
	return text
}
