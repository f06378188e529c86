package rest

import (
	"encoding/json"
	"iter"
	"strings"
)

// What follows walks through JSON that json.Valid has accepted. It keeps nothing, so that a body takes no more memory than its text,
// however deep and wide it is.

func skipSpace(text []byte, i int) int {
	for i < len(text) && strings.IndexByte(" \t\r\n", text[i]) >= 0 {
		i++
	}
	return i
}

// endOfString returns the index after the string that begins at i.
func endOfString(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// endOfValue returns the index after the value that begins at i.
func endOfValue(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = endOfString(text, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		default:
			if depth > 0 {
				i++
				continue
			}
			for i < len(text) && strings.IndexByte(",]} \t\r\n", text[i]) < 0 {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// members yields the names and values of an object.
func members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := skipSpace(object, 1); object[i] != '}'; i = skipSpace(object, i) {
			if object[i] == ',' {
				i = skipSpace(object, i+1)
			}
			end := endOfString(object, i)
			name := stringOf(object[i:end])
			i = skipSpace(object, skipSpace(object, end)+1) // behind the colon
			end = endOfValue(object, i)
			if !yield(name, object[i:end]) {
				return
			}
			i = end
		}
	}
}

// elements yields the values of an array with their indexes.
func elements(array []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		n := 0
		for i := skipSpace(array, 1); array[i] != ']'; i = skipSpace(array, i) {
			if array[i] == ',' {
				i = skipSpace(array, i+1)
			}
			end := endOfValue(array, i)
			if !yield(n, array[i:end]) {
				return
			}
			i, n = end, n+1
		}
	}
}

func stringOf(text []byte) string {
	if inner := text[1 : len(text)-1]; strings.IndexByte(string(inner), '\\') < 0 {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(text, &s) // it is a string
	return s
}
