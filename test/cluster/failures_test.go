package cluster_test

import (
	"testing"

	"omarty.net/registry/test/databases"
)

func nodeKilled(t *testing.T, c *databases.Cluster)  {}
func nodeStopped(t *testing.T, c *databases.Cluster) {}
func nodeCutOff(t *testing.T, c *databases.Cluster)  {}
func switchover(t *testing.T, c *databases.Cluster)  {}
func upkeep(t *testing.T, c *databases.Cluster)      {}
func dismissal(t *testing.T, c *databases.Cluster)   {}
