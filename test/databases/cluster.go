package databases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// nodes is how many servers a cluster has: two are the majority that goes on without the third.
const nodes = 3

// Cluster is three servers that replicate to each other. Its methods are for one goroutine at a time.
type Cluster struct {
	// Name says what it is.
	Name string
	// OneWriter says that only one node is written to at a time, the primary.
	OneWriter bool
	Nodes     []*Server

	kind clusterKind
}

// clusterKind is what Galera and Group Replication differ in.
type clusterKind interface {
	engine() *Engine
	// arguments are those of node i.
	arguments(i int) []string
	// runsAs is who runs the nodes where root starts them.
	runsAs() string
	// seed are more arguments of the very first start, which makes the files that all nodes begin with.
	seed() []string
	// found starts the first node, which has ended, as a cluster of its own.
	found(*Server) error
	// join starts a node that has ended, as a member.
	join(*Server) error
	// leaving are the statements before a node is shut down.
	leaving() []string
	// settle returns when each node has what was committed before on any.
	settle(context.Context, []*sql.DB) error
	// member returns an error while a server that runs is no member that may be used.
	member(context.Context, *sql.DB) error
	// switchover has a node stop to take writes, in favour of another.
	switchover(from, to *Server) error
	// readsAreCurrent has reads wait for what other nodes have acknowledged, where the program cannot ask for that.
	readsAreCurrent(bool) []string
	// haproxyGrants are what the user haproxy needs.
	haproxyGrants() []string
	// isolate cuts the node off from the others, and not from clients, or ends that.
	isolate(*Server, bool) error
	canIsolate() bool
	// forget removes what makes the folder of a copy that of another node.
	forget(*Server) error
}

// StartCluster starts a cluster. It ends with t.
func StartCluster(t testing.TB, start func() (*Cluster, error)) *Cluster {
	t.Helper()
	c, err := start()
	demand(t, err)
	t.Cleanup(func() {
		if err := c.End(); err != nil {
			t.Errorf("cannot remove the test's cluster: %v", err)
		}
	})
	return c
}

// start starts one server, copies its files for the others, and joins them.
func (c *Cluster) start() (*Cluster, error) {
	first, err := c.kind.engine().Start(append(c.kind.arguments(0), c.kind.seed()...)...)
	if err != nil {
		return nil, err
	}
	first.arguments, first.runsAs = c.kind.arguments(0), c.kind.runsAs()
	c.Nodes = append(c.Nodes, first)
	if err := first.Shutdown(); err != nil {
		return nil, errors.Join(err, c.End())
	}
	for i := 1; i < nodes; i++ {
		copied, err := first.copyStopped(c.kind.arguments(i), c.kind.forget)
		if err != nil {
			return nil, errors.Join(err, c.End())
		}
		copied.runsAs = first.runsAs
		c.Nodes = append(c.Nodes, copied)
	}
	if err := c.kind.found(first); err != nil {
		return nil, errors.Join(err, c.End())
	}
	for i := 1; i < nodes; i++ {
		if err := c.Join(i); err != nil {
			return nil, errors.Join(err, c.End())
		}
	}
	return c, nil
}

// Leave shuts a node down, as its operator does.
func (c *Cluster) Leave(i int) error {
	if err := c.Nodes[i].executeAll(c.kind.leaving()...); err != nil {
		return err
	}
	return c.Nodes[i].Shutdown()
}

// Join starts a node that was killed or shut down, and returns when it is a member again that may be used.
func (c *Cluster) Join(i int) error {
	if err := c.kind.join(c.Nodes[i]); err != nil {
		return err
	}
	return c.Rejoined(i)
}

// Switchover has a node take no more writes, and another take them, as an operator does before maintenance.
func (c *Cluster) Switchover(from, to int) error {
	return c.kind.switchover(c.Nodes[from], c.Nodes[to])
}

// SwitchBack has the node that Switchover began at take writes again.
func (c *Cluster) SwitchBack(from int) error {
	if c.OneWriter {
		return c.kind.switchover(nil, c.Nodes[from])
	}
	return c.Nodes[from].execute("SET GLOBAL read_only = 0")
}

// ReadsAreCurrent has reads on any node wait for what was acknowledged by others, for connections made from now on, or
// ends that. On Galera the program does so by itself.
func (c *Cluster) ReadsAreCurrent(current bool) error {
	for _, node := range c.Nodes {
		if err := node.executeAll(c.kind.readsAreCurrent(current)...); err != nil {
			return err
		}
	}
	return nil
}

// HAProxyGrants are the rights that the user haproxy needs.
func (c *Cluster) HAProxyGrants() []string { return c.kind.haproxyGrants() }

// Rejoined returns when a node that runs is a member again.
func (c *Cluster) Rejoined(i int) error {
	pool, err := open(c.Nodes[i].address)
	if err != nil {
		return err
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = await(ctx, "a node returns to its cluster", func(ctx context.Context) (bool, error) {
		err := c.kind.member(ctx, pool)
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, c.Nodes[i].lastLog())
	}
	return nil
}

// CanIsolate tells whether Isolate can be done here.
func (c *Cluster) CanIsolate() bool { return c.kind.canIsolate() }

// Isolate cuts a node off from the others, while clients reach it, and Reunite ends that.
func (c *Cluster) Isolate(i int) error { return c.kind.isolate(c.Nodes[i], true) }

// Reunite ends what Isolate began.
func (c *Cluster) Reunite(i int) error { return c.kind.isolate(c.Nodes[i], false) }

// Writer returns a node that may be written to.
func (c *Cluster) Writer(ctx context.Context) (int, error) {
	for i, node := range c.Nodes {
		readOnly, err := node.readOnly(ctx)
		if err == nil && !readOnly {
			return i, nil
		}
	}
	return 0, errors.New("no node of the cluster may be written to")
}

func (s *Server) readOnly(ctx context.Context) (readOnly bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	pool, err := open(s.address)
	if err != nil {
		return false, err
	}
	defer pool.Close()
	err = pool.QueryRowContext(ctx, "SELECT @@GLOBAL.read_only").Scan(&readOnly)
	return readOnly, err
}

// Settle returns when every node has what was committed before on any of them.
func (c *Cluster) Settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var pools []*sql.DB
	for _, node := range c.Nodes {
		pool, err := open(node.address)
		if err != nil {
			return err
		}
		defer pool.Close()
		pools = append(pools, pool)
	}
	return c.kind.settle(ctx, pools)
}

// End kills the nodes and removes their folders.
func (c *Cluster) End() error {
	var err error
	for _, node := range c.Nodes {
		err = errors.Join(err, node.End())
	}
	return err
}

// Execute runs one statement on the server, on a connection of its own.
func (s *Server) Execute(statement string) error { return s.execute(statement) }

func (s *Server) executeAll(statements ...string) error {
	for _, statement := range statements {
		if err := s.execute(statement); err != nil {
			name, _, _ := strings.Cut(statement, " USER") // a password follows
			return fmt.Errorf("%s: %w\n%s", name, err, s.lastLog())
		}
	}
	return nil
}

// copyStopped returns a server, which does not run, on a copy of the files of one that does not either.
func (s *Server) copyStopped(arguments []string, forget func(*Server) error) (*Server, error) {
	folder, err := os.MkdirTemp("", "omarty-"+strings.ToLower(s.engine.name)+"-")
	if err != nil {
		return nil, err
	}
	host, err := freeAddress()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	copied := &Server{
		engine: s.engine, program: s.program, folder: folder, arguments: arguments,
		address: serverURL(s.address.User, host), process: ended(),
	}
	if copied.watcher, err = watch(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	err = os.CopyFS(copied.path("data"), os.DirFS(s.path("data")))
	if err == nil {
		err = copied.writeAccount()
	}
	if err == nil {
		err = forget(copied)
	}
	if err != nil {
		return nil, errors.Join(err, copied.End())
	}
	return copied, nil
}

// ended is a process that has ended.
func ended() *process {
	p := &process{gone: make(chan struct{})}
	close(p.gone)
	return p
}

// forgetFiles removes files of the server's data, where they are there.
func (s *Server) forgetFiles(names ...string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(s.path("data"), name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// handOver gives the server's files to who runs it.
func (s *Server) handOver() error {
	if s.runsAs == "" {
		return nil
	}
	account, err := user.Lookup(s.runsAs)
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(account.Uid)
	if err != nil {
		return err
	}
	return filepath.WalkDir(s.folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, id, -1))
	})
}

// freePorts returns so many ports of 127.0.0.1 that nobody has.
func freePorts(n int) (ports []string, err error) {
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // at the end, so that none comes twice
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// await calls a condition until it holds.
func await(ctx context.Context, what string, holds func(context.Context) (bool, error)) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		ok, err := holds(ctx)
		if err == nil && ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, errors.Join(ctx.Err(), err))
		case <-again.C:
		}
	}
}
