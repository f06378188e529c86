package cluster_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// field is a register on a cluster, and three servers that serve it.
type field struct {
	t       *testing.T
	cluster *databases.Cluster
	name    string // of the database
	servers []*server
	history *history.History
}

// hosts are what the URL of a server names.
type hosts int

const (
	ownNode  hosts = iota // the server's own node alone
	allNodes              // the server's own node first, and then the others
)

// everywhere is what a server needs to reach who may be written to.
func everywhere(c *databases.Cluster) hosts {
	if c.OneWriter {
		return allNodes
	}
	return ownNode
}

// newField makes a register on the cluster and starts a server on each node.
func newField(t *testing.T, c *databases.Cluster, reach hosts) *field {
	t.Helper()
	f := newRegister(t, c)
	f.serve(reach)
	return f
}

// newRegister makes a register that nobody serves yet.
func newRegister(t *testing.T, c *databases.Cluster) *field {
	t.Helper()
	f := &field{t: t, cluster: c, name: "omarty_" + strings.ToLower(rand.Text()[:12])}
	writer := f.writer()
	for _, statement := range []string{
		"CREATE DATABASE " + f.name + " CHARACTER SET utf8mb4",
		// As an operator would have it: nobody who may write where the server is read-only.
		"CREATE USER " + f.account() + " IDENTIFIED BY '" + f.name + "'",
		"GRANT ALL ON " + f.name + ".* TO " + f.account(),
	} {
		if err := c.Nodes[writer].Execute(statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		writer := f.writer()
		for _, statement := range []string{"DROP DATABASE " + f.name, "DROP USER " + f.account()} {
			if err := c.Nodes[writer].Execute(statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
	first := f.url(writer)
	if err := omarty(first, "migrate"); err != nil {
		t.Fatal(err)
	}
	if err := omarty(first, "import", registerFile(t, "Palm Tower")); err != nil {
		t.Fatal(err)
	}
	f.settle()
	f.history = history.New(tables.At(t, f.url(writer)))
	return f
}

// serve starts a server for each node.
func (f *field) serve(reach hosts) {
	for i := range f.cluster.Nodes {
		f.servers = append(f.servers, serve(f.t, f.served(i, reach)))
	}
}

func (f *field) account() string { return "'" + f.name + "'@'127.0.0.1'" }

// url names the register on a node.
func (f *field) url(node int) string {
	u, err := url.Parse(f.cluster.Nodes[node].URL())
	if err != nil {
		f.t.Fatal(err)
	}
	u.User, u.Path = url.UserPassword(f.name, f.name), "/"+f.name
	return u.String()
}

// served is the URL that the server of a node is given.
func (f *field) served(node int, reach hosts) string {
	u, err := url.Parse(f.url(node))
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 1; i < len(f.cluster.Nodes) && reach == allNodes; i++ {
		other, err := url.Parse(f.url((node + i) % len(f.cluster.Nodes)))
		if err != nil {
			f.t.Fatal(err)
		}
		u.Host += "," + other.Host
	}
	return u.String()
}

// writer returns a node that may be written to.
func (f *field) writer() int {
	f.t.Helper()
	writer, err := f.cluster.Writer(context.WithoutCancel(f.t.Context()))
	if err != nil {
		f.t.Fatal(err)
	}
	return writer
}

func (f *field) settle() {
	f.t.Helper()
	if err := f.cluster.Settle(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// on runs a statement on a node, as the administrator, again where another node's transaction got in its way.
func (f *field) on(node int, statement string, arguments ...any) {
	f.t.Helper()
	u, err := url.Parse(f.cluster.Nodes[node].URL())
	if err != nil {
		f.t.Fatal(err)
	}
	u.Path = "/" + f.name
	db, err := tables.Connect(u.String())
	if err != nil {
		f.t.Fatal(err)
	}
	defer db.Close()
	for {
		_, err := db.ExecContext(f.t.Context(), statement, arguments...)
		if err == nil {
			return
		}
		if said, ok := errors.AsType[*mysql.MySQLError](err); !ok || !slices.Contains([]uint16{1213, 3101}, said.Number) {
			f.t.Fatalf("%s: %v", statement, err)
		}
	}
}
