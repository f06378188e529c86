package main

import (
	"fmt"
	"slices"
)

// spread is a figure that was measured several times.
type spread struct{ median, least, most float64 }

func spreadOf(values []float64) spread {
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return spread{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

// text shows the median, and the spread around it.
func (s spread) text(decimals int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", decimals, s.median, decimals, s.least, decimals, s.most)
}
