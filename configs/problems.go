package configs

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problems is everything that is wrong with a configuration: each says where it is, what has to be there and what is. None
// holds the value of a secret. Load and Validate return no other error; errors.As finds them.
type Problems []string

// Error lists the problems, one a line.
func (p Problems) Error() string { return strings.Join(p, "\n") }

func (p *Problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// err returns the problems as an error, nil where there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

const longestValue = 64

// notValue is how a problem ends that shows a value. It shows none that is long, or that may hold a password, as a URL does
// between // and @ or after ?.
func notValue(written string) string {
	if utf8.RuneCountInString(written) > longestValue || strings.ContainsAny(written, "@?#") {
		return ""
	}
	return ", not " + strconv.Quote(written)
}
