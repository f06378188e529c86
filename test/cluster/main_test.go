package cluster_test

import (
	"os"
	"testing"
	"time"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/ground"
	"omarty.net/registry/test/history"
)

const patience = ground.Patience

// here is where these tests keep what they make.
var here *ground.Ground

// outcomes are what the tests have done and seen.
var outcomes = history.NewResults("cluster", "requests", "500", "503", "longest stall of each server", "took")

func TestMain(m *testing.M) {
	os.Exit(ground.Run("cluster", func(g *ground.Ground) int {
		here = g
		defer outcomes.Print(os.Stdout)
		return m.Run()
	}))
}

// whole is whether all of it runs, and not the quick part alone.
func whole() bool { return os.Getenv("OMARTY_CLUSTER") == "1" }

// topologies are the clusters, and what is done to each.
var topologies = []struct {
	name  string
	start func() (*databases.Cluster, error)
}{
	{"Galera", databases.StartGalera},
	{"GroupOfOneWriter", func() (*databases.Cluster, error) { return databases.StartGroup(true) }},
	{"GroupOfThreeWriters", func() (*databases.Cluster, error) { return databases.StartGroup(false) }},
}

func TestClusters(t *testing.T) {
	if os.Getenv("OMARTY_CLUSTER") == "" {
		t.Skip("make test-cluster runs it")
	}
	for _, topology := range topologies {
		t.Run(topology.name, func(t *testing.T) {
			began := time.Now()
			c := databases.StartCluster(t, topology.start)
			t.Logf("the cluster is up after %v", time.Since(began).Round(time.Millisecond))
			for _, test := range []struct {
				name string
				run  func(*testing.T, *databases.Cluster)
				// quick is whether it is of the part that always runs.
				quick bool
			}{
				{"Race", race, true},
				{"NodeKilled", nodeKilled, true},
				{"NodeStopped", nodeStopped, false},
				{"NodeCutOff", nodeCutOff, false},
				{"Switchover", switchover, false},
				{"Upkeep", upkeep, false},
				{"Dismissal", dismissal, false},
			} {
				if !test.quick && !whole() {
					continue
				}
				t.Run(test.name, func(t *testing.T) { test.run(t, c) })
			}
		})
	}
}
