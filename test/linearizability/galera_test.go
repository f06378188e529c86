package linearizability_test

import (
	"math/rand/v2"
	"net/url"
	"os"
	"testing"
	"time"

	"omarty.net/registry/test/databases"
)

// TestServersAndNodesKilledOnGalera has three servers serve one register, each on its own node of a cluster, and kills servers,
// nodes, or both.
func TestServersAndNodesKilledOnGalera(t *testing.T) {
	if os.Getenv("OMARTY_CLUSTER") == "" {
		t.Skip("make test-cluster runs it")
	}
	c := databases.StartCluster(t, databases.StartGalera)
	demand(t, c.Nodes[0].Execute("CREATE DATABASE linearizability CHARACTER SET utf8mb4"))
	demand(t, c.Settle(t.Context()))
	var urls []string
	for _, node := range c.Nodes {
		u, err := url.Parse(node.URL())
		demand(t, err)
		u.Path = "/linearizability"
		urls = append(urls, u.String())
	}
	r := newRun(t, urls...)
	r.disturb(time.Minute, r.killServer, func() {
		i := rand.IntN(len(c.Nodes))
		demand(t, c.Nodes[i].Kill())
		time.Sleep(rand.N(3 * time.Second)) // the others go on without it, or have just begun to
		demand(t, c.Join(i))
		r.kills["node"]++
	}, r.killServer, func() {
		i := rand.IntN(len(c.Nodes))
		demand(t, c.Nodes[i].Kill())
		demand(t, r.servers[i].Kill())
		demand(t, c.Join(i))
		demand(t, r.servers[i].Restart())
		r.kills["node and server"]++
	})
	demand(t, c.Settle(t.Context()))
	r.conclude()
}
