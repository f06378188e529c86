package databases_test

import (
	"bytes"
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"omarty.net/registry/test/databases"
)

func open(t *testing.T, address string) *sql.DB {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config := mysql.NewConfig()
	config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func text(t *testing.T, db *sql.DB, query string, arguments ...any) string {
	t.Helper()
	var got string
	if err := db.QueryRow(query, arguments...).Scan(&got); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

// onEveryEngine runs a test on each engine.
func onEveryEngine(t *testing.T, test func(t *testing.T, engine *databases.Engine)) {
	for _, engine := range databases.Engines() {
		t.Run(engine.String(), func(t *testing.T) { test(t, engine) })
	}
}

// Each is what it is called.
func TestVersions(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, engine *databases.Engine) {
		version := text(t, open(t, engine.URL(t)), "SELECT VERSION()")
		if strings.Contains(version, "MariaDB") != (engine == databases.MariaDB) {
			t.Errorf("version %s", version)
		}
	})
}

func TestNewDatabase(t *testing.T) {
	onEveryEngine(t, testNewDatabase)
}

func testNewDatabase(t *testing.T, engine *databases.Engine) {
	admin := open(t, engine.URL(t))
	var names []string
	t.Run("while the test runs", func(t *testing.T) {
		for range 2 {
			address := engine.NewDatabase(t)
			if !strings.HasPrefix(address, engine.URL(t)) {
				t.Error("the database is not on the shared server")
			}
			db := open(t, address)
			if _, err := db.Exec("CREATE TABLE blocks (id INT)"); err != nil {
				t.Errorf("the database is not fresh: %v", err)
			}
			if got := text(t, db, "SELECT @@character_set_database"); got != "utf8mb4" {
				t.Errorf("character set %s", got)
			}
			names = append(names, text(t, db, "SELECT DATABASE()"))
		}
	})
	for _, name := range names {
		got := text(t, admin, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?", name)
		if got != "0" {
			t.Errorf("database %s is still there after its test", name)
		}
	}
}

// strangers counts the accounts that someone could connect as, over TCP, beside the tests' own.
var strangers = map[*databases.Engine]string{
	databases.MariaDB: "SELECT COUNT(*) FROM mysql.global_priv WHERE user NOT IN ('omarty', 'mariadb.sys')",
	databases.MySQL:   "SELECT COUNT(*) FROM mysql.user WHERE user <> 'omarty' AND host <> 'localhost'",
}

func TestOwnServer(t *testing.T) {
	onEveryEngine(t, testOwnServer)
}

func testOwnServer(t *testing.T, engine *databases.Engine) {
	server := engine.StartOwn(t)
	address := server.NewDatabase(t)
	db := open(t, address)
	for query, want := range map[string]string{
		"SELECT @@innodb_flush_log_at_trx_commit": "1",
		"SELECT @@log_bin":                        "0",
		"SELECT @@bind_address":                   "127.0.0.1",
		"SELECT @@skip_name_resolve":              "1",
		strangers[engine]:                         "0",
	} {
		if got := text(t, db, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	stranger, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []*url.Userinfo{url.User("root"), url.User("omarty"), url.User("")} {
		stranger.User = user
		if err := open(t, stranger.String()).Ping(); err == nil {
			t.Errorf("%q gets in without a password", user)
		}
	}

	for _, statement := range []string{"CREATE TABLE blocks (id INT) ENGINE=InnoDB", "INSERT INTO blocks VALUES (4)"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Restart(); err == nil {
		t.Fatal("a running server was started again")
	}
	for _, end := range []func() error{server.Kill, server.Kill, server.Shutdown} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if err := open(t, address).Ping(); err == nil {
			t.Fatal("a server that has ended answers")
		}
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		if got := text(t, open(t, address), "SELECT id FROM blocks"); got != "4" {
			t.Errorf("after the restart, the row is %s", got)
		}
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Kill(); err == nil {
		t.Error("a server that is gone was killed again")
	}
}

// The ends that a test process can come to.
var ends = map[string]func(){
	"return": func() {},
	"exit":   func() { os.Exit(1) },
	"panic":  func() { panic("as a test may") },
	"kill": func() {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		panic(err)
	},
}

func TestServerEndsWithItsProcess(t *testing.T) {
	if end := ends[os.Getenv("OMARTY_TEST_PROCESS_END")]; end != nil {
		for _, engine := range databases.Engines() {
			if engine.String() == os.Getenv("OMARTY_TEST_PROCESS_ENGINE") {
				os.Stdout.WriteString(engine.URL(t) + "\n")
			}
		}
		end()
		return
	}
	onEveryEngine(t, func(t *testing.T, engine *databases.Engine) {
		for name := range ends {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				testServerEnds(t, engine, name)
			})
		}
	})
}

func testServerEnds(t *testing.T, engine *databases.Engine, end string) {
	folder := t.TempDir()
	process := exec.Command(os.Args[0], "-test.v", "-test.run=^TestServerEndsWithItsProcess$")
	process.Env = append(os.Environ(), "OMARTY_TEST_PROCESS_END="+end, "OMARTY_TEST_PROCESS_ENGINE="+engine.String(),
		"OMARTY_TEST_MYSQL_URL=", "TMPDIR="+folder)
	// The output ends when the watcher is done with it, too.
	output, err := process.CombinedOutput()
	if bytes.Contains(output, []byte("--- SKIP")) {
		t.Skip("there is no server to start: see TestOwnServer")
	}
	if (err == nil) != (end == "return") {
		t.Fatalf("the process ended otherwise: %v\n%s", err, output)
	}
	address := regexp.MustCompile(`(?m)^mysql://\S+`).Find(output)
	if address == nil {
		t.Fatalf("the process had no server:\n%s", output)
	}
	if err := open(t, string(address)).Ping(); err == nil {
		t.Error("the server still answers")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
