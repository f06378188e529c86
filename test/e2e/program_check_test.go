package e2e_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// wantChecked checks the exit code of omarty check, that its list has each of the texts, and that it is told once.
func (p place) wantChecked(t *testing.T, code int, texts ...string) {
	t.Helper()
	got := p.run(t, "check")
	got.wantExit(t, code)
	said := strings.Join(strings.Fields(got.stdout.String()), " ")
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("it does not say %q:\n%s", text, got.stdout)
		}
	}
	if got.stderr.String() != "" {
		t.Errorf("stderr: %s", got.stderr)
	}
}

// Check says what serve would meet, part by part, and changes nothing.
func TestProgramCheck(t *testing.T) {
	p := newPlace(t)
	p.wantChecked(t, 0, "configuration ok", "keys ok 1 key", "database ok", "omarty.db is not there: serve makes an empty one")
	if files := p.files(t); len(files) > 0 {
		t.Errorf("it made %v", files)
	}
	p.with("OMARTY_DATABASE_URL=memory:").wantChecked(t, 0, "database ok kept in memory")

	path := migrated(t, p)
	before, files := read(t, path), p.files(t)
	p.wantChecked(t, 0, "database ok", "can be read and written, its schema is current")
	p.run(t, "migrate", "--status").wantPrinted(t, "00001_register.sql")
	if after := read(t, path); after != before || !slices.Equal(p.files(t), files) {
		t.Errorf("it changed the register, or the files beside it: %v, then %v", files, p.files(t))
	}
	server := p.serve(t)
	p.wantChecked(t, 0, "database ok")
	server.stop(t)
}

// What is wrong is told of every part at once, with the exit code of the worst.
func TestProgramCheckFindsFaults(t *testing.T) {
	p := newPlace(t)
	p.write(t, "omarty.yaml", []byte("log:\n  level: loud\n"))
	p.with("OMARTY_CONFIG=omarty.yaml").wantChecked(t, exitUsage, `configuration WRONG omarty.yaml:2: log.level must be debug, info, warn or error, not "loud"`)

	broken := p.with("OMARTY_AUTH_JWKS_FILE=none.json", "OMARTY_AUTH_HS256_SECRET=", "OMARTY_DATABASE_URL=sqlite://none/omarty.db")
	broken.wantChecked(t, exitUsage, "configuration ok", `keys WRONG auth.jwks_file: "none.json" cannot be read`,
		"database WRONG database none/omarty.db cannot be made, its folder has to be there first")
	p.with("OMARTY_DATABASE_URL=sqlite://none/omarty.db").wantChecked(t, exitFailure, "keys ok", "database WRONG")
	p.with("OMARTY_DATABASE_URL=mysql://omarty:hunter2-hunter2@127.0.0.1:1/n").wantChecked(t, exitFailure, "database WRONG database n on 127.0.0.1:1 cannot be reached")
	p.with("OMARTY_DATABASE_URL=mysql://omarty:hunter2-hunter2@127.0.0.1:1/n?x=y").wantChecked(t, exitUsage, "database WRONG database.url", `unknown option "x"`)

	path := migrated(t, p)
	newer(t, "sqlite", "file:"+path)
	p.wantChecked(t, exitFailure, "database WRONG", "newer version of this program")
	content := []byte(read(t, path))
	clear(content[len(content)/2:])
	p.write(t, "omarty.db", content)
	p.wantChecked(t, exitFailure, "database WRONG database omarty.db is damaged")
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A file that may not be written is found, by a user whom files can refuse.
func TestProgramCheckReadOnlyFile(t *testing.T) {
	p := newPlace(t)
	path := migrated(t, p)
	program, err := program()
	if err != nil {
		t.Fatal(err)
	}
	command := []string{program, "check"}
	if os.Getuid() == 0 { // whom files do not refuse
		command = append([]string{tool(t, "setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"}, command...)
		for _, folder := range []string{filepath.Dir(p.folder), p.folder, programFolder} {
			if err := os.Chmod(folder, 0o777); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	check := exec.Command(command[0], command[1:]...)
	check.Dir, check.Env = p.folder, p.variables
	said, err := check.Output()
	if err == nil || check.ProcessState.ExitCode() != exitFailure || !strings.Contains(string(said), "omarty.db cannot be written by this user") {
		t.Errorf("%v:\n%s", err, said)
	}
}

// On MySQL, check tells a schema that is not there yet, one that is current, a user who may read alone, and a server that
// takes no writes.
func TestProgramCheckMySQL(t *testing.T) {
	for _, engine := range databases.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			address := engine.NewDatabase(t)
			p := newPlace(t, "OMARTY_DATABASE_URL="+address)
			p.wantChecked(t, 0, "database ok", "serve applies", "00001_blocks.sql")
			p.run(t, "migrate").wantExit(t, 0)
			p.wantChecked(t, 0, "database ok", "its schema is current")

			reader, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(reader.Path, "/")
			user := "'reader_" + name[len(name)-8:] + "'@'%'"
			db := tables.Open(t, address)
			for _, statement := range []string{"CREATE USER " + user + " IDENTIFIED BY 'reads-alone'", "GRANT SELECT ON " + name + ".* TO " + user} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			reader.User = url.UserPassword("reader_"+name[len(name)-8:], "reads-alone")
			p.with("OMARTY_DATABASE_URL="+reader.String()).wantChecked(t, exitFailure, "database WRONG", "cannot be written by this user", "INSERT")
			if _, err := db.ExecContext(t.Context(), "DROP USER "+user); err != nil {
				t.Error(err)
			}
		})
	}
}
