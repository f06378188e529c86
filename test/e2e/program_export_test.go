package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
)

// oddNames are names of blocks that a file or a spreadsheet may take for something else.
var oddNames = []string{
	`Block "4"`, "", "4", "null", "it's: {a} # b", "two\nlines", "برج النيل", "a\u2028b\u0085c\u200f", "👩‍🚒", "\x1b[2J\x7f", "=1+1", "+1", "-1", "@a", "\t=1",
}

// oddRegister is a register file with odd names, basements, retired apartments, and every role and status. User 1 manages block 1.
func oddRegister() []byte {
	var file strings.Builder
	file.WriteString(`{"blocks": [`)
	for i, name := range oddNames {
		fmt.Fprintf(&file, `%s{"id": %d, "name": %s, "status": %q}`, strings.Repeat(",", min(i, 1)), i+1, escapedText(name), []string{"active", "suspended"}[i%2])
	}
	fmt.Fprintf(&file, `], "apartments": [{"id": 1, "block": 1, "floor": %d, "number": %d}, {"id": 2, "block": 1, "floor": %d, "number": %d},
		{"id": 3, "block": 1, "floor": 3, "number": 12}, {"id": 4, "block": 1, "floor": 4, "number": 14}, {"id": 5, "block": 1, "floor": -1, "number": 12, "status": "retired"},
		{"id": 6, "block": 2, "floor": 0, "number": 12}], "memberships": [{"user": 1, "block": 1, "apartment": 1, "role": "manager", "status": "active"}`,
		domain.MinFloor, domain.MinNumber, domain.MaxFloor, domain.MaxNumber)
	for i, role := range []string{"manager", "board_member", "cashier", "resident", "watchman"} {
		for j, status := range []string{"pending", "active", "banned"} {
			fmt.Fprintf(&file, `,{"user": %d, "block": 2, "apartment": %s, "role": %q, "status": %q}`, 10*i+j+2, []string{"6", "null"}[j%2], role, status)
		}
	}
	file.WriteString("]}")
	return []byte(file.String())
}

// escapedText returns a text with all that is not ASCII or a letter, say, escaped.
func escapedText(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, r := range text {
		switch {
		case r > 0xffff:
			quoted.WriteRune(r)
		default:
			fmt.Fprintf(&quoted, `\u%04x`, r)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}

// read reads a file of the place.
func (p place) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// engines are databases that the program can be moved between.
var engines = []struct {
	name string
	at   func(t *testing.T) place
}{
	{"SQLite", func(t *testing.T) place { return newPlace(t) }},
	{"MariaDB", func(t *testing.T) place {
		return newPlace(t, "OMARTY_DATABASE_URL="+databases.MariaDB.NewDatabase(t))
	}},
}

// An export is what import reads: importing it changes nothing, and into an empty database it brings the register, whose export is the
// same file. It is made beside a running server, which has written since the import.
func TestProgramExport(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			p := engine.at(t)
			p.write(t, "odd.json", oddRegister())
			p.run(t, "import", "odd.json").wantPrinted(t, "37 added")
			server := p.serve(t)
			s := service{url: server.url(t)}
			if got := send(t, s.request(t.Context(), t, 1, "api=CreateApartment&floorNum=-2&aptNum=7&blockId=1&apartmentId=1")); got.body != registered {
				t.Fatal(got.body)
			}
			p.run(t, "export", "all.yaml").wantPrinted(t, "Wrote all.yaml: 15 blocks, 7 apartments, 16 memberships.\n")
			p.run(t, "export", "all.json").wantPrinted(t, "Wrote all.json: 15 blocks, 7 apartments, 16 memberships.\n")
			p.run(t, "export", "--block", "2", "--block", "1", "part.yaml").wantPrinted(t, "Wrote part.yaml: 2 blocks, 7 apartments, 16 memberships.\n")
			for name, rows := range map[string]int{"all.yaml": 38, "all.json": 38, "part.yaml": 25} {
				p.run(t, "import", "--check", name).wantPrinted(t, fmt.Sprintf("%s: 0 to add, 0 to change, %d unchanged.", name, rows))
			}
			stdout := p.run(t, "export", "-")
			stdout.wantPrinted(t, p.read(t, "all.yaml"))
			p.run(t, "export", "--format", "json", "-").wantPrinted(t, p.read(t, "all.json"))
			if info, err := os.Stat(filepath.Join(p.folder, "all.yaml")); err != nil || info.Mode() != 0o600 {
				t.Errorf("all.yaml: %v, %v", info, err)
			}
			server.stop(t)
			for _, name := range []string{"all.yaml", "all.json"} {
				p.run(t, "import", name).wantPrinted(t, "0 added, 0 changed, 38 unchanged")
				for _, other := range engines {
					moved := other.at(t)
					moved.write(t, name, []byte(p.read(t, name)))
					moved.run(t, "import", name).wantPrinted(t, "38 added, 0 changed, 0 unchanged")
					again := moved.run(t, "export", "--format", strings.TrimPrefix(name, "all."), "-")
					if again.wantExit(t, 0); again.stdout.String() != p.read(t, name) {
						t.Errorf("moved to %s, its export is another:\n%s", other.name, again.stdout)
					}
				}
			}
		})
	}
}

// A spreadsheet gets apartments in rows, and nothing that it would run.
func TestProgramExportCSV(t *testing.T) {
	p := newPlace(t)
	p.write(t, "odd.json", oddRegister())
	p.run(t, "import", "odd.json").wantPrinted(t, "added")
	p.run(t, "export", "all.CSV").wantPrinted(t, "Wrote all.CSV: 6 apartments.\n")
	lines := strings.Split(p.read(t, "all.CSV"), "\r\n")
	if want := "\ufeffblock,block name,apartment,floor,number,status,registered by,registered at (UTC),changed at (UTC),version"; lines[0] != want || len(lines) != 8 {
		t.Errorf("it has the %d lines\n%q", len(lines), lines)
	}
	for i, begin := range []string{`1,"Block ""4""",1,-20,1,registered,,20`, `1,"Block ""4""",2,300,999999,registered,,20`} {
		if !strings.HasPrefix(lines[i+1], begin) {
			t.Errorf("a line is %q, not %q", lines[i+1], begin)
		}
	}
	p.write(t, "formulas.yaml", []byte("apartments:\n- {id: 10, block: 11, floor: 1, number: 1}\n- {id: 11, block: 15, floor: 1, number: 1}\n- {id: 12, block: 10, floor: 1, number: 1}\n"))
	p.run(t, "import", "formulas.yaml").wantPrinted(t, "3 added")
	p.run(t, "export", "--format", "csv", "-").wantPrinted(t, "11,'=1+1,10,")
	p.run(t, "export", "--block", "15", "--format", "csv", "-").wantPrinted(t, "15,'\t=1,11,")
	escapes := p.run(t, "export", "--block", "10", "--format", "csv", "-")
	escapes.wantPrinted(t, "10,\ufffd[2J\ufffd,12,1,1,")
}

// A file is written whole or not at all, and takes no other's place unasked.
func TestProgramExportFile(t *testing.T) {
	p := newPlace(t)
	p.run(t, "export", "all.yaml").wantExit(t, exitFailure, "omarty.db is not there")
	p.write(t, "register.yaml", fixture(t))
	p.run(t, "import", "register.yaml").wantPrinted(t, "22 added")
	before := p.files(t)
	p.run(t, "export", "register.yaml").wantExit(t, exitFailure, "register.yaml exists", "--force")
	p.run(t, "export", "--block", "4", "--block", "404", "all.yaml").wantExit(t, exitFailure, "block 404 is not there")
	p.run(t, "export", "nowhere/all.yaml").wantExit(t, exitFailure, "nowhere/all.yaml cannot be written: no such file or directory")
	if err := os.Symlink("register.yaml", filepath.Join(p.folder, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	p.run(t, "export", "--force", "link.yaml").wantExit(t, exitFailure, "link.yaml is there and is no file")
	if got := p.read(t, "register.yaml"); got != string(fixture(t)) {
		t.Error("a file was overwritten")
	}
	if now := slices.DeleteFunc(p.files(t), func(name string) bool { return name == "link.yaml" }); !slices.Equal(now, before) {
		t.Errorf("there is %q, and was %q", now, before)
	}
	p.run(t, "export", "--force", "register.yaml").wantPrinted(t, "Wrote register.yaml: 4 blocks, 5 apartments, 13 memberships.\n")
	p.run(t, "import", "register.yaml").wantPrinted(t, "0 added, 0 changed, 22 unchanged")
}

// A schema that another version has left is refused, and not migrated.
func TestProgramReadsNoOlderSchema(t *testing.T) {
	p := newPlace(t, "OMARTY_DATABASE_URL="+databases.MariaDB.NewDatabase(t))
	for _, args := range []string{"export all.yaml", "export -", "ledger --block 4"} {
		p.run(t, strings.Fields(args)...).wantExit(t, exitFailure, "migrations are missing: run omarty migrate")
	}
	p.run(t, "migrate", "--status").wantPrinted(t, "not yet")
	if files := p.files(t); len(files) > 0 {
		t.Errorf("there is %q", files)
	}
}
