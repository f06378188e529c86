package history

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// Results collects what tests have done and seen, for a table that is printed at the end.
type Results struct {
	heading string

	mu   sync.Mutex
	rows []string
}

// NewResults returns a table without rows. Its first column is called where, and more follow those of a verdict.
func NewResults(where string, more ...string) *Results {
	return &Results{heading: strings.Join(slices.Concat([]string{"\n" + where, "what happened", "acknowledged", "lost", "doubled", "orphaned", "untrue"}, more), "\t")}
}

// Add adds a row.
func (r *Results) Add(where, what string, v Verdict, more ...any) {
	row := fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%d\t%d", where, what, v.Acknowledged, len(v.Lost), len(v.Doubled), len(v.Orphaned), len(v.Untrue))
	for _, m := range more {
		row += fmt.Sprintf("\t%v", m)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, row)
}

// Print prints the table, and nothing where it has no rows.
func (r *Results) Print(w io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rows) == 0 {
		return
	}
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer columns.Flush()
	fmt.Fprintln(columns, strings.Join(append([]string{r.heading}, r.rows...), "\n"))
}

// InSeconds shows durations for a table.
func InSeconds(durations ...time.Duration) string {
	if len(durations) == 0 {
		return "-"
	}
	text := ""
	for _, d := range durations {
		text += fmt.Sprintf("%.2f ", d.Seconds())
	}
	return text + "s"
}
