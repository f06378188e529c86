package mariadb_test

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

	"omarty.net/registry/test/mariadb"
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

func TestNewDatabase(t *testing.T) {
	admin := open(t, mariadb.URL(t))
	var names []string
	t.Run("while the test runs", func(t *testing.T) {
		for range 2 {
			address := mariadb.NewDatabase(t)
			if !strings.HasPrefix(address, mariadb.URL(t)) {
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

func TestOwnServer(t *testing.T) {
	server := mariadb.StartOwn(t)
	address := server.NewDatabase(t)
	db := open(t, address)
	for query, want := range map[string]string{
		"SELECT @@innodb_flush_log_at_trx_commit": "1",
		"SELECT @@log_bin":                        "0",
		"SELECT @@bind_address":                   "127.0.0.1",
		"SELECT @@skip_name_resolve":              "1",
		"SELECT COUNT(*) FROM mysql.global_priv WHERE user NOT IN ('omarty', 'mariadb.sys')": "0",
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
	for range 2 {
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := open(t, address).Ping(); err == nil {
			t.Fatal("a killed server answers")
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
		os.Stdout.WriteString(mariadb.URL(t) + "\n")
		end()
		return
	}
	for name := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			process := exec.Command(os.Args[0], "-test.v", "-test.run=^TestServerEndsWithItsProcess$")
			process.Env = append(os.Environ(),
				"OMARTY_TEST_PROCESS_END="+name, "OMARTY_TEST_MYSQL_URL=", "TMPDIR="+folder)
			// The output ends when the watcher is done with it, too.
			output, err := process.CombinedOutput()
			if bytes.Contains(output, []byte("--- SKIP")) {
				t.Skip("there is no server to start: see TestOwnServer")
			}
			if (err == nil) != (name == "return") {
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
		})
	}
}
