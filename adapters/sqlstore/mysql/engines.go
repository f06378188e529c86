package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
)

// The engines that the store has been proven on: by the tests of the store, of test/faults and of test/cluster.
var (
	mysqlItself = dialect.Engine{Name: "MySQL", SharesLookups: true, RowLock: " FOR UPDATE", BlockLock: dialect.LockForUpdate, Snapshot: sql.LevelRepeatableRead}
	mariaDB     = dialect.Engine{Name: "MariaDB", SharesLookups: true, RowLock: " FOR UPDATE", BlockLock: dialect.LockForUpdate, Snapshot: sql.LevelRepeatableRead}
	// A server applies what another wrote some milliseconds after that was acknowledged. And locks are each server's own: a
	// write on another one aborts an import that holds its block.
	galera = dialect.Engine{
		Name: "MariaDB Galera Cluster", SharesLookups: true, RowLock: " FOR UPDATE", Snapshot: sql.LevelRepeatableRead,
		Apart: true, Current: "SET STATEMENT wsrep_sync_wait = 1 FOR ",
	}
	// What a SELECT sees of other servers is set on the servers: group_replication_consistency.
	groupReplication = dialect.Engine{
		Name: "MySQL Group Replication", SharesLookups: true, RowLock: " FOR UPDATE", Snapshot: sql.LevelRepeatableRead,
	}
)

// provenComments begin version_comment of MySQL's own server, as Oracle, Debian, Ubuntu and the large clouds build it. Forks
// and servers that only speak its protocol have their own, or name themselves in the version (8.0.30-Vitess).
var (
	provenComments  = []string{"MySQL", "(Debian)", "(Ubuntu)", "(Google)", "Source distribution", "Homebrew"}
	foreignVersions = []string{"TiDB", "Vitess"}
)

// detectEngine tells the engine from a server's variables. It returns an error that names one which the store has not been
// proven on.
func detectEngine(variables map[string]string) (dialect.Engine, error) {
	version, comment := variables["version"], variables["version_comment"]
	begins := func(prefix string) bool { return strings.HasPrefix(comment, prefix) }
	names := func(foreign string) bool { return strings.Contains(version, foreign) }
	switch {
	case names("MariaDB") && variables["wsrep_on"] == "ON":
		return galera, nil
	case names("MariaDB"):
		return mariaDB, nil
	case variables["aurora_version"] != "":
		return mysqlItself, unprovenError("Amazon Aurora " + variables["aurora_version"])
	case !slices.ContainsFunc(provenComments, begins) || slices.ContainsFunc(foreignVersions, names):
		return mysqlItself, unprovenError(strings.TrimSpace(comment + " " + version))
	case variables["group_replication_group_name"] != "":
		return groupReplication, nil
	default:
		return mysqlItself, nil
	}
}

// unprovenError names an engine.
type unprovenError string

func (e unprovenError) Error() string {
	return fmt.Sprintf("the server is %q, on which the register has not been proven: a number might be registered twice where it "+
		"does not hold its keys as MySQL and MariaDB do. Use one of them, or set database.engine_check to off", string(e))
}

// selectVariables reads what tells an engine, and whether it is as the store needs it. It works on every engine: a variable
// that a server does not have is left out. It is the session's, so that a proxy that drops what a session set is noticed.
const selectVariables = "SHOW SESSION VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'wsrep_on', 'aurora_version', " +
	"'group_replication_group_name', 'tx_isolation', 'transaction_isolation', 'foreign_key_checks', 'unique_checks', 'log_bin', 'binlog_format')"

func readVariables(ctx context.Context, pool *sql.DB) (map[string]string, error) {
	rows, err := pool.QueryContext(ctx, selectVariables)
	if err != nil {
		return nil, err
	}
	variables := map[string]string{}
	err = statement.ScanEach(rows, func(rows *sql.Rows) error {
		var name, value string
		err := rows.Scan(&name, &value)
		variables[name] = value
		return err
	})
	return variables, err
}
