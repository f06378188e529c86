package registerfile

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"omarty.net/registry/domain"
)

// row is a row that is being read. Its methods note a fault and go on, so that all faults of a row are reported at once.
type row struct {
	collector *collector
	line      int
	// crowded says that the row before began in the same line: the line does not tell which row it is.
	crowded bool
	cells   []value
	faulty  bool
}

func (r *row) fault(format string, args ...any) {
	r.faulty = true
	place := string(r.collector.current.name)
	if r.crowded {
		place += " row " + strconv.Itoa(r.collector.rows)
	}
	r.collector.file.faults.add(r.line, place+": "+format, args...)
}

// accepts notes the error of the row's constructor, and reports whether the row has no fault.
func (r *row) accepts(err error) bool {
	if err != nil && !r.faulty {
		r.fault("%s", err.Error())
	}
	return !r.faulty
}

// checkKeys notes keys that are not columns, and columns that are there twice.
func (r *row) checkKeys(columns []string) {
	var seen uint // a bit a column
	for _, c := range r.cells {
		at := slices.Index(columns, c.key)
		switch {
		case at < 0:
			r.fault("%s is not known: use %s", quoted(c.key), oneOf(columns))
		case seen&(1<<at) != 0:
			r.fault("%s is there twice: keep one of them", c.key)
		default:
			seen |= 1 << at
		}
	}
}

// cell returns the first cell with the key, which is of the kind nothing where there is none.
func (r *row) cell(key string) value {
	at := slices.IndexFunc(r.cells, func(c value) bool { return c.key == key })
	if at < 0 {
		return value{}
	}
	return r.cells[at]
}

// has reports whether there is a value under the key.
func (r *row) has(key string) bool { return r.cell(key).kind != nothing }

// numberOf reads a required whole number through its constructor.
func numberOf[T any](r *row, key string, construct func(int64) (T, error)) T {
	var none T
	c := r.cell(key)
	switch {
	case c.kind == nothing:
		r.fault("%s is required", key)
		return none
	case c.kind != number:
		r.fault("%s must be a whole number, not %s", key, c.describe())
		return none
	case !isPlainInteger(c.text):
		r.fault("%s must be a whole number in plain digits, not %s", key, c.describe())
		return none
	}
	n, beyond := strconv.ParseInt(c.text, 10, 64) // what is beyond 64 bits becomes the nearest that is not
	built, err := construct(n)
	switch {
	case err != nil:
		r.fault("%s, not %s", reason(key, err), c.describe())
	case beyond != nil:
		r.fault("%s must be at most %d, not %s", key, math.MaxInt64, c.describe())
	}
	return built
}

// isPlainInteger reports whether a number is written in decimal digits alone: no fraction, exponent, plus sign,
// underscore or other base, and no leading zero, which is octal to some readers of YAML.
func isPlainInteger(written string) bool {
	digits := strings.TrimPrefix(written, "-")
	if digits == "" || (digits[0] == '0' && digits != "0") {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

// reason says why a constructor refused a value, by the value's name in the file.
func reason(key string, err error) string {
	var refusal *domain.FieldError
	if !errors.As(err, &refusal) {
		return key + ": " + err.Error()
	}
	renamed := *refusal
	renamed.Field = domain.Field(key)
	return renamed.Error()
}

// wordOf reads a required word of the register through its parser.
func wordOf[T ~string](r *row, key string, parse func(string) (T, error), known ...T) T {
	c := r.cell(key)
	switch c.kind {
	case nothing:
		r.fault("%s is required: use %s", key, oneOf(known))
		return ""
	case text:
	default:
		r.fault("%s must be %s, not %s", key, oneOf(known), c.describe())
		return ""
	}
	word, err := parse(c.text)
	if err != nil {
		r.fault("%s %s is not known: use %s", key, quoted(c.text), oneOf(known))
	}
	return word
}

// name reads an optional text of up to domain.MaxBlockName characters.
func (r *row) name(key string) string {
	c := r.cell(key)
	switch {
	case c.kind == nothing:
		return ""
	case c.kind == number || c.kind == boolean:
		r.fault("%s must be text, not %s: put it in quotes", key, c.describe())
	case c.kind != text:
		r.fault("%s must be text, not %s", key, c.describe())
	case utf8.RuneCountInString(c.text) > domain.MaxBlockName:
		r.fault("%s is too long: it may have %d characters, not %d", key, domain.MaxBlockName, utf8.RuneCountInString(c.text))
	}
	return c.text
}

// oneOf lists words as a choice.
func oneOf[T ~string](words []T) string {
	var choice strings.Builder
	for i, word := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			choice.WriteString(" or ")
		default:
			choice.WriteString(", ")
		}
		choice.WriteString(string(word))
	}
	return choice.String()
}
