package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// leakCommands returns the blocks of commands that OPERATIONS.md gives for a key that has leaked, for files of the place
// instead of the machine's. What is said to systemd, the tests do themselves.
func leakCommands(t *testing.T, p place) []string {
	t.Helper()
	text, err := os.ReadFile("../../OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "**If a key has leaked**")
	section, _, ended := strings.Cut(section, "\n## ")
	if !found || !ended {
		t.Fatal("OPERATIONS.md does not say what to do when a key has leaked")
	}
	var blocks []string
	for paragraph := range strings.SplitSeq(section, "\n\n") {
		if !strings.HasPrefix(paragraph, "    ") {
			continue
		}
		var commands []string
		for line := range strings.Lines(paragraph) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "systemctl ") && !strings.HasPrefix(line, "journalctl ") {
				commands = append(commands, line)
			}
		}
		blocks = append(blocks, strings.NewReplacer("/etc/omarty", p.folder, " -g omarty", "").Replace(strings.Join(commands, "\n")))
	}
	return blocks
}

func runCommands(t *testing.T, commands string) {
	t.Helper()
	if output, err := exec.Command("sh", "-euc", commands).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", commands, err, output)
	}
}

const leaked, other = "the secret that has leaked, of 32 bytes or more", "another secret, of 32 bytes or more, that has not"

// judged is what a server says of a token: yes or no.
func judged(t *testing.T, url, token string) bool {
	t.Helper()
	switch got := register(t, url, token, "api=CreateApartment"); got {
	case message(200, "Please enter floorNum."):
		return true
	case message(401, "Access token is not valid."):
		return false
	default:
		t.Fatal(got)
		return false
	}
}

// What OPERATIONS.md says of a leaked key of a set holds: its tokens are refused from the reload on, and after a restart.
func TestProgramLeakedKeyOfASet(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_AUTH_HS256_SECRET=", "OMARTY_AUTH_JWKS_FILE=keys.json", "OMARTY_ADMIN_ADDRESS=127.0.0.1:0")
	p.write(t, "keys.json", jwks("1", leaked))
	server := p.serve(t)
	token := tokenOf(t, 7, "1", leaked, nil)
	if !judged(t, server.url(t), token) {
		t.Fatal("the key is not in force")
	}
	runCommands(t, leakCommands(t, p)[0])
	server.signal(t, syscall.SIGHUP)
	server.printed(t, regexp.MustCompile(`level=INFO msg="keys replaced" keys=0`))
	server.printed(t, noKeyLeft)
	if judged(t, server.url(t), token) {
		t.Error("the leaked key still opens the door")
	}
	server.printed(t, regexp.MustCompile(`code=token_invalid .*reason="no key is configured"`))
	wantMetrics(t, server, `omarty_keys 0`)
	server.stop(t)

	server = p.serve(t)
	server.printed(t, noKeyLeft)
	if judged(t, server.url(t), token) {
		t.Error("after a restart, the leaked key opens the door")
	}
	p.write(t, "keys.json", jwks("2", other))
	server.signal(t, syscall.SIGHUP)
	server.printed(t, regexp.MustCompile(`level=INFO msg="keys replaced" keys=1`))
	if !judged(t, server.url(t), tokenOf(t, 7, "2", other, nil)) {
		t.Error("the new key is refused")
	}
	server.stop(t)
}

// So it does of the plain secret, which the program reads again by itself where its file is not a copy.
func TestProgramLeakedSecret(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_AUTH_HS256_SECRET=", "OMARTY_AUTH_HS256_SECRET_FILE=secret")
	p.write(t, "secret", []byte(leaked))
	server := p.serve(t)
	token := tokenOf(t, 7, "", leaked, nil)
	if !judged(t, server.url(t), token) {
		t.Fatal("the secret is not in force")
	}
	runCommands(t, leakCommands(t, p)[1])
	server.stop(t)
	server = p.serve(t)
	if judged(t, server.url(t), token) {
		t.Error("the leaked secret still opens the door")
	}
	p.write(t, "secret", []byte(other))
	server.printed(t, regexp.MustCompile(`msg="keys replaced" keys=1`))
	if !judged(t, server.url(t), tokenOf(t, 7, "", other, nil)) {
		t.Error("the new secret is refused")
	}
	server.stop(t)
}

// A file that is not there keeps its keys, which the log and a metric say; the leaked key of another file goes all the same.
func TestProgramKeyFileIsNotThere(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_AUTH_HS256_SECRET=", "OMARTY_AUTH_HS256_SECRET_FILE=secret", "OMARTY_AUTH_JWKS_FILE=keys.json",
		"OMARTY_ADMIN_ADDRESS=127.0.0.1:0")
	p.write(t, "secret", []byte(other))
	p.write(t, "keys.json", jwks("1", leaked))
	server := p.serve(t)
	url := server.url(t)
	of, plain := tokenOf(t, 7, "1", leaked, nil), tokenOf(t, 7, "", other, nil)
	wantMetrics(t, server, `omarty_key_reloads_total\{outcome="failed"\} 0`, `omarty_keys 2`)

	if err := os.Remove(filepath.Join(p.folder, "keys.json")); err != nil {
		t.Fatal(err)
	}
	server.signal(t, syscall.SIGHUP)
	server.printed(t, regexp.MustCompile(`level=ERROR msg="keys not replaced[^"]*" cause=".*auth.jwks_file: \\"keys.json\\" cannot be read`))
	wantMetrics(t, server, `omarty_key_reloads_total\{outcome="failed"\} [1-9]`, `omarty_key_last_reload_success_timestamp_seconds [1-9]`, `omarty_keys 2`)
	if !judged(t, url, of) || !judged(t, url, plain) {
		t.Error("a key whose file is not there is no longer in force")
	}

	if err := os.Remove(filepath.Join(p.folder, "secret")); err != nil {
		t.Fatal(err)
	}
	runCommands(t, leakCommands(t, p)[0])
	server.signal(t, syscall.SIGHUP)
	server.printed(t, regexp.MustCompile(`level=INFO msg="keys replaced" keys=1`))
	server.printed(t, regexp.MustCompile(`level=ERROR msg="keys not replaced[^"]*" cause="OMARTY_AUTH_HS256_SECRET_FILE`))
	if judged(t, url, of) || !judged(t, url, plain) {
		t.Error("a file that is not there holds up the other")
	}
	server.stop(t)
}

var noKeyLeft = regexp.MustCompile(`level=ERROR msg="there is no key: every token is refused`)
