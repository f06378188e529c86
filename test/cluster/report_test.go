package cluster_test

import (
	"time"

	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// conclude holds what clients were told against the rows of each node, fails the test by whatever is wrong, and adds it to
// the outcomes. Every client is done.
func (f *field) conclude(what string, began time.Time, stalls ...time.Duration) {
	f.t.Helper()
	f.settle()
	took := time.Since(began)
	var v history.Verdict
	for i := range f.cluster.Nodes {
		v = f.history.Judge(tables.At(f.t, f.url(i)))
		wrong := v.Faults()
		for _, fault := range wrong[:min(len(wrong), 10)] {
			f.t.Errorf("node %d: %s", i, fault)
		}
	}
	outcomes.Add(f.cluster.Name, what, v, v.Requests, v.Wrong, v.Unavailable, history.InSeconds(stalls...), history.InSeconds(took))
}
