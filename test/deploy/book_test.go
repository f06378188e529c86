package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"omarty.net/registry/adapters/jwtauth"
)

// block returns the commands of the operators' book from the line that begins with first up to the end of the block.
func block(t *testing.T, first string) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text(t, "OPERATIONS.md")) {
		command, isCommand := strings.CutPrefix(line, "    ")
		switch {
		case len(lines) == 0 && isCommand && strings.HasPrefix(strings.TrimSpace(command), first):
			lines = append(lines, command)
		case len(lines) > 0 && isCommand:
			lines = append(lines, command)
		case len(lines) > 0:
			return strings.Join(lines, "")
		}
	}
	t.Fatalf("no block begins with %q", first)
	return ""
}

// machine is a folder in which the commands of the book run: its own /etc, /var and /usr/local, and what only a whole
// system has, such as systemctl, noted down.
type machine struct{ folder, ran string }

func newMachine(t *testing.T) machine {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	m := machine{folder: t.TempDir()}
	m.ran = filepath.Join(m.folder, "ran")
	for _, folder := range []string{"bin", "etc/omarty", "usr/local/bin", "var/lib/omarty", "var/backups/omarty"} {
		if err := os.MkdirAll(filepath.Join(m.folder, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	noted := "#!/bin/sh\necho \"$(basename \"$0\") $*\" >> " + m.ran + "\n"
	for name, script := range map[string]string{
		"systemctl": noted, "sleep": noted,
		"runuser": noted + "shift 3\nexec \"$@\"\n", // -u omarty --
	} {
		write(t, filepath.Join(m.folder, name), script, 0o700)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(m.folder, "bin/omarty"), string(binary), 0o700)
	write(t, filepath.Join(m.folder, "usr/local/bin/omarty"), string(binary)+"old", 0o700)
	write(t, filepath.Join(m.folder, "etc/omarty/secret"), strings.Repeat("s", 32), 0o600)
	write(t, filepath.Join(m.folder, "etc/omarty/omarty.yaml"), "database: {url: 'sqlite://"+m.folder+"/var/lib/omarty/omarty.db'}\n", 0o600)
	return m
}

// run runs commands of the book, and returns what they printed and which commands of the system they ran.
func (m machine) run(t *testing.T, commands string) (output, ran string, err error) {
	t.Helper()
	here := regexp.MustCompile(`/(etc|usr/local|var)/`).ReplaceAllString(commands, m.folder+"/$1/")
	here = strings.ReplaceAll(here, " -g omarty ", " ") // a user who is not here
	bash := exec.Command("bash", "-c", here)
	bash.Dir = m.folder
	bash.Env = []string{"PATH=" + m.folder + ":" + m.folder + "/usr/local/bin:" + os.Getenv("PATH")}
	said, err := bash.CombinedOutput()
	noted, _ := os.ReadFile(m.ran)
	return string(said), string(noted), err
}

// The upgrade leaves a backup with its date, and stops where a command fails, with the old program in its place.
func TestUpgradeOfTheBook(t *testing.T) {
	upgrade := strings.ReplaceAll(block(t, "(set -e"), "omarty health", "true") // no server runs here
	m := newMachine(t)
	if output, _, err := m.run(t, "OMARTY_CONFIG=/etc/omarty/omarty.yaml omarty migrate"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if output, ran, err := m.run(t, upgrade); err != nil || !strings.HasSuffix(ran, "systemctl restart omarty\nsleep 2\n") {
		t.Fatalf("%v\n%s\n%s", err, output, ran)
	}
	backups, err := filepath.Glob(m.folder + "/var/backups/omarty/before-upgrade-20??-??-??-??????.db")
	if err != nil || len(backups) != 1 {
		t.Errorf("the backups are %v", backups)
	}

	for what, spoil := range map[string]string{
		"a configuration that the new program refuses": "echo 'log: {level: loud}' >> /etc/omarty/omarty.yaml",
		"a backup that fails":                          "rm -r /var/backups/omarty",
	} {
		m := newMachine(t)
		if output, _, err := m.run(t, "OMARTY_CONFIG=/etc/omarty/omarty.yaml omarty migrate && "+spoil); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		_, ran, err := m.run(t, upgrade)
		content, readError := os.ReadFile(m.folder + "/usr/local/bin/omarty")
		if err == nil || strings.Contains(ran, "systemctl") || readError != nil || !strings.HasSuffix(string(content), "old") {
			t.Errorf("%s: %v, it ran %s", what, err, ran)
		}
	}
}

// The rotation of the plain secret, as the book has it: tokens of both secrets pass in the middle, those of the new one at
// the end.
func TestRotationOfTheBook(t *testing.T) {
	m := newMachine(t)
	if output, _, err := m.run(t, block(t, "install -m 600 /dev/null /etc/omarty/secret.new")); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	set, err := os.ReadFile(m.folder + "/etc/omarty/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := jwtauth.ParseJWKS(set)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	both := "OMARTY_CONFIG=/etc/omarty/omarty.yaml OMARTY_AUTH_JWKS_FILE=/etc/omarty/keys.json OMARTY_AUTH_HS256_SECRET_FILE=/etc/omarty/secret omarty check"
	if output, _, err := m.run(t, both); err != nil || !strings.Contains(output, "2 keys") {
		t.Errorf("%v\n%s", err, output)
	}
	if output, _, err := m.run(t, strings.ReplaceAll(block(t, "mv /etc/omarty/secret.new"), "omarty health", "true")+"\n[ ! -e /etc/omarty/secret.new ] && "+both); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
