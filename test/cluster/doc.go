// Package cluster tests the real program on real clusters on loopback: three nodes of MariaDB Galera, and three of MySQL
// Group Replication with one writer and with three. Three servers of the program serve one register, one a node. They are
// raced against each other, and nodes are killed, stopped, cut off, switched over and restarted under load; every answer is
// held against the rows of every node (test/faults). The last thing printed is a table of what happened.
//
// It runs where OMARTY_CLUSTER is set: 1 for all of it, quick for one race and one kill on each.
package cluster
