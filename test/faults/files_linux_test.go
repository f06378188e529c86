package faults_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// changed is what the program says, once, when its files were changed.
const changed = "the files of the database were changed while it is open"

// Where it says that what was acknowledged is.
const (
	inCopy     = "what was acknowledged is in a copy"
	inDatabase = "what was acknowledged is in the database"
)

// The files of a register are changed while it is served, in each way that operators have done it, and then the program is
// stopped or killed. What was acknowledged is kept, nothing is acknowledged any more, and what was put in place stays as it is.
func TestFilesChangeUnderTheProgram(t *testing.T) {
	remove := func(suffixes ...string) func(t *testing.T, path, backup string) {
		return func(t *testing.T, path, _ string) {
			for _, suffix := range suffixes {
				if err := os.Remove(path + suffix); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	putInPlace := func(t *testing.T, path, backup string) {
		if err := os.Rename(backup, path); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, path, backup string)
		// saved is where what was acknowledged is saved: nowhere, if it is all in its place. gone is whether there is no register then.
		saved string
		gone  bool
	}{
		{name: "a backup in the database's place", change: putInPlace, saved: inCopy},
		{name: "a backup in the place of all", change: func(t *testing.T, path, backup string) {
			remove("", "-wal", "-shm")(t, path, backup)
			putInPlace(t, path, backup)
		}, saved: inCopy},
		{name: "database deleted", change: remove(""), saved: inCopy, gone: true},
		{name: "all deleted", change: remove("", "-wal", "-shm", ".lock"), saved: inCopy, gone: true},
		{name: "log deleted", change: remove("-wal"), saved: inDatabase},
		{name: "log and index deleted", change: remove("-wal", "-shm"), saved: inDatabase},
		{name: "another log", change: func(t *testing.T, path, backup string) {
			remove("-wal")(t, path, backup)
			if err := os.WriteFile(path+"-wal", nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, saved: inCopy},
		{name: "index deleted", change: remove("-shm")},
		{name: "lock deleted", change: remove(".lock")},
	} {
		for ending, end := range map[string]func(a asker){
			"stopped": func(a asker) { a.end(a.run.Load()) },
			"killed":  func(a asker) { a.die() },
		} {
			t.Run(c.name+", "+ending, func(t *testing.T) {
				a, path := onDisk(t, here.Temporary(t))
				a.mayDie, a.complains = true, changed
				backup := filepath.Join(here.Temporary(t), "backup.db")
				registerSome(a, 100)
				if err := sqlstore.Backup(t.Context(), "sqlite://"+path, backup); err != nil {
					t.Fatal(err)
				}
				registerSome(a, 200)
				content, err := os.ReadFile(backup)
				if err != nil {
					t.Fatal(err)
				}
				c.change(t, path, backup)

				for number := range 3 {
					a.want(numbered(300+number), numbered(300+number).Key(), history.Unknown)
					a.want(numbered(200), numbered(200).Key(), history.Unknown) // what was acknowledged is not told from files that are gone
				}
				wantReady(t, a, http.StatusServiceUnavailable)
				await(t, c.saved, func() bool { return strings.Contains(strings.Join(a.run.Load().Log.Warnings(), "\n"), c.saved) })
				if errs := a.run.Load().Log.Errors(); len(errs) != 1 || !strings.Contains(errs[0], changed) || !strings.Contains(errs[0], path) {
					t.Errorf("the log has %q", errs)
				}
				end(a)

				a.complains = ""
				kept := path
				if c.saved == inCopy {
					kept = copyOf(t, path)
				}
				if strings.HasPrefix(c.name, "a backup") {
					if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
						t.Errorf("the backup in place was changed (%v)", err)
					}
				}
				if c.gone {
					if err := a.start(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "is gone") || !strings.Contains(err.Error(), kept) {
						t.Errorf("started on a register that is gone: %v", err)
					}
					if err := os.Rename(kept, path); err != nil {
						t.Fatal(err)
					}
					kept = path
				}
				if err := a.start(); err != nil {
					t.Fatal(err)
				}
				wantReady(t, a, http.StatusOK)
				if kept == path {
					for number := range 3 {
						a.want(numbered(300+number), numbered(300+number).Key(), history.OK)
					}
				}
				judgeFile(t, a, kept, c.name)
			})
		}
	}
}

// A lock that is deleted lets a second program start. The first notices before it answers, and the second goes on.
func TestSecondProgramAfterItsLockIsDeleted(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t))
	registerSome(a, 100)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	first := a.run.Load()
	if err := a.start(); err != nil {
		t.Fatal(err)
	}
	second := a.run.Load()
	registerSome(a, 200)
	a.run.Store(first)
	a.want(numbered(300), numbered(300).Key(), history.Unknown)
	wantReady(t, a, http.StatusServiceUnavailable)
	a.complains = changed
	a.end(first)
	a.complains = ""
	a.run.Store(second)
	registerSome(a, 400)
	a.recover(numbered(300), numbered(300).Key())
	judgeFile(t, a, path, "lock deleted, two programs")
}

// A register that is gone while nothing serves it is not begun anew, unless its traces are moved away.
func TestStartWithoutItsRegister(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t))
	a.mayDie = true
	registerSome(a, 100)
	a.end(a.run.Load())
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := a.start(); err == nil || !strings.Contains(err.Error(), path+": it is gone") || !strings.Contains(err.Error(), path+".lock") {
		t.Errorf("a new register: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a register was made: %v", err)
	}
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if err := a.start(); err != nil {
		t.Fatal(err)
	}
	if rows := tables.At(t, "sqlite://"+path); len(rows.Apartments) > 0 {
		t.Errorf("the new register has %d apartments", len(rows.Apartments))
	}
}

// registerSome registers ten apartments from a number on.
func registerSome(a asker, from int) {
	a.t.Helper()
	for number := from; number < from+10; number++ {
		a.want(numbered(number), numbered(number).Key(), history.OK)
	}
}

// wantReady waits until the program answers so whether it is ready.
func wantReady(t *testing.T, a asker, status int) {
	t.Helper()
	await(t, "the answer of /readyz", func() bool {
		response, err := http.Get("http://" + a.run.Load().Address + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode == status
	})
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > patience {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// copyOf returns the one copy beside a register.
func copyOf(t *testing.T, path string) string {
	t.Helper()
	found, err := filepath.Glob(path + ".rescued-*")
	if err != nil || len(found) != 1 {
		t.Fatalf("copies: %q, %v", found, err)
	}
	return found[0]
}

// A program that may not write its register leaves nothing beside it that it may not write later either.
func TestStartOnFileOfMode0400(t *testing.T) {
	folder := here.Temporary(t)
	a, path := onDisk(t, folder)
	a.mayDie = true
	registerSome(a, 100)
	a.end(a.run.Load())
	if os.Geteuid() == 0 { // whom no mode holds up
		const nobody = 65534
		for _, owned := range []string{folder, path, path + ".lock"} {
			if err := os.Chown(owned, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(here.Path("."), 0o711); err != nil {
			t.Fatal(err)
		}
		a.prepare = func(command *exec.Cmd) {
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := a.start(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("started on a register that may not be written: %v", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", suffix, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.start(); err != nil {
		t.Fatal(err)
	}
	registerSome(a, 200)
	judgeFile(t, a, path, "mode 0400 at start")
}

// A backup is put in the database's place while clients register as fast as they can: what any of them was told is kept.
func TestBackupInPlaceUnderLoad(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t))
	backup := filepath.Join(here.Temporary(t), "backup.db")
	registerSome(a, 100)
	if err := sqlstore.Backup(t.Context(), "sqlite://"+path, backup); err != nil {
		t.Fatal(err)
	}
	a.complains = changed
	acknowledged := make(chan struct{}, 100_000)
	var clients sync.WaitGroup
	for i := range users {
		clients.Go(func() {
			for number := 1000 + i; ; number += users {
				switch outcome, _ := a.ask(numbered(number), numbered(number).Key()); outcome {
				case history.OK:
					acknowledged <- struct{}{}
				case history.Unknown:
					return
				default:
					t.Errorf("%s: %s", numbered(number), outcome)
					return
				}
			}
		})
	}
	for range acknowledgedBetween {
		<-acknowledged
	}
	if err := os.Rename(backup, path); err != nil {
		t.Fatal(err)
	}
	clients.Wait()
	a.mayDie = true
	a.end(a.run.Load())
	judgeFile(t, a, copyOf(t, path), "backup in place, load")
}
