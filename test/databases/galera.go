package databases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// GaleraTimeouts are the provider's options that bound how long a cluster waits for a node that is silent, as
// OPERATIONS.md has them.
const GaleraTimeouts = "evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.25S;evs.suspect_timeout=PT1.5S;" +
	"evs.inactive_timeout=PT3S;evs.install_timeout=PT3S"

// galera is MariaDB with Galera, on ports of 127.0.0.1.
type galera struct {
	provider             string
	group, state, images []string // ports, one a node
}

// StartGalera starts three nodes of MariaDB Galera, each of which may be written to.
func StartGalera() (*Cluster, error) {
	provider, err := findProvider()
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(3 * nodes)
	if err != nil {
		return nil, err
	}
	g := galera{provider, ports[:nodes], ports[nodes : 2*nodes], ports[2*nodes:]}
	return (&Cluster{Name: "Galera", kind: g}).start()
}

func findProvider() (string, error) {
	for _, pattern := range []string{"/usr/lib/galera/libgalera_smm.so", "/usr/lib/*/galera/libgalera_smm.so", "/usr/lib64/galera*/libgalera_smm.so"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("the library of Galera %w: apt-get install galera-4 rsync", errNotInstalled)
}

func (galera) engine() *Engine { return MariaDB }

func (g galera) arguments(i int) []string {
	var members []string
	for _, port := range g.group {
		members = append(members, "127.0.0.1:"+port)
	}
	return []string{
		"--socket=socket", // the scripts of a transfer want one
		"--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", "--wsrep-provider=" + g.provider,
		"--wsrep-cluster-name=omarty", "--wsrep-cluster-address=gcomm://" + strings.Join(members, ","),
		"--wsrep-node-name=node" + strconv.Itoa(i), "--wsrep-node-address=127.0.0.1",
		"--wsrep-sst-method=rsync", "--wsrep-sst-receive-address=127.0.0.1:" + g.images[i],
		"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:" + g.group[i] +
			";ist.recv_addr=127.0.0.1:" + g.state[i] + ";gcache.size=64M;" + GaleraTimeouts,
	}
}

// runsAs is MariaDB's own account, because rsync, started by root, would not write as root.
func (galera) runsAs() string { return "mysql" }

func (galera) seed() []string { return []string{"--wsrep-new-cluster"} }

func (g galera) found(s *Server) error { return s.runWith(g.seed()...) }

// runWith runs a server that has ended with more arguments.
func (s *Server) runWith(more ...string) error {
	own := s.arguments
	s.arguments = slices.Concat(own, more)
	defer func() { s.arguments = own }()
	return s.Restart()
}

var recovered = regexp.MustCompile(`WSREP: Recovered position: (\S+)`)

// join does what MariaDB's service does: it asks InnoDB how far it is, which Galera does not know after a crash.
func (g galera) join(s *Server) error {
	if err := s.spawnToEnd(nil, slices.Concat(s.arguments, []string{"--wsrep-recover"})...); err != nil {
		return err
	}
	log, err := os.ReadFile(s.path("log"))
	if err != nil {
		return err
	}
	positions := recovered.FindAllSubmatch(log, -1)
	if len(positions) == 0 {
		return errors.New("mariadbd --wsrep-recover tells no position")
	}
	return s.runWith("--wsrep-start-position=" + string(positions[len(positions)-1][1]))
}

func (galera) leaving() []string { return nil }

func (galera) settle(ctx context.Context, pools []*sql.DB) error {
	for _, pool := range pools {
		err := await(ctx, "a node of Galera", func(ctx context.Context) (bool, error) {
			conn, err := pool.Conn(ctx)
			if err != nil {
				return false, err
			}
			defer conn.Close()
			// The read waits for all that was committed before, anywhere.
			if _, err := conn.ExecContext(ctx, "SET SESSION wsrep_sync_wait = 1"); err != nil {
				return false, err
			}
			var one int
			return true, conn.QueryRowContext(ctx, "SELECT 1 FROM information_schema.schemata LIMIT 1").Scan(&one)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (galera) isolate(s *Server, cut bool) error {
	value := "0"
	if cut {
		value = "1"
	}
	return s.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=" + value + "'")
}

func (galera) forget(s *Server) error {
	state := filepath.Join(s.path("data"), "grastate.dat")
	text, err := os.ReadFile(state)
	if err != nil {
		return err
	}
	text = []byte(strings.Replace(string(text), "safe_to_bootstrap: 1", "safe_to_bootstrap: 0", 1))
	return errors.Join(os.WriteFile(state, text, 0o600), s.forgetFiles("galera.cache", "gvwstate.dat"))
}

func (galera) canIsolate() bool { return true }

func (galera) member(ctx context.Context, pool *sql.DB) error {
	_, err := pool.ExecContext(ctx, "DO 1") // error 1047 where it is none
	return err
}

func (galera) switchover(from, _ *Server) error { return from.execute("SET GLOBAL read_only = 1") }

func (galera) readsAreCurrent(bool) []string { return nil }

func (galera) haproxyGrants() []string { return nil }
