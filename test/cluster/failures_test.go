package cluster_test

import (
	"syscall"
	"testing"

	"omarty.net/registry/test/databases"
)

// between two events so many operations are begun.
const between = 600

// reaches are what the servers of a cluster may know of it, by what the table calls it.
func reaches(c *databases.Cluster) map[string]hosts {
	if c.OneWriter {
		return map[string]hosts{"all nodes in the URL": allNodes}
	}
	return map[string]hosts{"one node in the URL": ownNode, "all nodes in the URL": allNodes}
}

// nodeKilled kills a node under load, and joins it again: the primary, where there is one.
func nodeKilled(t *testing.T, c *databases.Cluster) {
	disturbed(t, c, "node killed", func(l *load, node int) {
		if err := c.Nodes[node].Kill(); err != nil {
			t.Fatal(err)
		}
		l.awaitServer((node + 1) % len(l.servers))
		l.awaitServer((node + 2) % len(l.servers))
		l.await(between)
		if err := c.Join(node); err != nil {
			t.Fatal(err)
		}
	})
}

// nodeStopped has a node fall silent, with its connections open, until the others have gone on without it.
func nodeStopped(t *testing.T, c *databases.Cluster) {
	disturbed(t, c, "node stopped and continued", func(l *load, node int) {
		if err := c.Nodes[node].Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		l.awaitServer((node + 1) % len(l.servers))
		l.awaitServer((node + 2) % len(l.servers))
		l.await(between)
		if err := c.Nodes[node].Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if err := c.Rejoined(node); err != nil {
			t.Fatal(err)
		}
	})
}

// nodeCutOff parts a node from the others, while its server still reaches it.
func nodeCutOff(t *testing.T, c *databases.Cluster) {
	if !c.CanIsolate() {
		t.Skipf("%s has nothing that parts a node from the others alone", c.Name)
	}
	disturbed(t, c, "node cut off and returned", func(l *load, node int) {
		if err := c.Isolate(node); err != nil {
			t.Fatal(err)
		}
		l.awaitServer((node + 1) % len(l.servers))
		l.awaitServer((node + 2) % len(l.servers))
		l.await(between)
		if err := c.Reunite(node); err != nil {
			t.Fatal(err)
		}
	})
}

// disturbed does something to a node under load and judges what came of it, for each of what the servers may know.
func disturbed(t *testing.T, c *databases.Cluster, what string, disturb func(l *load, node int)) {
	for known, reach := range reaches(c) {
		t.Run(known, func(t *testing.T) {
			f := newField(t, c, reach)
			l := f.startLoad(0)
			l.await(between)
			disturb(l, f.writer())
			l.await(between)
			l.conclude(what + ", " + known)
		})
	}
}
