package e2e_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

// Help is on stdout, says what there is, and is not wider than a terminal.
func TestProgramHelp(t *testing.T) {
	for args, want := range map[string]string{
		"":                "omarty serve --demo",
		"--help":          "backup check completion export health help import ledger migrate serve token version --config",
		"help":            "Available Commands",
		"help serve":      "--import",
		"serve --help":    "--demo --import OMARTY_AUTH_HS256_SECRET_FILE SIGTERM",
		"migrate --help":  "--status",
		"import --help":   "omarty import FILE banned",
		"export --help":   "omarty export FILE --block --format --force stdout",
		"ledger --help":   "--block --apartment --by --after --since --until --last --all --format",
		"backup --help":   "omarty backup FILE restore",
		"health --help":   "--url 3 seconds",
		"check --help":    "changes nothing --config",
		"token --help":    "--user --ttl --kid",
		"version --help":  "omarty version",
		"completion":      "bash zsh fish powershell",
		"completion -h":   "bash zsh fish powershell",
		"help completion": "bash zsh fish powershell",
	} {
		t.Run(args, func(t *testing.T) {
			got := newPlace(t).run(t, strings.Fields(args)...)
			got.wantExit(t, 0)
			for word := range strings.FieldsSeq(want) {
				if !strings.Contains(got.stdout.String(), word) {
					t.Errorf("help does not say %q:\n%s", word, got.stdout)
				}
			}
			for line := range strings.Lines(got.stdout.String()) {
				if len(line) > 100 {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
			if got.stderr.String() != "" {
				t.Error("help is on stderr")
			}
		})
	}
}

// Wrong use is answered with exit code 2 and a hint, and does nothing.
func TestProgramWrongUse(t *testing.T) {
	for args, want := range map[string]string{
		"nope":                           `unknown command "nope"`,
		"serv":                           "Did you mean this? serve",
		"help nope":                      `unknown command "nope"`,
		"help serve nope":                `unknown command "nope"`,
		"completion tcsh":                `unknown command "tcsh"`,
		"--nope":                         "unknown flag: --nope",
		"serve --nope":                   "unknown flag: --nope",
		"serve nope":                     `leave out "nope"`,
		"migrate nope":                   `leave out "nope"`,
		"check nope":                     `leave out "nope"`,
		"version nope":                   `leave out "nope"`,
		"token nope":                     `leave out "nope"`,
		"import":                         "one file, not 0",
		"import a b":                     "one file, not 2",
		"backup":                         "one file, not 0",
		"export":                         "one file, not 0",
		"export a b":                     "one file, not 2",
		"export a":                       "a does not end in .yaml, .json or .csv",
		"export a.xls":                   "a.xls does not end in .yaml, .json or .csv",
		"export --format xls a":          "must be yaml, json or csv",
		"export --block x a.yaml":        "must be a whole number above 0",
		"ledger":                         "--block 4",
		"ledger nope":                    `leave out "nope"`,
		"ledger --block 0":               "must be a whole number above 0",
		"ledger --block 4 --last 0":      "--last must be from 1 to 10000",
		"ledger --block 4 --after -1":    "--after must be 0 or above",
		"ledger --block 4 --since nope":  "must be a time in UTC such as 2026-11-24",
		"ledger --block 4 --since -2h":   "must be a time in UTC such as 2026-11-24",
		"ledger --block 4 --format yaml": "must be table, csv or json",
		"backup a b":                     "one file, not 2",
		"serve --demo --import a":        "leave out --import",
		"serve --config":                 "flag needs an argument",
		"token":                          "--user 7",
		"token --user 0":                 "must be a whole number above 0",
		"token --user -1":                "must be a whole number above 0",
		"token --user x":                 "must be a whole number above 0",
		"token --user 7 --ttl x":         `invalid duration "x"`,
		"token --user 7 --ttl 1ms":       "--ttl must be a second or longer",
	} {
		t.Run(args, func(t *testing.T) {
			p := newPlace(t)
			got := p.run(t, strings.Fields(args)...)
			got.wantExit(t, exitUsage, "omarty: ", "--help' to see how to use it.")
			if said := strings.Join(strings.Fields(got.stderr.String()), " "); !strings.Contains(said, want) {
				t.Errorf("stderr does not say %q", want)
			}
			if got.stdout.String() != "" || len(p.files(t)) > 0 {
				t.Errorf("it did something: %q, %v", got.stdout, p.files(t))
			}
		})
	}
}

func TestProgramVersion(t *testing.T) {
	p := newPlace(t)
	asCommand := p.run(t, "version")
	asCommand.wantPrinted(t, "omarty ")
	p.run(t, "--version").wantPrinted(t, asCommand.stdout.String())
}

func TestProgramCompletion(t *testing.T) {
	bash := tool(t, "bash")
	script := newPlace(t).run(t, "completion", "bash")
	script.wantPrinted(t, "complete")
	check := exec.Command(bash, "-n")
	check.Stdin = strings.NewReader(script.stdout.String())
	if output, err := check.CombinedOutput(); err != nil {
		t.Errorf("bash does not accept the script: %v\n%s", err, output)
	}
	newPlace(t).run(t, "__complete", "").wantPrinted(t, "serve\tRun the server")
}

// A token that the program mints lets its user in.
func TestProgramToken(t *testing.T) {
	p := newPlace(t, "OMARTY_DATABASE_URL=memory:")
	s := service{url: p.serve(t).url(t)}
	for _, user := range []domain.UserID{7, 1<<63 - 1} {
		minted := p.run(t, "token", "--user", strconv.FormatInt(int64(user), 10), "--ttl", "1m")
		minted.wantPrinted(t, "\n")
		r := s.request(t.Context(), t, user, goodForm)
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(minted.stdout.String()))
		if got := send(t, r); got.body != message(http.StatusOK, "User does not have permissions in this block.") {
			t.Errorf("the token does not work: %s", got.body)
		}
	}
	p.with("OMARTY_AUTH_HS256_SECRET=").run(t, "token", "--user", "7").wantExit(t, exitUsage, "OMARTY_AUTH_HS256_SECRET", "head -c 32")
}

// With --kid, a token is signed with the secret that the key set has under that id, and names it.
func TestProgramTokenWithKid(t *testing.T) {
	const secrets = `{"keys":[{"kty":"oct","kid":"2026","k":%q},{"kty":"oct","kid":"2027","k":%q}]}`
	p := newPlace(t, "OMARTY_DATABASE_URL=memory:", "OMARTY_AUTH_HS256_SECRET=", "OMARTY_AUTH_JWKS_FILE=keys.json")
	old, current := rand.Text()+rand.Text(), rand.Text()+rand.Text()
	encode := base64.RawURLEncoding.EncodeToString
	p.write(t, "keys.json", fmt.Appendf(nil, secrets, encode([]byte(old)), encode([]byte(current))))
	minted := p.run(t, "token", "--user", "7", "--kid", "2027")
	minted.wantPrinted(t, "\n")
	s := service{url: p.serve(t).url(t)}
	r := s.request(t.Context(), t, 7, goodForm)
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(minted.stdout.String()))
	if got := send(t, r); got.body != message(http.StatusOK, "User does not have permissions in this block.") {
		t.Errorf("the token does not work: %s", got.body)
	}
	other := p.run(t, "token", "--user", "7", "--kid", "2025")
	other.wantExit(t, exitFailure, `keys.json: the JWK set has no secret (kty oct) with the id (kid) "2025": it has "2026", "2027"`)
	p.with("OMARTY_AUTH_JWKS_FILE=").run(t, "token", "--user", "7", "--kid", "2027").wantExit(t, exitUsage, "OMARTY_AUTH_JWKS_FILE")
	p.with("OMARTY_AUTH_JWKS_FILE=none.json").run(t, "token", "--user", "7", "--kid", "2027").wantExit(t, exitUsage, `"none.json" cannot be read`)
}
