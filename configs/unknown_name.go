package configs

import (
	"fmt"
	"strings"
)

const longestName = 64

// shown returns the printable part of an unknown name: up to the first character that no name has. What follows may be a
// value that lost the space before it.
func shown(name string) string {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if i >= longestName || !letter && !strings.ContainsRune("._-", r) {
			return name[:i] + "..."
		}
	}
	return name
}

// didYouMean names the known name that is nearest to a name, if one is near: one edit away, or two where the name is long
// enough.
func didYouMean(name string, known []string) string {
	for edits := 0; len(name) <= longestName && edits <= min(2, len(name)/2); edits++ {
		for _, candidate := range known {
			if isNear(strings.ToLower(name), strings.ToLower(candidate), edits) {
				return fmt.Sprintf(" (did you mean %s?)", candidate)
			}
		}
	}
	return ""
}

// isNear reports whether so many letters put in, taken out or changed make b of a (a bound on Levenshtein's distance).
func isNear(a, b string, edits int) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	if edits == 0 || a == "" || b == "" {
		return len(a)+len(b) <= edits
	}
	return isNear(a[1:], b, edits-1) || isNear(a, b[1:], edits-1) || isNear(a[1:], b[1:], edits-1)
}
