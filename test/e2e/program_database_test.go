package e2e_test

import (
	"database/sql"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// migrated returns the database of a place with the fixture in it.
func migrated(t *testing.T, p place) string {
	t.Helper()
	p.write(t, "register.yaml", fixture(t))
	p.run(t, "import", "register.yaml").wantPrinted(t, "22 added")
	return filepath.Join(p.folder, "omarty.db")
}

// A database that cannot be used is named with what is wrong with it, and stays as it is.
func TestProgramBadDatabase(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, p place, path string)
		want    []string
	}{
		{"no folder for it", func(t *testing.T, _ place, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, []string{"kept/omarty.db", "no such file or directory"}},
		{"a folder in its place", func(t *testing.T, _ place, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, []string{"kept/omarty.db is not a file"}},
		{"a text file", func(t *testing.T, p place, path string) {
			p.write(t, "kept/omarty.db", []byte(strings.Repeat("Remember the milk.\n", 500)))
		}, []string{"kept/omarty.db", "not a database"}},
		{"a damaged file", func(t *testing.T, p place, path string) {
			content, err := os.ReadFile(migrated(t, newPlace(t)))
			if err != nil {
				t.Fatal(err)
			}
			middle := content[len(content)/2:]
			for i := range middle[:4096] {
				middle[i] ^= 0xff
			}
			p.write(t, "kept/omarty.db", content)
		}, []string{"kept/omarty.db is damaged", "restore a backup"}},
		{"a newer schema", func(t *testing.T, p place, path string) {
			newer(t, "sqlite", "file:"+migrated(t, p))
			if err := os.Rename(filepath.Join(p.folder, "omarty.db"), path); err != nil {
				t.Fatal(err)
			}
		}, []string{"newer version of this program"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t, "OMARTY_DATABASE_URL=")
			path := filepath.Join(p.folder, "kept", "omarty.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, p, path)
			before, _ := os.ReadFile(path)
			p.write(t, "register.yaml", fixture(t))
			p = p.with("OMARTY_DATABASE_URL=sqlite://kept/omarty.db")
			for _, command := range []string{"serve", "migrate", "import register.yaml"} {
				got := p.run(t, strings.Fields(command)...)
				got.wantExit(t, exitFailure, append(c.want, "omarty: ")...)
				if strings.Contains(got.stderr.String(), "msg=serving") {
					t.Errorf("%s served", command)
				}
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file has changed")
			}
		})
	}
}

// newer makes a schema look as if a later version of the program had migrated it.
func newer(t *testing.T, driver, dsn string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)"); err != nil {
		t.Fatal(err)
	}
}

// While one process serves an SQLite file, a second one that would write is turned away, and readers are welcome.
func TestProgramSecondProcess(t *testing.T) {
	p := newPlace(t)
	migrated(t, p)
	server := p.serve(t)
	before := rowsOf(t, p.database())
	for _, command := range []string{"serve", "migrate", "import register.yaml"} {
		p.run(t, strings.Fields(command)...).wantExit(t, exitFailure, "omarty.db: another omarty process is using it")
	}
	p.run(t, "migrate", "--status").wantPrinted(t, "00001_register.sql")
	p.run(t, "backup", "copy.db").wantPrinted(t, "Wrote copy.db.")
	p.run(t, "backup", "copy.db").wantExit(t, exitFailure, "copy.db exists")
	p.run(t, "backup", "none/copy.db").wantExit(t, exitFailure, "none/copy.db")
	copied := rowsOf(t, "sqlite://"+filepath.Join(p.folder, "copy.db"))
	if len(copied.Apartments) != len(before.Apartments) || len(copied.Memberships) != len(before.Memberships) {
		t.Error("the backup is not the register")
	}
	s := service{url: server.url(t)}
	if got := send(t, s.request(t.Context(), t, 7, goodForm)); got.body != registered {
		t.Errorf("after all that, the server answers %s", got.body)
	}
	server.stop(t)
	p.serve(t).stop(t)
}

func TestProgramPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := newPlace(t, "OMARTY_HTTP_ADDRESS="+taken.Addr().String())
	p.run(t, "serve").wantExit(t, exitFailure, taken.Addr().String(), "address already in use", "OMARTY_HTTP_ADDRESS")
	if files := p.files(t); len(files) > 0 {
		t.Errorf("it made files: %v", files)
	}
}

func TestProgramMigrate(t *testing.T) {
	for _, c := range []struct {
		name string
		at   func(t *testing.T) place
		none []string // what there is to say of a database that is not there, if it can be not there
	}{
		{"SQLite", func(t *testing.T) place { return newPlace(t) }, []string{"omarty.db is not there", "omarty migrate makes it"}},
		{"MariaDB", func(t *testing.T) place { return newPlace(t, "OMARTY_DATABASE_URL="+databases.MariaDB.NewDatabase(t)) }, nil},
		{"MySQL", func(t *testing.T) place { return newPlace(t, "OMARTY_DATABASE_URL="+databases.MySQL.NewDatabase(t)) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.at(t)
			if c.none != nil {
				p.run(t, "migrate", "--status").wantExit(t, exitFailure, c.none...)
				p.run(t, "backup", "x").wantExit(t, exitFailure, c.none[0])
				if files := p.files(t); len(files) > 0 {
					t.Errorf("looking made %v", files)
				}
			} else {
				p.run(t, "migrate", "--status").wantPrinted(t, "not yet")
				p.run(t, "backup", "x").wantExit(t, exitFailure, "mariadb-dump")
			}
			p.run(t, "migrate").wantPrinted(t, "applied 00001_")
			p.run(t, "migrate").wantPrinted(t, "The schema is up to date.")
			status := p.run(t, "migrate", "--status")
			status.wantPrinted(t, "MIGRATION")
			if strings.Contains(status.stdout.String(), "not yet") {
				t.Errorf("after migrate: %s", status.stdout)
			}
		})
	}
}

// A MySQL server that cannot be used is named, and its password never is.
func TestProgramBadMySQL(t *testing.T) {
	good, err := url.Parse(databases.MariaDB.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	wrong, missing, silent := *good, *good, *good
	wrong.User = url.UserPassword(good.User.Username(), "not-the-password")
	missing.Path = "/omarty_test_none"
	silent.Host = "127.0.0.1:1"
	for _, c := range []struct {
		name string
		url  url.URL
		want []string
	}{
		{"wrong password", wrong, []string{"Access denied"}},
		{"no such database", missing, []string{"omarty_test_none", "Unknown database"}},
		{"not reachable", silent, []string{"cannot be reached", "127.0.0.1:1", "connection refused"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t, "OMARTY_DATABASE_URL="+c.url.String())
			p.write(t, "register.yaml", fixture(t))
			for _, command := range []string{"serve", "migrate", "migrate --status", "import register.yaml"} {
				p.run(t, strings.Fields(command)...).wantExit(t, exitFailure, c.want...)
			}
		})
	}
	t.Run("newer schema", func(t *testing.T) {
		p := newPlace(t, "OMARTY_DATABASE_URL="+good.String())
		p.run(t, "migrate").wantExit(t, 0)
		if _, err := tables.Open(t, good.String()).ExecContext(t.Context(),
			"INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)"); err != nil {
			t.Fatal(err)
		}
		p.run(t, "serve").wantExit(t, exitFailure, "newer version of this program")
	})
}

// Servers that start at the same moment on an empty database all come up, on one schema.
func TestProgramStartTogether(t *testing.T) {
	database := databases.MariaDB.NewDatabase(t)
	p := newPlace(t, "OMARTY_DATABASE_URL="+database)
	p.write(t, "register.yaml", fixture(t))
	var servers []*process
	for range 4 {
		servers = append(servers, p.start(t, "serve", "--import", "register.yaml"))
	}
	var answers []string
	for _, o := range servers {
		s := service{url: o.url(t)}
		answers = append(answers, send(t, s.request(t.Context(), t, 7, goodForm)).body)
	}
	// They answer in turn, so the first registers.
	if want := []string{registered, alreadyRegistered, alreadyRegistered, alreadyRegistered}; !slices.Equal(answers, want) {
		t.Errorf("answers: %v", answers)
	}
	rowsOf(t, database)
	var twice int
	if err := tables.Open(t, database).QueryRowContext(t.Context(),
		"SELECT COUNT(*) - COUNT(DISTINCT version_id) FROM goose_db_version").Scan(&twice); err != nil || twice != 0 {
		t.Errorf("%d migrations were applied twice (%v)", twice, err)
	}
	for _, o := range servers {
		o.stop(t)
	}
}
