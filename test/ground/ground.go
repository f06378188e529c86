// Package ground gives tests a folder and programs that end with the test's process, in whatever way it ends.
package ground

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Ground is a folder, and a shell that clears it when this process has ended, in whatever way: it reads from a pipe that
// only this process holds open, kills the programs that still run, unmounts what is in the folder and removes it.
type Ground struct {
	folder string
	shell  *exec.Cmd
	pipe   io.WriteCloser
	built  func() (string, error)
}

const clearing = `
trap '' HUP INT QUIT TERM
pids=' '
while read -r verb pid; do
	case $verb in
	started) pids="$pids$pid " ;;
	ended) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
	esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
for mount in "$1"/mount-*; do [ ! -d "$mount" ] || umount "$mount" 2>/dev/null || umount -l "$mount" 2>/dev/null; done
for try in 1 2 3; do rm -rf "$1" && exit; sleep 1; done
exit 1`

// Run has tests run on a ground, clears it, and returns the exit code of the tests' process.
func Run(name string, tests func(*Ground) int) int {
	g, err := begin(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := tests(g)
	if err := errors.Join(g.pipe.Close(), g.shell.Wait()); err != nil {
		fmt.Fprintln(os.Stderr, "cannot clear up:", err)
		return 1
	}
	return code
}

func begin(name string) (*Ground, error) {
	folder, err := os.MkdirTemp("", "omarty-"+name+"-")
	if err != nil {
		return nil, err
	}
	shell := exec.Command("sh", "-c", clearing, "sh", folder)
	shell.Stderr = os.Stderr // with it open, go test waits for the end
	pipe, err := shell.StdinPipe()
	if err == nil {
		err = shell.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	g := &Ground{folder: folder, shell: shell, pipe: pipe}
	g.built = sync.OnceValues(g.build)
	return g, nil
}

// Started says that a program runs, which is killed at the end, and Ended that it does not any more.
func (g *Ground) Started(pid int) error { return g.tell("started", pid) }

// Ended ends what Started began.
func (g *Ground) Ended(pid int) error { return g.tell("ended", pid) }

func (g *Ground) tell(verb string, pid int) error {
	_, err := fmt.Fprintln(g.pipe, verb, pid)
	return err
}

// Temporary makes a folder in it. Those of package testing stay where a process is killed.
func (g *Ground) Temporary(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp(g.folder, "test-")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// Path names something in the folder.
func (g *Ground) Path(name string) string { return filepath.Join(g.folder, name) }

func (g *Ground) build() (string, error) {
	if given := os.Getenv("OMARTY_FAULTS_PROGRAM"); given != "" { // to compare with
		return given, nil
	}
	path := g.Path("omarty")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "omarty.net/registry/cmd/omarty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, output)
	}
	return path, nil
}
