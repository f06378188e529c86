package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
)

// The exit codes of the program.
const (
	exitFailure = 1
	exitUsage   = 2
)

// patience bounds every wait for the program: many times what a busy machine needs.
const patience = 2 * time.Minute

// programFolder is where the program is built, for as long as the tests run.
var programFolder string

func TestMain(m *testing.M) {
	var err error
	if programFolder, err = os.MkdirTemp("", "omarty-program-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(programFolder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// program builds the program, once, as it is shipped: without cgo.
var program = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(programFolder, "omarty")
	build := exec.Command("go", "build", "-o", path, "omarty.net/registry/cmd/omarty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return path, nil
})

// place is where a person runs the program: a folder of its own, and variables.
type place struct {
	folder    string
	variables []string
	// stderr is where stderr goes instead of being gathered, if it is not nil.
	stderr *os.File
}

// newPlace returns a place with a secret, a free port and the variables, of which the last of a name stands.
func newPlace(t *testing.T, variables ...string) place {
	t.Helper()
	folder, temporary := t.TempDir(), t.TempDir()
	return place{folder: folder, variables: append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + temporary,
		"OMARTY_AUTH_HS256_SECRET=" + secret, "OMARTY_HTTP_ADDRESS=127.0.0.1:0", "OMARTY_HTTP_RATE_LIMIT=0",
	}, variables...)}
}

// with returns the place with more variables.
func (p place) with(variables ...string) place {
	p.variables = append(p.variables[:len(p.variables):len(p.variables)], variables...)
	return p
}

// database returns the URL of the SQLite file that the program uses where it is told of no other.
func (p place) database() string { return "sqlite://" + filepath.Join(p.folder, "omarty.db") }

// write writes a file into the place.
func (p place) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.folder, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// files returns the names of what is in the place.
func (p place) files(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(p.folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// process is a run of the program.
type process struct {
	command        *exec.Cmd
	stdout, stderr *output
	ended          chan struct{} // closed at its end
}

// start starts the program. It is ended with the test, if it has not ended before, and what it printed is checked.
func (p place) start(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	o := &process{command: exec.Command(path, args...), stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	o.command.Dir, o.command.Env = p.folder, p.variables
	o.command.Stdout, o.command.Stderr = o.stdout, o.stderr
	if p.stderr != nil {
		o.command.Stderr = p.stderr
	}
	if err := o.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = o.command.Wait() // the exit code is asked for where it matters
		close(o.ended)
	}()
	t.Cleanup(func() {
		o.kill(t)
		o.checkOutput(t)
		if t.Failed() {
			t.Logf("omarty %s: exit code %d\n%s", strings.Join(args, " "), o.command.ProcessState.ExitCode(), o.stderr)
		}
	})
	return o
}

// run runs the program to its end.
func (p place) run(t *testing.T, args ...string) *process {
	t.Helper()
	o := p.start(t, args...)
	o.wait(t)
	return o
}

// serve starts the program as a server, and returns when it serves.
func (p place) serve(t *testing.T, args ...string) *process {
	t.Helper()
	o := p.start(t, append([]string{"serve"}, args...)...)
	o.url(t)
	return o
}

var serving = regexp.MustCompile(`msg=serving address=(\S+)`)

// url returns where the program serves, once it does.
func (o *process) url(t *testing.T) string {
	t.Helper()
	return "http://" + o.printed(t, serving)[1]
}

// printed waits until the program has written to stderr what the pattern matches.
func (o *process) printed(t *testing.T, pattern *regexp.Regexp) []string {
	t.Helper()
	return o.await(t, o.stderr, pattern)
}

// await waits until an output holds what the pattern matches.
func (o *process) await(t *testing.T, from *output, pattern *regexp.Regexp) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		text, more := from.read()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found
		}
		select {
		case <-more:
		case <-o.ended:
			if found := pattern.FindStringSubmatch(from.String()); found != nil {
				return found
			}
			t.Fatalf("the program ended before it printed %s", pattern)
		case <-ctx.Done():
			t.Fatalf("the program does not print %s", pattern)
		}
	}
}

// wait waits for the program's end and returns its exit code, -1 where a signal ended it.
func (o *process) wait(t *testing.T) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case <-o.ended:
	case <-ctx.Done():
		t.Fatal("the program does not end")
	}
	return o.command.ProcessState.ExitCode()
}

// signal sends the program a signal.
func (o *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := o.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// stop ends a server as an operator does, and checks that it ends well.
func (o *process) stop(t *testing.T) {
	t.Helper()
	o.signal(t, os.Interrupt)
	if code := o.wait(t); code != 0 {
		t.Errorf("exit code %d after SIGINT", code)
	}
}

// kill ends the program with SIGKILL, if it has not ended, and returns when it is gone.
func (o *process) kill(t *testing.T) {
	t.Helper()
	if err := o.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-o.ended
}

// wantExit checks the exit code, and that stderr says each of the texts.
func (o *process) wantExit(t *testing.T, code int, texts ...string) {
	t.Helper()
	if got := o.wait(t); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	for _, text := range texts {
		if !strings.Contains(o.stderr.String(), text) {
			t.Errorf("stderr does not say %q", text)
		}
	}
}

// wantPrinted checks that the program ended well with that on stdout.
func (o *process) wantPrinted(t *testing.T, text string) {
	t.Helper()
	if code := o.wait(t); code != 0 || !strings.Contains(o.stdout.String(), text) {
		t.Errorf("exit code %d, stdout %q, want 0 and %q", code, o.stdout, text)
	}
}

// What no output may hold. Tokens are on the stdout of token and of the demo, which are run to have one.
var (
	trace    = regexp.MustCompile(`panic:|goroutine \d+ \[`)
	anyToken = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10}`)
	password = regexp.MustCompile(`://[^:/@\s]+:([^@/\s]+)@`)
)

// checkOutput checks that nothing that was printed holds a stack trace, a token or what is secret in the variables.
func (o *process) checkOutput(t *testing.T) {
	t.Helper()
	stdout, stderr := o.stdout.String(), o.stderr.String()
	if trace.MatchString(stdout + stderr) {
		t.Error("a stack trace was printed")
	}
	if anyToken.MatchString(stderr) {
		t.Error("a token was printed to stderr")
	}
	for _, variable := range o.command.Env {
		name, value, _ := strings.Cut(variable, "=")
		secrets := []string{value}
		switch {
		case name == "OMARTY_DATABASE_URL" && password.MatchString(value):
			secrets = password.FindStringSubmatch(value)[1:]
		case name != "OMARTY_AUTH_HS256_SECRET":
			continue
		}
		if secrets[0] != "" && strings.Contains(stdout+stderr, secrets[0]) {
			t.Errorf("the secret of %s was printed", name)
		}
	}
}

// rowsOf reads what is in a database.
func rowsOf(t *testing.T, database string) storetest.Rows {
	t.Helper()
	rows := tables.At(t, database)
	for _, c := range rows.Contradictions() {
		t.Error(c)
	}
	return rows
}

// output gathers what a program writes, and tells who waits for more.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
	more  chan struct{} // closed by the next write
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) read() (text string, more <-chan struct{}) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String(), o.more
}

func (o *output) String() string {
	text, _ := o.read()
	return text
}

// tool returns a program that a test needs besides Go.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") == "":
		t.Skipf("%s is not installed here: %v", name, err)
	default:
		t.Fatal(err)
	}
	return path
}
