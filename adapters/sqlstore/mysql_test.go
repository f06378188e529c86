package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
)

// A server that is set up in all ways that would harm, had a session not settings of its own: another time zone, no strict
// mode, an old character set, ids in steps, as in a cluster, keys that are not checked, and messages in German.
func TestMySQLOnAnOddServerKeepsItsPromises(t *testing.T) {
	onEveryServer(t, testMySQLOnAnOddServerKeepsItsPromises)
}

func testMySQLOnAnOddServerKeepsItsPromises(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	execute(t, tables.Open(t, server.NewDatabase(t)),
		"SET GLOBAL time_zone = '+05:30'", "SET GLOBAL sql_mode = 'ANSI_QUOTES'", "SET GLOBAL character_set_server = latin1",
		"SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "SET GLOBAL auto_increment_increment = 7", "SET GLOBAL auto_increment_offset = 3",
		"SET GLOBAL foreign_key_checks = 0", "SET GLOBAL unique_checks = 0", "SET GLOBAL lc_messages = 'de_DE'",
	)
	storetest.Run(t, func(t *testing.T) storetest.Subject { return subject(t, server.NewDatabase(t), 0) })
}

// A server whose sessions begin a transaction by themselves, and one more after each. None is left open, in which a dismissal
// would not be seen.
func TestMySQLThatLeavesTransactionsOpen(t *testing.T) {
	onEveryServer(t, testMySQLThatLeavesTransactionsOpen)
}

func testMySQLThatLeavesTransactionsOpen(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	address := server.NewDatabase(t)
	db := tables.Open(t, address)
	db.SetMaxOpenConns(1) // which has its settings before
	execute(t, db, "SET GLOBAL autocommit = 0", "SET GLOBAL completion_type = 1")
	store := withBlock(t, address)
	execute(t, db, "INSERT INTO memberships (user_id, block_id, role, status) VALUES (7, 4, 'manager', 'active')")
	for n, status := range []domain.MembershipStatus{domain.MembershipActive, domain.MembershipBanned, domain.MembershipActive} {
		if _, err := db.ExecContext(t.Context(), "UPDATE memberships SET status = ?", string(status)); err != nil {
			t.Fatal(err)
		}
		members := must(store.MembersOf(t.Context(), 7, 4))
		if len(members) != 1 || members[0].Membership.Status() != status {
			t.Errorf("%v, want %s", members, status)
		}
		wantRegister(t, store, registration(byte(2*n+1), int64(n+1)), registered, nil)
		wantRegister(t, store, registration(byte(2*n+2), int64(n+1)), "", domain.NumberTaken)
		var open int
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.innodb_trx").Scan(&open); err != nil || open != 0 {
			t.Errorf("%d transactions are open, %v", open, err)
		}
	}
}

// Servers of a cluster share the ids out: one has each third. What is registered together is logged under its own, at the first
// try.
func TestMySQLThatSkipsIDs(t *testing.T) { onEveryServer(t, testMySQLThatSkipsIDs) }

func testMySQLThatSkipsIDs(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t, "--auto-increment-increment=3", "--auto-increment-offset=2", "--innodb-autoinc-lock-mode=2")
	for name, size := range eachBatchSize {
		address := server.NewDatabase(t)
		var failed atomic.Int64
		store := must(sqlstore.Open(t.Context(), address, sqlstore.Options{
			BatchSize: size,
			OnStatement: func(_ context.Context, _ string, _ time.Time, err error) {
				if err != nil {
					failed.Add(1)
				}
			},
		}))
		must(store.Migrate(t.Context()))
		addBlock(t, store, must(domain.NewBlock(4, "", domain.BlockActive)))
		all := firstNumbers(500)
		together(t, store, all)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		wantAllKept(t, name, address, len(all))
		for _, a := range tables.At(t, address).Apartments {
			if a.ID%3 != 2 {
				t.Fatalf("%s: the server gave the id %d", name, a.ID)
			}
		}
		if n := failed.Load(); n > 0 {
			t.Errorf("%s: %d statements failed", name, n)
		}
	}
}

// An import takes an id that a registration has just been given: here, a trigger gives one that is there already, twice. Its
// number is free all the same.
func TestMySQLIDTakenByAnImport(t *testing.T) { onEveryServer(t, testMySQLIDTakenByAnImport) }

func testMySQLIDTakenByAnImport(t *testing.T, engine *databases.Engine) {
	for name, size := range eachBatchSize {
		address := engine.NewDatabase(t)
		store := migrated(t, address, size)
		addBlock(t, store, must(domain.NewBlock(4, "", domain.BlockActive)))
		wantRegister(t, store, numbered(4, 1000), registered, nil)
		execute(t, tables.Open(t, address),
			"CREATE TABLE clashes (number INT) ENGINE = MyISAM", // which no transaction undoes
			`CREATE TRIGGER clash BEFORE INSERT ON apartments FOR EACH ROW
			IF NEW.number = 7 AND (SELECT COUNT(*) FROM clashes) < 2 THEN
				INSERT INTO clashes VALUES (7);
				SET NEW.id = (SELECT MIN(id) FROM apartments);
			END IF`)
		all := firstNumbers(100)
		for number, told := range together(t, store, all) {
			if told != string(registered) {
				t.Errorf("%s: number %d: %s", name, number, told)
			}
		}
		wantAllKept(t, name, address, len(all)+1)
	}
}

// firstNumbers asks for so many numbers of block 4.
func firstNumbers(n int) []domain.ChangeSet {
	var all []domain.ChangeSet
	for number := 1; number <= n; number++ {
		all = append(all, numbered(4, number))
	}
	return all
}

func wantAllKept(t *testing.T, name, address string, registrations int) {
	t.Helper()
	rows := tables.At(t, address)
	if len(rows.Apartments) != registrations || len(rows.Logs) != registrations {
		t.Errorf("%s: %d apartments and %d rows of the log, want %d", name, len(rows.Apartments), len(rows.Logs), registrations)
	}
	for _, c := range rows.Contradictions() {
		t.Errorf("%s: %s", name, c)
	}
}

func execute(t *testing.T, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// What does not fit is refused, not cut to fit, whatever mode the server is in.
func TestMySQLRefusesWhatDoesNotFit(t *testing.T) { onEveryServer(t, testMySQLRefusesWhatDoesNotFit) }

func testMySQLRefusesWhatDoesNotFit(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	address := server.NewDatabase(t)
	execute(t, tables.Open(t, address), "SET GLOBAL sql_mode = ''")
	store := withBlock(t, address)
	tooHigh := must(domain.RestoreApartment(domain.ApartmentRecord{ID: 9, Block: 4, State: must(domain.RestoreState(40_000, 1, domain.ApartmentRegistered))}))
	changes := application.Changes{At: noon, NewApartments: []domain.Apartment{tooHigh}}
	plan := func(application.Kept) (application.Changes, error) { return changes, nil }
	if err := store.UpdateRegister(t.Context(), application.Scope{}, plan, nil); err == nil || errors.Is(err, domain.Unavailable) {
		t.Errorf("floor 40000: %v, want an unforeseen error", err)
	}
	if got := rowsIn(t, tables.Open(t, address)); len(got.Apartments) != 0 {
		t.Errorf("kept %+v", got.Apartments)
	}
}

func TestMySQLURLs(t *testing.T) { onEveryServer(t, testMySQLURLs) }

func testMySQLURLs(t *testing.T, engine *databases.Engine) {
	const secret = "s3cr3t"
	good, err := url.Parse(engine.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(u *url.URL)) string {
		u := *good
		change(&u)
		return u.String()
	}
	query := func(options string) string { return with(func(u *url.URL) { u.RawQuery = options }) }
	wrongPassword := url.UserPassword(good.User.Username(), secret)
	for _, c := range []struct{ address, want string }{
		{"mysql://u:" + secret + "@h:1", "needs a host and the name of one database"},
		{"mysql://u:" + secret + "@h:1/", "needs a host and the name of one database"},
		{"mysql://u:" + secret + "@h:1/a/b", "needs a host and the name of one database"},
		{"mysql://u:" + secret + "@/a", "needs a host and the name of one database"},
		{"mysql://u:" + secret + "@:3306/a", "needs a host and the name of one database"},
		{"mysql://u:" + secret + "@h/a#b", "needs a host and the name of one database"},
		{"mysql://u:" + secret + "%zz@h/a", "percent-encoded"},
		{"mysql://u:" + secret + "/w@h/a", "percent-encoded"},
		{"mysql://u:" + secret + "@h:port/a", "percent-encoded"},
		{"mysql://u:" + secret + "@h,/a", "needs a host"},
		{"mysql://u:" + secret + "@h:1,h:port,h:2/a", "percent-encoded"},
		{query("hosts=alphabetical"), "option hosts"},
		{"mariadb://u:" + secret + "@h/a", "must start with sqlite:// or mysql://"},
		{"u:" + secret + "@tcp(h:1)/a", "must start with sqlite:// or mysql://"},
		{"mysql:/u:" + secret + "@h/a", "must start with sqlite:// or mysql://"},
		{query("parseTime=false"), `unknown option "parseTime"`},
		{query("multiStatements=true"), `unknown option "multiStatements"`},
		{query("Timeout=5s"), `unknown option "Timeout"`},
		{query("timeout=5"), "option timeout"},
		{query("timeout=-5s"), "option timeout"},
		{query("readTimeout=0s"), "option readTimeout"},
		{query("writeTimeout=soon"), "option writeTimeout"},
		{query("maxAllowedPacket=many"), "option maxAllowedPacket"},
		{query("maxAllowedPacket=4096"), "option maxAllowedPacket"},
		{query("tls=yes"), "option tls"},
		{query("a=%zz"), "options of the database URL are malformed"},
		{query("timeout=1s;readTimeout=1s"), "options of the database URL are malformed"},
		{with(func(u *url.URL) { u.User = wrongPassword }), "Access denied"},
		{with(func(u *url.URL) { u.User, u.Path = wrongPassword, "/missing" }), "Access denied"},
		{with(func(u *url.URL) { u.Path = "/missing" }), "Unknown database"},
		{with(func(u *url.URL) { u.User, u.Host = wrongPassword, "127.0.0.1:1" }), "127.0.0.1:1 cannot be reached"},
		{with(func(u *url.URL) { u.User, u.Host = wrongPassword, "[::1]:1" }), "[::1]:1 cannot be reached"},
		{"mysql://u:" + secret + "@127.0.0.1:1,127.0.0.1:2/a", "127.0.0.1:1, 127.0.0.1:2 cannot be reached"},
	} {
		password, _ := good.User.Password()
		for what, open := range map[string]func() error{
			"open": func() error {
				store, err := sqlstore.Open(t.Context(), c.address, sqlstore.Options{})
				if err == nil {
					_ = store.Close()
				}
				return err
			},
			"list": func() error {
				_, err := sqlstore.Migrations(t.Context(), c.address)
				return err
			},
		} {
			err := open()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %s: %v, want %q", what, c.address, err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), password)) {
				t.Errorf("%s %s: the error holds the password: %v", what, c.address, err)
			}
		}
	}
	for _, options := range []string{"", "timeout=1s&readTimeout=2m&writeTimeout=1500ms&tls=false&maxAllowedPacket=0", "maxAllowedPacket=1000000", "tls=preferred"} {
		migrated(t, query(options), 0)
	}
}

// otherUser returns the URL of a database for a new user with rights in it alone.
func otherUser(t *testing.T, address, name, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	db := tables.Open(t, address)
	account := "'" + name + "'@'%'"
	execute(t, db, "DROP USER IF EXISTS "+account, "CREATE USER "+account+" IDENTIFIED BY '"+password+"'",
		"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW ON "+strings.TrimPrefix(u.Path, "/")+".* TO "+account)
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "DROP USER "+account); err != nil {
			t.Error(err)
		}
	})
	u.User = url.UserPassword(name, password)
	return u.String()
}

func TestMySQLPasswordsOfAllKinds(t *testing.T) { onEveryServer(t, testMySQLPasswordsOfAllKinds) }

func testMySQLPasswordsOfAllKinds(t *testing.T, engine *databases.Engine) {
	for i, password := range []string{"p@ss/w:rd?#%", "كلمة السر", "a b+c&d=e;f", "%41"} {
		address := otherUser(t, engine.NewDatabase(t), "omarty_password_"+string(rune('a'+i)), password)
		store := withBlock(t, address)
		wantRegister(t, store, registration(1, 1), registered, nil)
		if listed, err := sqlstore.Migrations(t.Context(), address); err != nil || len(listed) == 0 {
			t.Errorf("password %s: %v, %v", password, listed, err)
		}
	}
}

// untilWaiting returns once such a statement is under way in the database, with its connection's id.
func untilWaiting(t *testing.T, db *sql.DB, statement string) (connection int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := db.QueryRowContext(ctx, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() AND info LIKE ?", "%"+statement+"%").Scan(&connection)
		if err == nil {
			return connection
		}
		if !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
	}
}

// kill ends a connection. MySQL takes no placeholder there.
func kill(t *testing.T, db *sql.DB, connection int64) {
	t.Helper()
	execute(t, db, fmt.Sprint("KILL CONNECTION ", connection))
}

// begin starts a transaction of another program's.
func begin(t *testing.T, db *sql.DB, statements ...string) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, statements...)
	return tx
}

const (
	lockBlock = "SELECT id FROM blocks WHERE id = 4 FOR UPDATE"
	inserting = "UPDATE blocks"
	selecting = "SELECT * FROM `blocks`"
)

func TestMySQLConnectionKilledMidway(t *testing.T) { onEveryServer(t, testMySQLConnectionKilledMidway) }

func testMySQLConnectionKilledMidway(t *testing.T, engine *databases.Engine) {
	address := engine.NewDatabase(t)
	store := withBlock(t, address)
	db := tables.Open(t, address)
	for i, c := range []struct {
		statement string
		call      func() error
	}{
		{inserting, func() error {
			_, err := store.Apply(t.Context(), registration(1, 1))
			return err
		}},
		{selecting, func() error {
			changed := []domain.Block{must(domain.NewBlock(4, "changed", domain.BlockActive))}
			plan := func(application.Kept) (application.Changes, error) {
				return application.Changes{ChangedBlocks: changed}, nil
			}
			return store.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{4}}, plan, nil)
		}},
	} {
		holder := begin(t, db, lockBlock)
		answer := make(chan error, 1)
		go func() { answer <- c.call() }()
		killed := untilWaiting(t, db, c.statement)
		kill(t, db, killed)
		if err := holder.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := <-answer; err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	got := rowsIn(t, db)
	if len(got.Apartments) != 1 || len(got.Logs) != 1 || got.Blocks[0].Name() != "changed" || len(got.Contradictions()) > 0 {
		t.Errorf("kept %+v", got)
	}
	wantRegister(t, store, registration(1, 1), replayed, nil)
}

// All idle connections of the pool are gone, as after a failover.
func TestMySQLIdleConnectionsKilled(t *testing.T) { onEveryServer(t, testMySQLIdleConnectionsKilled) }

func testMySQLIdleConnectionsKilled(t *testing.T, engine *databases.Engine) {
	address := engine.NewDatabase(t)
	store := withBlock(t, address)
	db := tables.Open(t, address)
	db.SetMaxOpenConns(1)
	for i, call := range []func() error{
		func() error {
			_, err := store.MembersOf(t.Context(), 7, 0)
			return err
		},
		func() error {
			_, err := store.Apply(t.Context(), registration(1, 1))
			return err
		},
		func() error { return store.Ping(t.Context()) },
	} {
		var connection int64
		if err := db.QueryRow("SELECT MAX(id) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()").Scan(&connection); err != nil {
			t.Fatal(err)
		}
		kill(t, db, connection)
		if err := call(); err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

// A rival has written what the registration would write, and has not committed yet.
func TestMySQLWaitsForARival(t *testing.T) { onEveryServer(t, testMySQLWaitsForARival) }

func testMySQLWaitsForARival(t *testing.T, engine *databases.Engine) {
	const rivalsBlock = "UPDATE blocks SET version = 1, registered = 1 WHERE id = 4"
	const rivalsApartment = "INSERT INTO apartments (block_id, floor, number, live, registered_by, registered_at, version) VALUES (4, ?, ?, 1, 7, '2026-03-04 12:00:00.123456', 1)"
	const rivalsEntry = "INSERT INTO changes (block_id, sequence, change_set_id, position, kind, apartment_id, after_floor, after_number, after_status, user_id, source, at) " +
		"VALUES (4, 1, ?, 0, 'register', LAST_INSERT_ID(), ?, ?, 'registered', 7, 'app', '2026-03-04 12:00:00.123456')"
	own, other := domain.ChangeSetID{15: 1}, domain.ChangeSetID{15: 99}
	for _, c := range []struct {
		what    string
		id      domain.ChangeSetID
		floor   int
		number  int
		commits bool
		outcome outcome
		err     error
	}{
		{"its own earlier attempt commits", own, 1, 1, true, replayed, nil},
		{"its own earlier attempt is rolled back", own, 1, 1, false, registered, nil},
		{"another registration of the number commits", other, 1, 1, true, "", domain.NumberTaken},
		{"another registration of the number is rolled back", other, 1, 1, false, registered, nil},
		{"its id commits for another number", own, 1, 2, true, "", domain.KeyReused},
		{"its id is rolled back for another number", own, 1, 2, false, registered, nil},
	} {
		address := engine.NewDatabase(t)
		store := withBlock(t, address)
		db := tables.Open(t, address)
		rival := begin(t, db)
		for _, step := range []struct {
			statement string
			values    []any
		}{{rivalsBlock, nil}, {rivalsApartment, []any{c.floor, c.number}}, {rivalsEntry, []any{c.id[:], c.floor, c.number}}} {
			if _, err := rival.ExecContext(t.Context(), step.statement, step.values...); err != nil {
				t.Fatal(err)
			}
		}
		type answer struct {
			outcome outcome
			err     error
		}
		answered := make(chan answer, 1)
		go func() {
			outcome, err := register(t.Context(), store, registration(1, 1))
			answered <- answer{outcome, err}
		}()
		untilWaiting(t, db, inserting)
		end := rival.Rollback
		if c.commits {
			end = rival.Commit
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if got := <-answered; got.outcome != c.outcome || !errors.Is(got.err, c.err) {
			t.Errorf("%s: outcome %q, %v, want %q, %v", c.what, got.outcome, got.err, c.outcome, c.err)
		}
		rows := rowsIn(t, db)
		if wrong := rows.Contradictions(); len(rows.Apartments) != 1 || len(wrong) > 0 {
			t.Errorf("%s: %d apartments, %q", c.what, len(rows.Apartments), wrong)
		}
	}
}

// Another registration, in a block that the import does not hold, gets the id of an apartment that the import brings: it is
// planned again.
func TestMySQLImportIsPlannedAgain(t *testing.T) { onEveryServer(t, testMySQLImportIsPlannedAgain) }

func testMySQLImportIsPlannedAgain(t *testing.T, engine *databases.Engine) {
	const id domain.ApartmentID = 50
	address := engine.NewDatabase(t)
	store := withBlock(t, address)
	addBlock(t, store, must(domain.NewBlock(6, "", domain.BlockActive)))
	db := tables.Open(t, address)
	imported := must(domain.NewApartment(4, must(domain.NewFloor(1)), must(domain.NewNumber(1)))).WithID(id)
	plans := 0
	plan := func(kept application.Kept) (application.Changes, error) {
		plans++
		if len(kept.Apartments) == 1 && kept.Apartments[0].Apartment.Block() == 6 {
			imported = imported.WithID(id + 1)
		}
		if plans == 1 {
			execute(t, db, "INSERT INTO apartments (id, block_id, floor, number, live, registered_at, version) VALUES (50, 6, 1, 1, 1, '2026-03-04 12:00:00', 1)")
		}
		return application.Changes{At: noon, ChangeSets: map[domain.BlockID]domain.ChangeSetID{4: {1}}, NewApartments: []domain.Apartment{imported}}, nil
	}
	scope := application.Scope{Blocks: []domain.BlockID{4}, Apartments: []domain.ApartmentID{id}}
	if err := store.UpdateRegister(t.Context(), scope, plan, nil); err != nil || plans != 2 {
		t.Errorf("planned %d times, %v", plans, err)
	}
	if got := rowsIn(t, db); len(got.Apartments) != 2 {
		t.Errorf("kept %+v", got.Apartments)
	}
}

// Another program holds the block until the caller here has got an answer.
func TestMySQLCallersWhoLeaveWhileAnotherWrites(t *testing.T) {
	onEveryServer(t, testMySQLCallersWhoLeaveWhileAnotherWrites)
}

func testMySQLCallersWhoLeaveWhileAnotherWrites(t *testing.T, engine *databases.Engine) {
	address := engine.NewDatabase(t)
	store := withBlock(t, address)
	holder := begin(t, tables.Open(t, address), lockBlock)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if outcome, err := register(ctx, store, registration(1, 1)); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("outcome %q, %v", outcome, err)
	}
	if _, err := store.MembersOf(t.Context(), 7, 0); err != nil {
		t.Errorf("readers are not held up: %v", err)
	}
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	// What the caller left is given up, or written once the block is free.
	if _, err := store.Apply(t.Context(), registration(1, 1)); err != nil {
		t.Error(err)
	}
	rows := tables.At(t, address)
	if wrong := rows.Contradictions(); len(rows.Apartments) != 1 || len(wrong) > 0 {
		t.Errorf("%d apartments, %q", len(rows.Apartments), wrong)
	}
}

// The one connection is in use until the callers here have got their answers.
func TestNoConnectionIsFree(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{MaxConnections: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		err = store.UpdateRegister(t.Context(), application.Scope{}, func(application.Kept) (application.Changes, error) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if outcome, err := register(ctx, store, registration(1, 1)); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("%s: outcome %q, %v", name, outcome, err)
			}
			return application.Changes{}, nil
		}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A server that is read-only, or gone, is unavailable until it is not.
func TestMySQLServerCannotAnswer(t *testing.T) { onEveryServer(t, testMySQLServerCannotAnswer) }

func testMySQLServerCannotAnswer(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	address := server.NewDatabase(t)
	admin := tables.Open(t, address)
	store := withBlock(t, otherUser(t, address, "omarty_clerk", "clerk"))
	wantRegister(t, store, registration(1, 1), registered, nil)
	execute(t, admin, "SET GLOBAL read_only = 1")
	wantRegister(t, store, registration(2, 2), "", domain.StoreUnavailable)
	if err := store.Ping(t.Context()); !errors.Is(err, domain.StoreUnavailable) || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("ping of a server that is read-only: %v", err)
	}
	execute(t, admin, "SET GLOBAL read_only = 0")
	wantRegister(t, store, registration(2, 2), registered, nil)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	wantRegister(t, store, registration(3, 3), "", domain.StoreUnavailable)
	if _, err := store.MembersOf(t.Context(), 7, 0); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("members: %v", err)
	}
	if err := store.Ping(t.Context()); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("ping: %v", err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for i := byte(1); i <= 2; i++ { // what was acknowledged is there
		wantRegister(t, store, registration(i, int64(i)), replayed, nil)
	}
	wantRegister(t, store, registration(3, 3), registered, nil)
}

// The log of statements has no values: they are the users'.
func TestStatementsAreLoggedWithoutValues(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		var lines bytes.Buffer
		store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{
			Logger: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		addBlock(t, store, must(domain.NewBlock(4, "Palm Tower", domain.BlockActive)))
		wantRegister(t, store, registration(1, 987654), registered, nil)
		wantRegister(t, store, registration(2, 987654), "", domain.NumberTaken)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		logged := lines.String()
		if !strings.Contains(logged, "INSERT INTO") {
			t.Errorf("%s: no statement is logged: %s", name, logged)
		}
		secrets := []string{"Palm Tower", "987654"}
		if u, err := url.Parse(address); err == nil && name == "mysql" {
			password, _ := u.User.Password()
			secrets = append(secrets, password)
		}
		if at := slices.IndexFunc(secrets, func(s string) bool { return strings.Contains(logged, s) }); at >= 0 {
			t.Errorf("%s: the log holds %q: %s", name, secrets[at], logged)
		}
	})
}
