package migrations_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/adapters/sqlstore/migrations"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// migrateVariable has this program migrate the database that it names, instead of testing.
const migrateVariable = "OMARTY_TEST_MIGRATE"

func TestMain(m *testing.M) {
	address := os.Getenv(migrateVariable)
	if address == "" {
		os.Exit(m.Run())
	}
	go func() { // it ends with the test, whatever ends that
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	if err := migrate(context.Background(), address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func migrate(ctx context.Context, address string) (err error) {
	store, err := sqlstore.Open(ctx, address, sqlstore.Options{})
	if err != nil {
		return err
	}
	_, err = store.Migrate(ctx)
	return errors.Join(err, store.Close())
}

// kind is what a register can be kept in.
type kind struct {
	name, folder string
	empty        func(t testing.TB) string
	// registrationID and at are of the number n.
	registrationID, at string
}

var kinds = []kind{
	{
		"SQLite", "sqlite", func(t testing.TB) string { return "sqlite://" + filepath.Join(t.TempDir(), "register.db") },
		"randomblob(16)", "strftime('%Y-%m-%d %H:%M:%S', '2026-02-01', (((n - n % 3) * 7919) % 100000) || ' seconds') || printf('.%06d', n - n % 3)",
	},
	{"MariaDB", "mysql", databases.MariaDB.NewDatabase, mysqlRegistrationID, mysqlAt},
	{"MySQL", "mysql", databases.MySQL.NewDatabase, mysqlRegistrationID, mysqlAt},
}

const (
	mysqlRegistrationID = "UNHEX(LEFT(SHA2(CONCAT('registration', n), 256), 32))"
	mysqlAt             = "TIMESTAMPADD(SECOND, ((n - n % 3) * 7919) % 100000, TIMESTAMPADD(MICROSECOND, n - n % 3, '2026-02-01'))"
)

// onEachKind runs a test on a register that the release before the ledger wrote.
func onEachKind(t *testing.T, test func(t *testing.T, k kind, address string, db *sql.DB)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			address := k.empty(t)
			db := tables.Open(t, address)
			load(t, db, k)
			test(t, k, address, db)
		})
	}
}

func load(t *testing.T, db *sql.DB, k kind) {
	t.Helper()
	dump, err := os.ReadFile("testdata/released-" + k.folder + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if k.folder == "sqlite" {
		dump = append(dump, "PRAGMA journal_mode = WAL;\n"...) // as the store has it
	}
	for statement := range strings.SplitSeq(string(dump), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// numbers is a table of the column n, from 0 to below a number of up to 200,000.
func numbers(below int) string {
	const bit = "(SELECT 0 AS d UNION ALL SELECT 1)"
	const digit = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"
	return fmt.Sprintf("(SELECT n FROM (SELECT a.d + 10*b.d + 100*c.d + 1000*e.d + 10000*f.d + 100000*g.d AS n FROM %[1]s AS a, %[1]s AS b, %[1]s AS c, %[1]s AS e, %[1]s AS f, %[3]s AS g) AS every WHERE n < %[2]d) AS numbers", digit, below, bit)
}

// enlarge adds a block that takes several transactions, blocks that share one, and rows as only operators leave them.
func enlarge(t *testing.T, db *sql.DB, k kind, large, small int) {
	t.Helper()
	apartments := func(block string, count int) string {
		return "INSERT INTO apartments (registration_id, block_id, floor, number, registered_by, registered_at) SELECT CASE WHEN n % 4 = 0 THEN NULL ELSE " +
			k.registrationID + " END, " + block + ", n % 50 - 1, n + 1, CASE WHEN n % 4 = 0 THEN NULL ELSE 7 END, " + k.at + " FROM " + numbers(count)
	}
	const insertLogs = "INSERT INTO logs (registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at) "
	smaller := strings.ReplaceAll(apartments("101 + n % 199", small), "'registration'", "'other'")
	execute(t, db,
		"INSERT INTO blocks (id, name, status) SELECT 100 + n, 'A block', 'active' FROM "+numbers(201),
		apartments("100", large), smaller,
		insertLogs+`SELECT registration_id, registered_by, 'CreateApartment', block_id, CASE WHEN id % 3 = 0 THEN 1 END, id,
			CASE WHEN id % 5 > 0 THEN id / 7777.7 END, CASE WHEN id % 7 > 0 THEN -id / 9999.9 END, registered_at
			FROM apartments WHERE registration_id IS NOT NULL AND id > 1000`,
		// Logs that were deleted, that are of another apartment than their registration, and that say something else than the apartment.
		"DELETE FROM logs WHERE record_id > 1000 AND record_id % 97 = 0",
		"UPDATE logs SET record_id = record_id + 9000000 WHERE record_id IN (2000, 50001, 65003)",
		"UPDATE logs SET block_id = 300 WHERE record_id IN (2002, 2003)",
		"UPDATE logs SET created_at = '2026-05-05 05:05:05.000005', user_id = 8 WHERE record_id IN (2006, 2007, 2008)",
		// Logs whose apartments are gone, with and without a registration, of blocks that are there, that have no apartments, and that are not there.
		insertLogs+`SELECT CASE WHEN n % 2 = 0 THEN NULL ELSE `+strings.ReplaceAll(k.registrationID, "registration", "gone")+` END, 7, 'CreateApartment',
			CASE n % 5 WHEN 0 THEN 4 WHEN 1 THEN 100 WHEN 2 THEN 150 WHEN 3 THEN 300 ELSE 900 END, NULL, 5000000 + n, 31.25, NULL, `+k.at+` FROM `+numbers(50),
	)
	// The apartment that came last is gone: its id is not to be used again.
	var last int64
	if err := db.QueryRowContext(t.Context(), "SELECT MAX(id) FROM apartments").Scan(&last); err != nil {
		t.Fatal(err)
	}
	execute(t, db, fmt.Sprintf("DELETE FROM apartments WHERE id = %d", last))
}

// rowsOf returns the rows of a query as texts. NULL is an empty one.
func rowsOf(t *testing.T, db *sql.DB, query string) (all [][]string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		texts, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range texts {
			into[i] = &texts[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		row := make([]string, len(columns))
		for i, text := range texts {
			row[i] = text.String
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

func lines(rows [][]string) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = strings.Join(row, "|")
	}
	return all
}

// register is what the release before keeps, and what is to come of it.
type register struct {
	apartments, blocks, memberships, logs []string
	changes                               []change
}

// change is a row of the ledger.
type change struct {
	block, sequence int
	line            string
}

// The sets of change sets that are drawn.
const (
	importSet = "the block's imports"
	drawnSet  = "drawn"
)

const selectMemberships = "SELECT id, user_id, block_id, apartment_id, role, status FROM memberships ORDER BY id"

// expected reads a register of the release before, and says what is to come of it.
func expected(t *testing.T, db *sql.DB) (r register) {
	t.Helper()
	r.memberships = lines(rowsOf(t, db, selectMemberships))
	type log struct {
		row  []string
		used bool
	}
	var logs []*log
	byRegistration := map[string]*log{}
	for _, row := range rowsOf(t, db, "SELECT HEX(registration_id), user_id, block_id, apartment_id, record_id, CAST(longitude AS CHAR), CAST(latitude AS CHAR), CAST(created_at AS CHAR) FROM logs ORDER BY id") {
		l := &log{row: row}
		logs = append(logs, l)
		if row[0] != "" {
			byRegistration[row[0]] = l
		}
		r.logs = append(r.logs, strings.Join(row, "|"))
	}
	sequences, imports, registered, sets := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	add := func(block, set string, position int, kind, id, after, user, through, longitude, latitude, source, at string) {
		sequences[block]++
		sets[set]++
		line := fmt.Sprintf("%s|%d|%s|%d|%s|%s||||%s|%s|%s|%s|%s|%s|||%s", block, sequences[block], set, position, kind, id,
			after, user, through, longitude, latitude, source, at)
		number, err := strconv.Atoi(block)
		if err != nil {
			t.Fatal(err)
		}
		r.changes = append(r.changes, change{number, sequences[block], line})
	}
	for _, a := range rowsOf(t, db, "SELECT id, HEX(registration_id), block_id, floor, number, registered_by, CAST(registered_at AS CHAR) FROM apartments ORDER BY block_id, registered_at, id") {
		id, set, block, by, at := a[0], a[1], a[2], a[5], a[6]
		after := a[3] + "|" + a[4] + "|registered"
		registered[block]++
		if l := byRegistration[set]; set == "" {
			add(block, importSet, imports[block], "import", id, after, "", "", "", "", "import", at)
			imports[block]++
		} else if l != nil && l.row[4] == id && l.row[2] == block {
			l.used = true
			add(block, set, 0, "register", id, after, l.row[1], l.row[3], l.row[5], l.row[6], "app", l.row[7])
		} else {
			add(block, set, 0, "register", id, after, by, "", "", "", "app", at)
		}
		r.apartments = append(r.apartments, strings.Join([]string{id, block, a[3], a[4], "1", by, at, "", fmt.Sprint(sequences[block])}, "|"))
	}
	for _, l := range logs {
		if !l.used {
			set := l.row[0]
			if set == "" {
				set = drawnSet
				sets[set] = 0
			}
			add(l.row[2], set, sets[set], "register", l.row[4], "||", l.row[1], l.row[3], l.row[5], l.row[6], "app", l.row[7])
		}
	}
	for _, b := range rowsOf(t, db, "SELECT id, name, status FROM blocks ORDER BY id") {
		r.blocks = append(r.blocks, fmt.Sprintf("%s|%d|%d|0", strings.Join(b, "|"), sequences[b[0]], registered[b[0]]))
	}
	return r
}

// verify holds a migrated register against what it is to be.
func verify(t *testing.T, db *sql.DB, want register) {
	t.Helper()
	compare(t, "memberships", lines(rowsOf(t, db, selectMemberships)), want.memberships)
	compare(t, "blocks", lines(rowsOf(t, db, "SELECT id, name, status, version, registered, retired FROM blocks ORDER BY id")), want.blocks)
	compare(t, "apartments", lines(rowsOf(t, db, `SELECT id, block_id, floor, number, live, registered_by, CAST(registered_at AS CHAR), changed_at, version
		FROM apartments ORDER BY block_id, version`)), want.apartments)
	changes := rowsOf(t, db, `SELECT block_id, sequence, HEX(change_set_id), position, kind, apartment_id, before_floor, before_number, before_status,
		after_floor, after_number, after_status, user_id, through_apartment_id, CAST(longitude AS CHAR), CAST(latitude AS CHAR), source, request_id,
		HEX(asked), CAST(at AS CHAR) FROM changes ORDER BY block_id, sequence`)
	slices.SortFunc(want.changes, func(a, b change) int { return cmp.Or(a.block-b.block, a.sequence-b.sequence) })
	var wanted []string
	for _, c := range want.changes {
		wanted = append(wanted, c.line)
	}
	blockOf, setOf := map[string]string{}, map[string]string{}
	for i, c := range changes {
		if c[4] == "import" {
			if b, ok := blockOf[c[2]]; len(c[2]) != 32 || ok && b != c[0] || setOf[c[0]] != "" && setOf[c[0]] != c[2] {
				t.Fatalf("block %s has the change set %s of imports, beside %s", c[0], c[2], setOf[c[0]])
			}
			blockOf[c[2]], setOf[c[0]] = c[0], c[2]
			c[2] = importSet
		}
		if i < len(wanted) && strings.Contains(wanted[i], "|"+drawnSet+"|") && len(c[2]) == 32 {
			c[2] = drawnSet
		}
	}
	compare(t, "changes", lines(changes), wanted)
	view := map[string]int{}
	for _, l := range rowsOf(t, db, "SELECT HEX(registration_id), user_id, block_id, apartment_id, record_id, CAST(longitude AS CHAR), CAST(latitude AS CHAR), CAST(created_at AS CHAR), action FROM logs") {
		if l[8] != "CreateApartment" {
			t.Fatalf("a log of the action %s", l[8])
		}
		view[strings.Join(l[:8], "|")]++
		view["|"+strings.Join(l[1:8], "|")]++
	}
	for _, l := range want.logs {
		if view[l]--; view[l] < 0 {
			t.Errorf("the log lacks %s", l)
		}
	}
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d %s, want %d", len(got), what, len(want))
	}
	different := 0
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			if different++; different <= 5 {
				t.Errorf("%s: %s\nwant %s", what, got[i], want[i])
			}
		}
	}
	if different > 5 {
		t.Errorf("%d of %d %s are different", different, len(got), what)
	}
}

// A register that the release before wrote holds what it held, and the ledger tells how it came about.
func TestReleasedRegisterIsMigrated(t *testing.T) {
	onEachKind(t, func(t *testing.T, _ kind, address string, db *sql.DB) {
		want := expected(t, db)
		if len(want.apartments) != 15 || len(want.logs) != 9 || len(want.memberships) != 13 {
			t.Fatalf("%d apartments, %d logs, %d memberships", len(want.apartments), len(want.logs), len(want.memberships))
		}
		if err := migrate(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		verify(t, db, want)
	})
}

// The process that migrates is killed again and again.
func TestMigrationIsKilled(t *testing.T) {
	onEachKind(t, func(t *testing.T, k kind, address string, db *sql.DB) {
		large, small := 55_000, 1000 // more than one transaction copies
		if k.folder == "mysql" {
			large, small = 15_000, 1000 // enough for steps that take time: each kill repeats one
		}
		enlarge(t, db, k, large, small)
		want := expected(t, db)
		highest := ids(t, db)
		kills := 0
		for finished := false; !finished; {
			before := stateOf(t, db)
			p := startMigration(t, address)
			if kills < 10 {
				for stateOf(t, db) == before && !p.ended() {
					<-time.After(2 * time.Millisecond)
				}
				<-time.After(time.Duration(rand.IntN(50)) * time.Millisecond) // so that kills do not meet commits alone
				_ = p.cmd.Process.Kill()                                      // it may have ended
			}
			<-p.done
			switch {
			case p.err == nil:
				finished = true
			case p.cmd.ProcessState.Exited():
				t.Fatalf("after %d kills: %v: %s", kills, p.err, p.output.String())
			default:
				kills++
				releaseLock(t, db, k)
			}
		}
		t.Logf("killed %d times", kills)
		if kills < 4 {
			t.Errorf("killed %d times: nothing was shown", kills)
		}
		verify(t, db, want)
		// No id is used again.
		execute(t, db, "INSERT INTO apartments (block_id, floor, number, live, registered_at, version) VALUES (4, 1, 99, 1, '2026-06-06 06:06:06.000000', 99)")
		if after := ids(t, db); after <= highest {
			t.Errorf("the id %d is used again", after)
		}
	})
}

// ids returns the highest id of an apartment that the register or its log has.
func ids(t *testing.T, db *sql.DB) (highest int64) {
	t.Helper()
	err := db.QueryRowContext(t.Context(), "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM apartments UNION ALL SELECT MAX(record_id) FROM logs WHERE record_id < 5000000) AS every_id").Scan(&highest)
	if err != nil {
		t.Fatal(err)
	}
	return highest
}

// stateOf tells how far a migration is.
func stateOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	var state []string
	for _, query := range []string{
		"SELECT MAX(version_id) FROM goose_db_version", "SELECT SUM(version) FROM blocks", "SELECT seq FROM sqlite_sequence WHERE name = 'apartments_new'",
	} {
		var n int64 = -1 // where there is no such table
		_ = db.QueryRowContext(t.Context(), query).Scan(&n)
		state = append(state, fmt.Sprint(n))
	}
	return strings.Join(state, " ")
}

// releaseLock releases the lock of a process that was killed, which would be released in half a minute.
func releaseLock(t *testing.T, db *sql.DB, k kind) {
	t.Helper()
	if k.folder == "mysql" {
		execute(t, db, "UPDATE goose_lock SET locked = FALSE")
	}
}

// process migrates.
type process struct {
	cmd    *exec.Cmd
	output bytes.Buffer
	done   chan struct{}
	err    error // once done is closed
}

func startMigration(t *testing.T, address string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), os.Args[0]), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), migrateVariable+"="+address)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	if _, err := p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
	}()
	return p
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Processes migrate at once: one after the other, and beside each other where the lock of one is taken for released.
func TestMigrationsAtOnce(t *testing.T) {
	for _, stolen := range []bool{false, true} {
		t.Run(fmt.Sprintf("lock stolen %t", stolen), func(t *testing.T) {
			onEachKind(t, func(t *testing.T, k kind, address string, db *sql.DB) {
				if k.folder == "sqlite" {
					t.Skip("a lock of the file keeps a second process out (TestSQLiteFileHasOneWriter)")
				}
				if stolen { // so that both are at it
					enlarge(t, db, k, 10_000, 500)
				}
				want := expected(t, db)
				first := startMigration(t, address)
				if stolen {
					for !strings.HasPrefix(stateOf(t, db), "8 ") && !first.ended() {
					}
					releaseLock(t, db, k)
				}
				second := startMigration(t, address)
				<-first.done
				<-second.done
				t.Logf("%v %s; %v %s", first.err, first.output.String(), second.err, second.output.String())
				if !stolen && (first.err != nil || second.err != nil) {
					t.Error("one failed")
				}
				releaseLock(t, db, k)
				if err := migrate(t.Context(), address); err != nil {
					t.Fatal(err)
				}
				verify(t, db, want)
			})
		})
	}
}

// upTo migrates up to a version, as a process that is killed then.
func upTo(t *testing.T, db *sql.DB, k kind, version int64) {
	t.Helper()
	files, err := fs.Sub(migrations.Files, k.folder)
	if err != nil {
		t.Fatal(err)
	}
	dialect := map[string]goose.Dialect{"sqlite": goose.DialectSQLite3, "mysql": goose.DialectMySQL}[k.folder]
	provider, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(migrations.InGo(k.folder, &migrations.Progress{})...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// A migration that has begun keeps out who writes as the release before does, and who writes as the new one does until it has ended:
// what they wrote would not be in the ledger.
func TestHalfMigratedRegisterTakesNoWrites(t *testing.T) {
	const (
		asBefore = "INSERT INTO apartments (registration_id, block_id, floor, number, registered_by, registered_at) VALUES (x'00000000000000000000000000000001', 4, 1, 77, 7, '2026-06-06 06:06:06.000000')"
		asNow    = "INSERT INTO changes (block_id, sequence, change_set_id, position, kind, apartment_id, source, at) VALUES (4, 99, x'00000000000000000000000000000001', 0, 'register', 99, 'app', '2026-06-06 06:06:06.000000')"
	)
	onEachKind(t, func(t *testing.T, k kind, address string, db *sql.DB) {
		store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close() //nolint:errcheck // it wrote nothing
		ledger := map[string]int64{"sqlite": 3, "mysql": 9}[k.folder]
		strict := tables.Open(t, address)
		strict.SetMaxOpenConns(1)
		if k.folder == "mysql" {
			execute(t, strict, "SET SESSION sql_mode = 'TRADITIONAL'") // as each release sets it
		}
		for version := ledger - 1; version < migrations.Latest(k.folder); version++ {
			upTo(t, db, k, version)
			if k.folder == "mysql" { // on SQLite the lock of the file keeps it out
				if _, err := strict.ExecContext(t.Context(), asBefore); err == nil {
					t.Errorf("version %d takes what the release before writes", version)
				}
			}
			if _, err := strict.ExecContext(t.Context(), asNow); version <= ledger && err == nil {
				t.Errorf("version %d takes what this release writes", version)
			}
			if err := store.Ping(t.Context()); !errors.Is(err, sqlstore.ErrOlderSchema) {
				t.Errorf("version %d is ready: %v", version, err)
			}
			if version > ledger {
				execute(t, db, "DELETE FROM changes WHERE sequence = 99")
			}
		}
		if _, err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := store.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Nothing is dropped where the ledger lacks something.
func TestWhatIsNotInTheLedgerIsNotDropped(t *testing.T) {
	for name, damage := range map[string]struct{ statement, says string }{
		"another action":       {"UPDATE logs SET action = 'Other' WHERE id = 1", "1 rows whose action is not CreateApartment"},
		"a log that changed":   {"UPDATE changes_new SET user_id = 99 WHERE kind = 'register' AND apartment_id = 6", "1 rows of logs"},
		"an apartment as well": {"UPDATE apartments SET number = 98 WHERE id = 1", "1 apartments"},
		"a version":            {"UPDATE blocks SET version = 98 WHERE id = 4", "1 blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			onEachKind(t, func(t *testing.T, k kind, address string, db *sql.DB) {
				ledger := map[string]int64{"sqlite": 3, "mysql": 9}[k.folder]
				upTo(t, db, k, ledger)
				execute(t, db, fmt.Sprintf("DELETE FROM goose_db_version WHERE version_id = %d", ledger), damage.statement)
				for range 2 {
					if err := migrate(t.Context(), address); err == nil || !strings.Contains(err.Error(), damage.says) {
						t.Errorf("migrated: %v", err)
					}
				}
				if logs := rowsOf(t, db, "SELECT id FROM logs"); len(logs) != 9 {
					t.Errorf("%d rows of logs are left", len(logs))
				}
				// As OPERATIONS.md says.
				execute(t, db, "DELETE FROM changes_new", "UPDATE apartments SET version = 0", "UPDATE blocks SET version = 0, registered = 0",
					"UPDATE logs SET action = 'CreateApartment'")
				want := expected(t, db)
				if err := migrate(t.Context(), address); err != nil {
					t.Error(err)
				}
				verify(t, db, want)
			})
		})
	}
}

// A register that was migrated has the schema of one that is made.
func TestMigratedSchemaIsTheNewOne(t *testing.T) {
	queries := map[string][]string{
		"sqlite": {"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'goose%' ORDER BY type, name"},
		"mysql": {
			"SELECT table_name, table_type, engine, table_collation FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name",
			"SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_default, extra, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
			"SELECT table_name, index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index",
			"SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage WHERE table_schema = DATABASE() ORDER BY table_name, constraint_name, column_name",
			"SELECT table_name, REPLACE(view_definition, DATABASE(), ''), security_type FROM information_schema.views WHERE table_schema = DATABASE()",
		},
	}
	onEachKind(t, func(t *testing.T, k kind, address string, db *sql.DB) {
		made := k.empty(t)
		for _, each := range []string{address, made} {
			if err := migrate(t.Context(), each); err != nil {
				t.Fatal(err)
			}
		}
		for _, query := range queries[k.folder] {
			got, want := rowsOf(t, db, query), rowsOf(t, tables.Open(t, made), query)
			if len(want) == 0 {
				t.Errorf("%s: nothing", query)
			}
			compare(t, "parts of the schema", lines(got), lines(want))
		}
	})
}
