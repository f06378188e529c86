package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

func fixture(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/fixture.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// fixtureInJSON returns the fixture as JSON.
func fixtureInJSON(t *testing.T) []byte {
	t.Helper()
	var register map[string][]map[string]any
	if err := yaml.Unmarshal(fixture(t), &register); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(register, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestProgramImport(t *testing.T) {
	for _, store := range []struct {
		name string
		url  func(t *testing.T, p place) string
	}{
		{"SQLite", func(_ *testing.T, p place) string { return p.database() }},
		{"MariaDB", func(t *testing.T, _ place) string { return databases.MariaDB.NewDatabase(t) }},
		{"MySQL", func(t *testing.T, _ place) string { return databases.MySQL.NewDatabase(t) }},
	} {
		t.Run(store.name, func(t *testing.T) {
			p := newPlace(t)
			database := store.url(t, p)
			p = p.with("OMARTY_DATABASE_URL=" + database)
			p.write(t, "register.yaml", fixture(t))
			p.write(t, "register.json", fixtureInJSON(t))
			p.write(t, "dismissed.yaml", []byte("memberships:\n- {user: 7, block: 4, apartment: 1, role: manager, status: banned}\n"))
			p.run(t, "import", "register.json").wantPrinted(t, "Imported register.json: 22 added, 0 changed, 0 unchanged.\n")
			p.run(t, "import", "register.yaml").wantPrinted(t, "Imported register.yaml: 0 added, 0 changed, 22 unchanged.\n")
			p.run(t, "import", "dismissed.yaml").wantPrinted(t, "0 added, 1 changed, 0 unchanged")
			server := p.serve(t, "--import", "register.yaml")
			server.wantSaid(t, "msg=imported added=0 changed=1 unchanged=21")
			s := service{url: server.url(t)}
			if got := send(t, s.request(t.Context(), t, 7, goodForm)); got.body != registered {
				t.Errorf("the manager is answered %s", got.body)
			}
			rowsOf(t, database)
			server.stop(t)
		})
	}
}

// With --check, an import prints what it would do, beside a running server, and does none of it.
func TestProgramImportCheck(t *testing.T) {
	for _, store := range []struct {
		name string
		url  func(t *testing.T, p place) string
	}{
		{"SQLite", func(_ *testing.T, p place) string { return p.database() }},
		{"MariaDB", func(t *testing.T, _ place) string { return databases.MariaDB.NewDatabase(t) }},
	} {
		t.Run(store.name, func(t *testing.T) {
			p := newPlace(t)
			p = p.with("OMARTY_DATABASE_URL=" + store.url(t, p))
			p.write(t, "register.yaml", fixture(t))
			p.write(t, "next.yaml", []byte("blocks:\n- {id: 40, name: Palm Tower, status: active}\n"+
				"memberships:\n- {user: 7, block: 4, apartment: 1, role: manager, status: banned}\n"))
			p.write(t, "bad.yaml", []byte("memberships:\n- {user: 7, block: 404, role: manager, status: active}\n"))
			if store.name == "SQLite" {
				p.run(t, "import", "--check", "register.yaml").wantPrinted(t, "register.yaml: 22 to add, 0 to change, 0 unchanged. Nothing was written.\nadd ")
				if files := p.files(t); slices.Contains(files, "omarty.db") {
					t.Errorf("it made %v", files)
				}
			} else {
				p.run(t, "import", "--check", "register.yaml").wantExit(t, exitFailure, "migrations are missing")
			}
			p.run(t, "import", "register.yaml").wantPrinted(t, "22 added")
			server := p.serve(t)
			before := rowsOf(t, p.url())
			checked := p.run(t, "import", "--check", "next.yaml")
			checked.wantPrinted(t, "next.yaml: 1 to add, 1 to change, 0 unchanged. Nothing was written.\n")
			for _, line := range []string{`add block 40 "Palm Tower", active`, "change user 7 as manager of block 4 through apartment 1 banned, was active"} {
				if said := strings.Join(strings.Fields(checked.stdout.String()), " "); !strings.Contains(said, line) {
					t.Errorf("it does not say %q:\n%s", line, checked.stdout)
				}
			}
			p.run(t, "import", "--check", "bad.yaml").wantExit(t, exitFailure, "bad.yaml would not be imported:", "line 2: ", "block 404 does not exist")
			if after := rowsOf(t, p.url()); !reflect.DeepEqual(after, before) {
				t.Error("the register has changed")
			}
			server.stop(t)
			empty := newPlace(t)
			empty.write(t, "large.yaml", largeRegister(1))
			empty.run(t, "import", "--check", "large.yaml").wantPrinted(t, "and 951 more\n")
		})
	}
}

// url returns the database that the variables name.
func (p place) url() string {
	for _, v := range slices.Backward(p.variables) {
		if url, found := strings.CutPrefix(v, "OMARTY_DATABASE_URL="); found {
			return url
		}
	}
	return p.database()
}

// wantSaid checks what a program that still runs has written to stderr.
func (o *process) wantSaid(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(o.stderr.String(), text) {
		t.Errorf("stderr does not say %q", text)
	}
}

// A file that is no register is refused before a database is made.
func TestProgramImportNoRegister(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"none", "", "none.yaml cannot be read: no such file or directory"},
		{"bad YAML", "blocks:\n  - {id: 4\n  - [", "bad.yaml: line "},
		{"bad JSON", "{\"blocks\": [\n}", "bad.yaml: line 2: not valid JSON"},
		{"no rows", "# nothing\n", "bad.yaml: the file has no rows"},
		{"not text", "\xff\xfe\x00", "save it as UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			name := "bad.yaml"
			if c.content == "" {
				name = "none.yaml"
			} else {
				p.write(t, name, []byte(c.content))
			}
			for _, command := range []string{"import ", "serve --import "} {
				p.run(t, strings.Fields(command+name)...).wantExit(t, exitFailure, c.want)
			}
			for _, file := range p.files(t) {
				if file != name {
					t.Errorf("%s was made", file)
				}
			}
		})
	}
}

// Every fault of a file is named by its line, and nothing of the file is kept.
func TestProgramImportFaults(t *testing.T) {
	p := newPlace(t)
	migrated(t, p)
	var file strings.Builder
	var want []string
	file.WriteString("blocks:\n- {id: 40, name: Good, status: active}\napartments:\n")
	for i := range 60 { // from line 4: every other one is wrong, in one of three ways
		floor, block := 1, 40
		if i%2 == 1 {
			switch i % 3 {
			case 0:
				floor = 999
			case 1:
				block = 404
			case 2:
				floor = -21
			}
			want = append(want, fmt.Sprintf("\n  line %d: ", i+4))
		}
		fmt.Fprintf(&file, "- {id: %d, block: %d, floor: %d, number: %d}\n", 1000+i, block, floor, i+1)
	}
	// What is wrong with the rows that can be read is told of a file in which all can be.
	readable := strings.NewReplacer("floor: 999", "floor: 9", "floor: -21", "floor: 2").Replace(file.String())
	p.write(t, "readable.yaml", []byte(readable))
	p.write(t, "unreadable.yaml", []byte(strings.ReplaceAll(file.String(), "block: 404", "block: x")))
	before := rowsOf(t, p.database())
	p.run(t, "import", "unreadable.yaml").wantExit(t, exitFailure, append(want, "unreadable.yaml was not imported:")...)
	// A reference to nothing is told beside rows that cannot be read.
	p.write(t, "both.yaml", []byte(file.String()))
	p.run(t, "import", "both.yaml").wantExit(t, exitFailure, append(want, "block 404 does not exist")...)
	for _, args := range [][]string{{"import", "readable.yaml"}, {"serve", "--import", "readable.yaml"}} {
		p.run(t, args...).wantExit(t, exitFailure, "readable.yaml was not imported:", "block 404 does not exist")
	}
	after := rowsOf(t, p.database())
	if len(after.Blocks) != len(before.Blocks) || len(after.Apartments) != len(before.Apartments) {
		t.Error("a part of the file was imported")
	}
}

// largeRegister returns a register file of blocks with 1000 apartments each.
func largeRegister(blocks int) []byte {
	var file strings.Builder
	file.WriteString("blocks:\n")
	for block := range blocks {
		fmt.Fprintf(&file, "- {id: %d, status: active}\n", block+1)
	}
	file.WriteString("apartments:\n")
	for i := range blocks * 1000 {
		fmt.Fprintf(&file, "- {id: %d, block: %d, floor: %d, number: %d}\n", i+1, i/1000+1, i%100, i%1000+1)
	}
	return []byte(file.String())
}

func TestProgramLargeImport(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 apartments take several seconds")
	}
	p := newPlace(t)
	p.write(t, "large.yaml", largeRegister(100))
	p.run(t, "import", "large.yaml").wantPrinted(t, "100100 added, 0 changed, 0 unchanged")
	var apartments int
	if err := tables.Open(t, p.database()).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM apartments").Scan(&apartments); err != nil || apartments != 100_000 {
		t.Errorf("%d apartments (%v)", apartments, err)
	}
}

// A person at a terminal sees how far a large import is; a file or a pipe gets none of that.
func TestProgramImportProgress(t *testing.T) {
	script := tool(t, "script")
	p := newPlace(t)
	p.write(t, "large.yaml", largeRegister(6))
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	terminal := exec.Command(script, "-qec", path+" import large.yaml", "/dev/null")
	terminal.Dir, terminal.Env = p.folder, p.variables
	seen, err := terminal.CombinedOutput()
	if err != nil || !strings.Contains(string(seen), "\rImporting: 6006 of 6006 rows\r\nImported large.yaml: 6006 added") {
		t.Errorf("on a terminal: %q (%v)", seen, err)
	}
	piped := newPlace(t)
	piped.write(t, "large.yaml", largeRegister(6))
	got := piped.run(t, "import", "large.yaml")
	got.wantPrinted(t, "6006 added")
	if strings.Contains(got.stderr.String(), "Importing") {
		t.Error("progress is shown to nobody")
	}
}
