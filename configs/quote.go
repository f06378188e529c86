package configs

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const longestValue = 64

// notValue is how a problem ends that shows a value as it was written. It shows none that is long, or that may hold a
// password, as an URL does between // and @ or after ?.
func notValue(written string, known bool) string {
	if !known || utf8.RuneCountInString(written) > longestValue || strings.ContainsAny(written, "@?#") {
		return ""
	}
	return ", not " + strconv.Quote(written)
}
