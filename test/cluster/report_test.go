package cluster_test

import (
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"omarty.net/registry/test/faults"
	"omarty.net/registry/test/tables"
)

// outcomes collects what the tests have done and seen, for the table that is printed at the end.
var outcomes table

type table struct {
	mu   sync.Mutex
	rows []outcome
}

// outcome is a row of the table.
type outcome struct {
	topology, what                  string
	requests, internal, unavailable int64
	verdict                         faults.Verdict
	stalls                          []time.Duration // a server each
	took                            time.Duration
}

// conclude holds what clients were told against the rows of each node, fails the test by whatever is wrong, and adds a row
// to the table. Every client is done.
func (f *field) conclude(what string, began time.Time, stalls ...time.Duration) {
	f.t.Helper()
	f.settle()
	o := outcome{
		topology: f.cluster.Name, what: what, requests: f.requests.Load(), internal: f.internal.Load(), unavailable: f.unavailable.Load(),
		stalls: stalls, took: time.Since(began),
	}
	for i := range f.cluster.Nodes {
		o.verdict = f.history.Judge(tables.At(f.t, f.url(i)))
		wrong := o.verdict.Faults()
		for _, fault := range wrong[:min(len(wrong), 10)] {
			f.t.Errorf("node %d: %s", i, fault)
		}
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
	fmt.Fprintln(columns, "\ncluster\twhat happened\trequests\tacknowledged\tlost\tdoubled\torphaned\tuntrue\t500\t503\tlongest stall of each server\ttook")
	for _, r := range t.rows {
		v := r.verdict
		fmt.Fprintf(columns, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", r.topology, r.what, r.requests,
			v.Acknowledged, len(v.Lost), len(v.Doubled), len(v.Orphaned), len(v.Untrue), r.internal, r.unavailable, inSeconds(r.stalls), inSeconds([]time.Duration{r.took}))
	}
}

func inSeconds(durations []time.Duration) string {
	if len(durations) == 0 {
		return "-"
	}
	text := ""
	for _, d := range durations {
		text += fmt.Sprintf("%.2f ", d.Seconds())
	}
	return text + "s"
}
