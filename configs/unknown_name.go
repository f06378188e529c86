package configs

import (
	"fmt"
	"strings"
)

const longestName = 64

// shown returns a name from outside as it may be printed: up to the first character that no name has, since what follows
// may be a value that lost the space before it.
func shown(name string) string {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if i >= longestName || !letter && !strings.ContainsRune("._-", r) {
			return name[:i] + "..."
		}
	}
	return name
}

// didYouMean names the one of known that is nearest to a name, if it is near.
func didYouMean(name string, known []string) string {
	if len(name) > longestName {
		return ""
	}
	nearest, least := "", min(3, 1+len(name)/2)
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
			nearest, least = candidate, d
		}
	}
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", nearest)
}

// distance is how many letters have to be put in, taken out or changed to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
