package faults_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"omarty.net/registry/test/history"
	"omarty.net/registry/test/tables"
)

// mounts counts the file systems that were mounted.
var mounts atomic.Int64

// smallDisk mounts a file system of so many bytes in memory, until t ends. It skips t where that is not allowed.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	folder := here.Path(fmt.Sprintf("mount-%d", mounts.Add(1)))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size)); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, 0); err != nil {
			t.Errorf("unmount %s: %v", folder, err)
		}
	})
	return folder
}

// onDisk serves an SQLite register in a folder.
func onDisk(t *testing.T, folder string, settings ...string) (a asker, path string) {
	t.Helper()
	return onDiskAs(t, folder, nil, settings...)
}

// onDiskAs is onDisk with a program that is started in another way.
func onDiskAs(t *testing.T, folder string, prepare func(*exec.Cmd), settings ...string) (a asker, path string) {
	t.Helper()
	path = filepath.Join(folder, "register.db")
	p := serveAs(t, "sqlite://"+path, prepare, settings...)
	return newAsker(t, p, "sqlite://"+path), path
}

// judgeFile judges the history of an SQLite register, which must be whole.
func judgeFile(t *testing.T, a asker, path, what string) {
	t.Helper()
	var verdict string
	if err := tables.Open(t, "sqlite://"+path).QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the file is damaged: %s, %v", verdict, err)
	}
	conclude(t, outcome{store: "SQLite", what: what, verdict: a.history.Judge(tables.At(t, "sqlite://"+path))})
}

// fill registers apartments from a number on until one cannot be, and returns it.
func (a asker) fill(from int) history.Operation {
	a.t.Helper()
	for number := from; number < from+10_000; number++ {
		o := numbered(number)
		switch outcome, _ := a.ask(o, o.Key()); outcome {
		case history.OK:
		case history.Unknown:
			return o
		default:
			a.t.Fatalf("%s: %s", o, outcome)
		}
	}
	a.t.Fatal("what should fill up does not")
	return history.Operation{}
}

// outage checks that a program whose disk takes no more refuses and stays up, and that it is itself again once it does.
func (a asker) outage(from int, begin, end func()) {
	a.t.Helper()
	first := a.run.Load()
	begin()
	refused := a.fill(from)
	next := numbered(refused.Number + 1)
	for range 3 {
		a.want(refused, refused.Key(), history.Unknown)
		a.want(next, "", history.Unknown)
	}
	// What it only has to read it still knows.
	a.want(history.Operation{User: firstUser + users, Block: block, Floor: 1, Number: 1}, "", history.Refused)
	a.wantRunning(first)
	end()
	a.recover(refused, refused.Key())
	a.want(numbered(refused.Number+2), "", history.OK)
	a.wantRunning(first)
}

func TestFullDisk(t *testing.T) {
	folder := smallDisk(t, 3<<20)
	a, path := onDisk(t, folder)
	ballast := filepath.Join(folder, "ballast")
	for outage := range 3 {
		a.outage(1000*(outage+1), func() {
			if err := os.WriteFile(ballast, bytes.Repeat([]byte("."), 1<<20), 0o600); err != nil && !errors.Is(err, unix.ENOSPC) {
				t.Fatal(err)
			}
		}, func() {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		})
	}
	judgeFile(t, a, path, "disk full")
}

// TestFileSizeLimit is that where nothing can be mounted: the files of the program may grow no more.
func TestFileSizeLimit(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t))
	limit := func(bytes uint64) {
		t.Helper()
		all := unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}
		if err := unix.Prlimit(a.run.Load().Command.Process.Pid, unix.RLIMIT_FSIZE, &all, nil); err != nil {
			t.Fatal(err)
		}
	}
	for outage, size := range []uint64{500_000, 1_000_000, 0} {
		a.outage(1000*(outage+1), func() { limit(size) }, func() { limit(unix.RLIM_INFINITY) })
	}
	judgeFile(t, a, path, "file limit")
}

// TestFileTurnsReadOnly takes the writability of the files away from a program that has them open.
func TestFileTurnsReadOnly(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t), tight...)
	setImmutable := func(immutable bool) error {
		return errors.Join(changeImmutable(path, immutable), changeImmutable(path+"-wal", immutable))
	}
	t.Cleanup(func() { _ = setImmutable(false) }) // as it is but after a failure
	for outage := range 3 {
		if outage > 0 {
			// A write that waits in vain costs the writer its connection, and the next is made while nothing can be written.
			unlock := lockFile(t, "sqlite://"+path)
			o := numbered(100 + outage)
			a.want(o, o.Key(), history.Unknown)
			unlock()
		}
		a.outage(1000*(outage+1), func() {
			if err := setImmutable(true); err != nil {
				t.Skipf("files cannot be made immutable here: %v", err)
			}
		}, func() {
			if err := setImmutable(false); err != nil {
				t.Fatal(err)
			}
		})
	}
	judgeFile(t, a, path, "file read-only")
}

// immutableFlag is FS_IMMUTABLE_FL of linux/fs.h: nobody may write to the file, not even who has it open.
const immutableFlag = 0x10

func changeImmutable(path string, immutable bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	flags, err := unix.IoctlGetUint32(int(file.Fd()), unix.FS_IOC_GETFLAGS)
	if err != nil {
		return err
	}
	flags &^= immutableFlag
	if immutable {
		flags |= immutableFlag
	}
	return unix.IoctlSetPointerInt(int(file.Fd()), unix.FS_IOC_SETFLAGS, int(flags))
}

// A program that may not write its register does not start, and says which.
func TestStartOnReadOnlyFile(t *testing.T) {
	folder := here.Temporary(t)
	if os.Geteuid() == 0 {
		folder = smallDisk(t, 3<<20) // root may write to any file, and not to a disk that is read-only
	}
	a, path := onDisk(t, folder)
	a.mayDie = true
	setReadOnly := func(readOnly bool) {
		t.Helper()
		mode, flags := os.FileMode(0o600), uintptr(unix.MS_REMOUNT)
		if readOnly {
			mode, flags = 0o400, flags|unix.MS_RDONLY
		}
		change := func() error { return os.Chmod(path, mode) }
		if os.Geteuid() == 0 {
			change = func() error { return unix.Mount("", folder, "", flags, "") }
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	o := numbered(100)
	a.want(o, o.Key(), history.OK)
	for range 2 {
		a.die()
		setReadOnly(true)
		if err := a.start(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("started on a register that is read-only: %v", err)
		}
		setReadOnly(false)
		if err := a.start(); err != nil {
			t.Fatal(err)
		}
		if !a.want(o, o.Key(), history.OK) {
			t.Error("what was registered before is not replayed")
		}
	}
	judgeFile(t, a, path, "read-only at start")
}

// A damaged file is refused at the start, by name, and left as it is.
func TestStartOnDamagedFile(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t))
	a.mayDie = true
	first := a.run.Load()
	a.end(first) // so that all is in the file
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"not SQLite":      bytes.Repeat([]byte("no database\n"), 1000),
		"cut short":       whole[:len(whole)/2],
		"a page of zeros": append(bytes.Clone(whole[:4096]), make([]byte, len(whole)-4096)...),
	} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.start(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "restore a backup") {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, damaged) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.start(); err != nil {
		t.Error(err)
	}
}

// A register that is damaged keeps its log too: what was written last is in it.
func TestStartOnDamagedFileKeepsItsLog(t *testing.T) {
	a, path := onDisk(t, here.Temporary(t))
	a.mayDie = true
	a.end(a.run.Load()) // so that the file has pages that the log will not have
	if err := a.start(); err != nil {
		t.Fatal(err)
	}
	registerSome(a, 100)
	a.die()
	before := map[string][]byte{}
	for _, name := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil || len(content) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(content), err)
		}
		before[name] = content
	}
	for i := range before[path][4096:] {
		before[path][4096+i] = 0xa5
	}
	if err := os.WriteFile(path, before[path], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.start(); err == nil || !strings.Contains(err.Error(), "restore a backup") {
		t.Errorf("started on a damaged register: %v", err)
	}
	for name, want := range before {
		if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, want) {
			t.Errorf("%s was changed (%v)", name, err)
		}
	}
}
