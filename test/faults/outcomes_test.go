package faults_test

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"text/tabwriter"

	"omarty.net/registry/test/faults"
)

// outcomes collects what the tests have done and seen, for the table that is printed at the end.
var outcomes table

type table struct {
	mu   sync.Mutex
	rows []outcome
}

// outcome is a row of the table.
type outcome struct {
	store, what string
	kills, cuts int
	verdict     faults.Verdict
}

// conclude fails the test by whatever is wrong, and adds a row to the table.
func conclude(t *testing.T, o outcome) {
	t.Helper()
	for _, fault := range o.verdict.Faults() {
		t.Error(fault)
	}
	outcomes.mu.Lock()
	defer outcomes.mu.Unlock()
	outcomes.rows = append(outcomes.rows, o)
}

func (t *table) print(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.rows) == 0 {
		return
	}
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer columns.Flush()
	fmt.Fprintln(columns, "\nstore\twhat happened\tkills\tcuts\tacknowledged\tlost\tdoubled\torphaned\tuntrue\tunknown\tunknown resolved")
	for _, r := range t.rows {
		v := r.verdict
		fmt.Fprintf(columns, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", r.store, r.what, r.kills, r.cuts,
			v.Acknowledged, len(v.Lost), len(v.Doubled), len(v.Orphaned), len(v.Untrue), v.Unknown, v.Resolved)
	}
}
