package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shell runs a script as an operator's shell does, with omarty as a command.
func (p place) shell(t *testing.T, script string, args ...string) error {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	command.Dir, command.Env = p.folder, append(p.variables, "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"))
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	return err
}

// omarty-backup keeps the newest, and removes none where it made none.
func TestOmartyBackup(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("..", "..", "docs", "deploy", "omarty-backup"))
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	migrated(t, p)
	folder := filepath.Join(p.folder, "backups of it")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	others := []string{"before-upgrade.db", "omarty-2020-01-01.db.gz", "omarty-notes.txt"}
	for day := range 5 {
		p.write(t, fmt.Sprintf("backups of it/omarty-2020-01-%02d.db", day+1), nil)
	}
	for _, name := range others {
		p.write(t, "backups of it/"+name, nil)
	}
	if err := p.shell(t, string(script), folder, "3"); err != nil {
		t.Fatal(err)
	}
	backups := func() (dated []string) {
		for _, name := range (place{folder: folder}).files(t) {
			if !slices.Contains(others, name) {
				dated = append(dated, name)
			}
		}
		return dated
	}
	kept := backups()
	if len(kept) != 3 || kept[0] != "omarty-2020-01-04.db" || kept[1] != "omarty-2020-01-05.db" {
		t.Errorf("kept %q", kept)
	}
	if left := (place{folder: folder}).files(t); len(left) != 3+len(others) {
		t.Errorf("left %q", left)
	}
	rowsOf(t, "sqlite://"+filepath.Join(folder, kept[len(kept)-1]))
	p.write(t, "backups of it/omarty-2020-01-03.db", nil)
	if err := p.shell(t, string(script), folder, "3"); err == nil { // a second one of the day
		t.Error("it says that it made a backup")
	}
	if now := backups(); len(now) != 4 {
		t.Errorf("without a new one it kept %q", now)
	}
}

var restoring = regexp.MustCompile(`(?s)To restore, as in the drill but for good\..*?\n\n((?:    .*?\n)+)`)

// The book's way to restore moves what was there aside, and what was put in place is served.
func TestRestoreByTheBook(t *testing.T) {
	book, err := os.ReadFile(filepath.Join("..", "..", "OPERATIONS.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := restoring.FindSubmatch(book)
	if block == nil {
		t.Fatal("OPERATIONS.md does not say how to restore")
	}
	p := newPlace(t)
	path := migrated(t, p)
	p.run(t, "backup", "omarty-2026-11-24.db").wantPrinted(t, "Wrote")
	before := rowsOf(t, p.database())
	damaged := bytes.Repeat([]byte("damaged\n"), 1000)
	p.write(t, "omarty.db", damaged)
	p.run(t, "serve").wantExit(t, exitFailure, "omarty.db", "restore a backup")
	p.write(t, "omarty.db-wal", []byte("its log"))

	script := strings.NewReplacer("/var/lib/omarty", p.folder, "/var/backups/omarty", p.folder, "-o omarty -g omarty ", "").Replace(string(block[1]))
	if err := p.shell(t, "set -eu; systemctl() { :; }; omarty() { :; }; sleep() { :; }\n"+script); err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	aside, err := filepath.Glob(filepath.Join(p.folder, "aside-*"))
	if err != nil || len(aside) != 1 {
		t.Fatalf("aside: %q, %v", aside, err)
	}
	for name, want := range map[string][]byte{"omarty.db": damaged, "omarty.db-wal": []byte("its log")} {
		if got, err := os.ReadFile(filepath.Join(aside[0], name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not aside as it was: %v", name, err)
		}
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the log is still beside the database")
	}
	p.serve(t).stop(t)
	if now := rowsOf(t, p.database()); len(now.Apartments) != len(before.Apartments) {
		t.Errorf("restored %d apartments of %d", len(now.Apartments), len(before.Apartments))
	}
}
