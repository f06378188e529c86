package e2e_test

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"omarty.net/registry/test/tables"
)

var momentPattern = regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d:\d\d`)

// rows returns the lines of a table with one space between columns and WHEN in the place of a time.
func tableRows(text string) (rows []string) {
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(momentPattern.ReplaceAllString(line, "WHEN")), " "); line != "" {
			rows = append(rows, line)
		}
	}
	return rows
}

// placeWithLedger is a place whose block 1 has nine changes: an import, two registrations by a running server, and an import that has
// changed what the first one brought.
func placeWithLedger(t *testing.T, at func(*testing.T) place) (place, *process) {
	t.Helper()
	p := at(t)
	p.write(t, "odd.json", oddRegister())
	p.write(t, "moved.yaml", []byte("apartments:\n- {id: 3, block: 1, floor: 4, number: 14}\n- {id: 4, block: 1, floor: 4, number: 15, status: retired}\n"))
	p.run(t, "import", "odd.json").wantPrinted(t, "added")
	p.run(t, "import", "moved.yaml").wantPrinted(t, "2 changed")
	server := p.serve(t)
	s := service{url: server.url(t)}
	for _, form := range []string{"floorNum=-2&aptNum=7", "floorNum=10&aptNum=1001&longitude=31.2&latitude=30.1"} {
		r := s.request(t.Context(), t, 1, "api=CreateApartment&blockId=1&apartmentId=1&"+form)
		r.Header.Set("X-Request-Id", "-ticket-4711")
		if got := send(t, r); got.body != registered {
			t.Fatal(got.body)
		}
	}
	return p, server
}

// Whoever runs the register sees who changed what, beside a running server.
func TestProgramLedger(t *testing.T) {
	all := []string{
		`1 WHEN 1 imported 1 on floor -20 - import`,
		`2 WHEN 2 imported 999999 on floor 300 - import`,
		`3 WHEN 3 imported 12 on floor 3 - import`,
		`4 WHEN 4 imported 14 on floor 4 - import`,
		`5 WHEN 5 imported 12 on floor -1, retired - import`,
		`6 WHEN 3 12 -> 14, floor 3 -> 4 - import`,
		`7 WHEN 4 retired 14 -> 15 - import`,
		`8 WHEN 7 registered 7 on floor -2 1 app -ticket-4711`,
		`9 WHEN 8 registered 1001 on floor 10 1 app -ticket-4711`,
	}
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			p, server := placeWithLedger(t, engine.at)
			const more = " There is more before: --all prints all."
			for args, want := range map[string][]string{
				"":                                  all,
				"--all":                             all,
				"--after 7":                         all[7:],
				"--after 7 --all":                   all[7:],
				"--after 9":                         nil,
				"--last 9":                          all,
				"--last 2":                          append([]string{more}, all[7:]...),
				"--last 2 --after 6":                append([]string{more}, all[7:]...),
				"--apartment 3":                     {all[2], all[5]},
				"--apartment 6":                     nil, // it is in another block
				"--by 1":                            all[7:],
				"--by 1 --last 1":                   append([]string{more}, all[8]),
				"--since 10m":                       all,
				"--until 10m":                       nil,
				"--since 2020-01-01 --until 1h":     nil,
				"--since 2020-01-01T10:00 --by 1":   all[7:],
				"--since 2020-01-01T10:00:00+02:00": all,
			} {
				t.Run(args, func(t *testing.T) {
					wanted := []string{`Block 1, "Block \"4\"". Times are in UTC.`}
					if len(want) > 0 && want[0] == more {
						wanted[0] += more
						want = want[1:]
					}
					if want == nil {
						wanted = append(wanted, "No changes.")
					} else {
						wanted = append(append(wanted, "SEQ WHEN APT WHAT BY SOURCE REQUEST"), want...)
					}
					got := p.run(t, append([]string{"ledger", "--block", "1"}, strings.Fields(args)...)...)
					got.wantExit(t, 0)
					if rows := tableRows(got.stdout.String()); strings.Join(rows, "\n") != strings.Join(wanted, "\n") {
						t.Errorf("printed\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(wanted, "\n"))
					}
				})
			}
			p.run(t, "ledger", "--block", "404").wantExit(t, exitFailure, "block 404 is not there")
			server.stop(t)
		})
	}
}

// Programs get all there is: an object a line with REST's words, or a table for a spreadsheet.
func TestProgramLedgerFormats(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			p, server := placeWithLedger(t, engine.at)
			server.stop(t)
			lines := strings.Split(strings.TrimSpace(p.run(t, "ledger", "--block", "1", "--format", "json", "--after", "5").stdout.String()), "\n")
			if len(lines) != 4 {
				t.Fatalf("%q", lines)
			}
			varies := regexp.MustCompile(`"(changeSetId|at)":"[0-9a-f-]{36}"|"at":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`)
			for i, want := range map[int]string{
				1: `{"sequence":7,X,"kind":"import","apartmentId":4,"before":{"floor":4,"number":14,"status":"registered"},"after":{"floor":4,"number":15,"status":"retired"},` +
					`"by":null,"throughApartmentId":null,X,"location":null,"source":"import","requestId":null}`,
				3: `{"sequence":9,X,"kind":"register","apartmentId":8,"before":null,"after":{"floor":10,"number":1001,"status":"registered"},` +
					`"by":1,"throughApartmentId":1,X,"location":{"longitude":31.2,"latitude":30.1},"source":"app","requestId":"-ticket-4711"}`,
			} {
				if got := varies.ReplaceAllString(lines[i], "X"); got != want || !json.Valid([]byte(lines[i])) {
					t.Errorf("a line is\n%s\nwant\n%s", got, want)
				}
			}
			sheet := p.run(t, "ledger", "--block", "1", "--format", "csv", "--all").stdout.String()
			rows := strings.Split(momentPattern.ReplaceAllString(sheet, "WHEN"), "\r\n")
			if len(rows) != 11 || !strings.HasPrefix(rows[0], "\ufeffsequence,at (UTC),kind,apartment,floor before,") {
				t.Fatalf("%q", rows)
			}
			for i, want := range map[int]string{
				6: "6,WHEN,import,3,3,12,registered,4,14,registered,,,,,import,,",
				9: "9,WHEN,register,8,,,,10,1001,registered,1,1,31.2,30.1,app,'-ticket-4711,",
			} {
				if !strings.HasPrefix(rows[i], want) || len(rows[i]) != len(want)+36 {
					t.Errorf("row %d is %q", i, rows[i])
				}
			}
		})
	}
}

// A terminal gets lines of its width, and nothing that it would obey.
func TestProgramLedgerOnTerminal(t *testing.T) {
	script := tool(t, "script")
	p, server := placeWithLedger(t, engines[0].at)
	server.stop(t)
	db := tables.Open(t, p.database())
	for _, statement := range []string{
		"UPDATE changes SET request_id = char(27) || '[2J' || char(155) || '2K' || char(10), source = char(27) || 'c' WHERE sequence = 9",
		"UPDATE blocks SET name = char(27) || ']0;pwned' || char(7) || char(8238) || 'abc' WHERE id = 1",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"table", "json", "csv"} {
		terminal := exec.Command(script, "-qec", "stty cols 80; "+path+" ledger --block 1 --format "+format, "/dev/null")
		terminal.Dir, terminal.Env = p.folder, p.variables
		seen, err := terminal.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, seen)
		}
		if strings.ContainsAny(string(seen), "\x1b\u009b\a\u202e") {
			t.Errorf("as %s a terminal gets %q", format, seen)
		}
		if format != "table" {
			continue
		}
		for line := range strings.SplitSeq(string(seen), "\r\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%d columns: %s", len([]rune(line)), line)
			}
		}
		if !strings.Contains(string(seen), "registered 7 on floor -2") {
			t.Errorf("it does not say what happened: %q", seen)
		}
	}
}
