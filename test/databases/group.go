package databases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// group is MySQL with Group Replication, on ports of 127.0.0.1.
type group struct {
	plugins   string // their folder, empty for the program's own
	ports     []string
	oneWriter bool
}

// StartGroup starts three nodes of MySQL Group Replication, of which one may be written to, or each.
func StartGroup(oneWriter bool) (*Cluster, error) {
	program, err := findMySQL()
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(nodes)
	if err != nil {
		return nil, err
	}
	g := group{ports: ports, oneWriter: oneWriter}
	if beside := filepath.Join(filepath.Dir(program), "usr/lib/mysql/plugin"); isFolder(beside) {
		g.plugins = beside
	}
	name := "Group Replication, every node writes"
	if oneWriter {
		name = "Group Replication, one node writes"
	}
	return (&Cluster{Name: name, OneWriter: oneWriter, kind: g}).start()
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (group) engine() *Engine { return MySQL }

func onOff(on bool) string {
	if on {
		return "ON"
	}
	return "OFF"
}

func (g group) arguments(i int) []string {
	var members []string
	for _, port := range g.ports {
		members = append(members, "127.0.0.1:"+port)
	}
	arguments := []string{
		"--server-id=" + strconv.Itoa(i+1), "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-bin=binlog",
		"--performance-schema=ON", "--report-host=127.0.0.1", "--plugin-load-add=group_replication.so",
		"--loose-group-replication-group-name=6f6d6172-7479-4000-8000-000000000001",
		"--loose-group-replication-start-on-boot=OFF",
		"--loose-group-replication-local-address=" + members[i],
		"--loose-group-replication-group-seeds=" + strings.Join(members, ","),
		"--loose-group-replication-single-primary-mode=" + onOff(g.oneWriter),
		"--loose-group-replication-enforce-update-everywhere-checks=" + onOff(!g.oneWriter),
		"--loose-group-replication-member-expel-timeout=0",
		"--loose-group-replication-unreachable-majority-timeout=5",
		// A node that lags behind slows down those who write, and is current soon after its return.
		"--loose-group-replication-flow-control-applier-threshold=250",
		"--loose-group-replication-flow-control-certifier-threshold=250",
		"--loose-group-replication-recovery-get-public-key=ON",
		"--loose-group-replication-consistency=" + groupConsistency,
	}
	if g.plugins != "" {
		arguments = append(arguments, "--plugin-dir="+g.plugins)
	}
	return arguments
}

// What a member's transactions wait for: after a failover, for what the old primary acknowledged, which is MySQL's default;
// or for what any member has acknowledged.
const (
	groupConsistency        = "BEFORE_ON_PRIMARY_FAILOVER"
	groupConsistencyCurrent = "BEFORE"
)

// runsAs is root itself.
func (group) runsAs() string { return "" }

func (group) seed() []string { return nil }

func (g group) found(s *Server) error {
	if err := s.Restart(); err != nil {
		return err
	}
	return s.executeAll("SET GLOBAL group_replication_bootstrap_group = ON", startReplication(s), "SET GLOBAL group_replication_bootstrap_group = OFF")
}

// join restarts the server read-only: until it is a member it takes no writes.
func (g group) join(s *Server) error {
	if err := s.runWith("--super-read-only=ON"); err != nil {
		return err
	}
	return s.executeAll(startReplication(s))
}

func (group) leaving() []string { return []string{"STOP GROUP_REPLICATION"} }

// startReplication returns when the server is a member.
func startReplication(s *Server) string {
	password, _ := s.address.User.Password()
	return fmt.Sprintf("START GROUP_REPLICATION USER = '%s', PASSWORD = '%s'", s.address.User.Username(), password)
}

func (group) settle(ctx context.Context, pools []*sql.DB) error {
	var executed []string
	for _, pool := range pools {
		var set string
		if err := pool.QueryRowContext(ctx, "SELECT @@gtid_executed").Scan(&set); err != nil {
			return err
		}
		executed = append(executed, set)
	}
	for _, pool := range pools {
		var late bool
		err := pool.QueryRowContext(ctx, "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)", strings.Join(executed, ","), patience.Seconds()).Scan(&late)
		if err == nil && late {
			err = errors.New("a member of the group does not apply what the others have")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (group) isolate(*Server, bool) error { return errors.ErrUnsupported }

func (group) forget(s *Server) error { return s.forgetFiles("auto.cnf") }

func (group) canIsolate() bool { return false }

func (group) member(ctx context.Context, pool *sql.DB) error {
	var state string
	err := pool.QueryRowContext(ctx, "SELECT member_state FROM performance_schema.replication_group_members WHERE member_id = @@server_uuid").Scan(&state)
	if err == nil && state != "ONLINE" {
		err = errors.New("the member is " + state)
	}
	return err
}

func (g group) switchover(from, to *Server) error {
	if !g.oneWriter {
		return from.execute("SET GLOBAL read_only = 1")
	}
	return to.execute("SELECT group_replication_set_as_primary(@@server_uuid)")
}

func (g group) readsAreCurrent(current bool) []string {
	switch {
	case g.oneWriter: // all are made on the primary
		return nil
	case current:
		return []string{"SET GLOBAL group_replication_consistency = '" + groupConsistencyCurrent + "'"}
	default:
		return []string{"SET GLOBAL group_replication_consistency = '" + groupConsistency + "'"}
	}
}

func (group) haproxyGrants() []string {
	return []string{"GRANT SELECT ON performance_schema.replication_group_members TO haproxy@'127.0.0.1'"}
}
