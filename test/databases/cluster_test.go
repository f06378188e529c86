package databases_test

import (
	"os"
	"testing"
	"time"

	"omarty.net/registry/test/databases"
)

func TestClusters(t *testing.T) {
	if os.Getenv("OMARTY_CLUSTER") == "" {
		t.Skip("set OMARTY_CLUSTER=1, as make test-cluster does")
	}
	for _, start := range []func() (*databases.Cluster, error){
		databases.StartGalera,
		func() (*databases.Cluster, error) { return databases.StartGroup(true) },
		func() (*databases.Cluster, error) { return databases.StartGroup(false) },
	} {
		began := time.Now()
		c := databases.StartCluster(t, start)
		t.Log(c.Name, time.Since(began))
		if err := c.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Nodes[2].Kill(); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		if err := c.Join(2); err != nil {
			t.Fatal(err)
		}
		t.Log("killed and joined", time.Since(began))
		began = time.Now()
		if err := c.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Log("settled", time.Since(began))
	}
}
