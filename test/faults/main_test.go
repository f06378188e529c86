package faults_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait: many times what a busy machine needs.
const patience = 2 * time.Minute

// here is where these tests keep what they make.
var here *ground

func TestMain(m *testing.M) {
	runUnderFilter()
	var err error
	if here, err = newGround(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	outcomes.print(os.Stdout)
	if err := here.clear(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot clear up:", err)
		code = 1
	}
	os.Exit(code)
}

// rounds returns how often the tests that kill do so.
func rounds(t *testing.T) int {
	t.Helper()
	if !soak() {
		return 2
	}
	given := os.Getenv("OMARTY_SOAK_ROUNDS")
	if given == "" {
		return 10
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		t.Fatalf("OMARTY_SOAK_ROUNDS is %q, and must be a number from 1", given)
	}
	return n
}

func soak() bool { return os.Getenv("OMARTY_SOAK") == "1" }

// ground is a folder, and a shell that clears it when this process has ended, in whatever way: it reads from a pipe that
// only this process holds open, kills the programs that still run, unmounts what is in the folder and removes it.
type ground struct {
	folder string
	shell  *exec.Cmd
	pipe   io.WriteCloser
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

func newGround() (*ground, error) {
	folder, err := os.MkdirTemp("", "omarty-faults-")
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
	return &ground{folder: folder, shell: shell, pipe: pipe}, nil
}

func (g *ground) started(pid int) error { return g.tell("started", pid) }

func (g *ground) ended(pid int) error { return g.tell("ended", pid) }

func (g *ground) tell(verb string, pid int) error {
	_, err := fmt.Fprintln(g.pipe, verb, pid)
	return err
}

func (g *ground) clear() error { return errors.Join(g.pipe.Close(), g.shell.Wait()) }

// temporary makes a folder in it. Those of package testing stay where a process is killed.
func (g *ground) temporary(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp(g.folder, "test-")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// path names something in the folder.
func (g *ground) path(name string) string { return filepath.Join(g.folder, name) }

// builtProgram is the program, built once.
var builtProgram = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("OMARTY_FAULTS_PROGRAM"); given != "" { // to compare with
		return given, nil
	}
	path := here.path("omarty")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "omarty.net/registry/cmd/omarty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, output)
	}
	return path, nil
})
