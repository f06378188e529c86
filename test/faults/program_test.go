package faults_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/domain"
)

const secret = "a secret for these tests alone, 32 bytes or more"

// The register that every test starts from: block 4 with one apartment, and the users who manage it; and another block, of
// the first of them.
const (
	block      domain.BlockID = 4
	otherBlock domain.BlockID = 5
	firstUser  domain.UserID  = 101
	users                     = 16
)

func registerFile() string {
	var b strings.Builder
	fmt.Fprintf(&b, "blocks:\n  - {id: %d, name: Palm Tower, status: active}\n  - {id: %d, name: Nile Tower, status: active}\n", block, otherBlock)
	fmt.Fprintf(&b, "apartments:\n  - {id: 1, block: %d, floor: 0, number: 1}\nmemberships:\n", block)
	for i := range domain.UserID(users) {
		fmt.Fprintf(&b, "  - {user: %d, block: %d, role: manager, status: active}\n", firstUser+i, block)
	}
	fmt.Fprintf(&b, "  - {user: %d, block: %d, role: manager, status: active}\n", firstUser, otherBlock)
	return b.String()
}

// program is the real program, which serves a register and may be killed. All of its methods but ask are for one
// goroutine at a time.
type program struct {
	t        testing.TB
	settings []string
	// mayDie is whether clients may go without an answer.
	mayDie bool
	// complains is what the log may have at level ERROR, and has once; empty for nothing.
	complains string
	// prepare changes how it is started; nil is not.
	prepare func(*exec.Cmd)

	run atomic.Pointer[run]
}

// run is one process of it.
type run struct {
	command *exec.Cmd
	address string
	gone    chan struct{} // closed at its end
	log     tail
}

// serve starts the program on the register of registerFile, in the database that a URL names. It ends with t, which
// fails if the program has logged an error or does not end well.
func serve(t testing.TB, url string, settings ...string) *program {
	t.Helper()
	return serveAs(t, url, nil, settings...)
}

// serveAs is serve with a program that is started in another way.
func serveAs(t testing.TB, url string, prepare func(*exec.Cmd), settings ...string) *program {
	t.Helper()
	register := filepath.Join(here.Temporary(t), "register.yaml")
	if err := os.WriteFile(register, []byte(registerFile()), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, prepare: prepare, settings: append([]string{
		"OMARTY_HTTP_ADDRESS=127.0.0.1:0", "OMARTY_HTTP_RATE_LIMIT=0", "OMARTY_LOG_FORMAT=json", "OMARTY_AUTH_HS256_SECRET=" + secret, "OMARTY_DATABASE_URL=" + url,
	}, settings...)}
	t.Cleanup(func() {
		p.t = t // a subtest may have had it
		if r := p.run.Load(); r != nil {
			p.end(r)
		}
	})
	if err := p.start("--import", register); err != nil {
		t.Fatal(err)
	}
	return p
}

// start starts the program and returns when it serves, or with what it wrote if it ends instead.
func (p *program) start(arguments ...string) error {
	path, err := here.Program()
	if err != nil {
		return err
	}
	r := &run{command: exec.Command(path, append([]string{"serve"}, arguments...)...), gone: make(chan struct{})}
	r.command.Env = p.settings
	if p.prepare != nil {
		p.prepare(r.command)
	}
	stderr, err := r.command.StderrPipe()
	if err != nil {
		return err
	}
	if err := r.command.Start(); err != nil {
		return err
	}
	if err := here.Started(r.command.Process.Pid); err != nil {
		return err
	}
	serving := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			r.log.add(lines.Bytes())
			if address := servingAt(lines.Bytes()); address != "" {
				serving <- address
			}
		}
		_ = r.command.Wait() // how it ended is in ProcessState
		_ = here.Ended(r.command.Process.Pid)
		close(r.gone)
	}()
	select {
	case r.address = <-serving:
		p.run.Store(r)
		return nil
	case <-r.gone:
		return errors.New(r.log.text())
	case <-time.After(patience):
		p.kill(r)
		return errors.New("the program does not serve: " + r.log.text())
	}
}

// servingAt returns the address in the line of the log that tells it.
func servingAt(line []byte) string {
	var entry struct{ Msg, Address string }
	if json.Unmarshal(line, &entry) != nil || entry.Msg != "serving" {
		return ""
	}
	return entry.Address
}

// die kills the program, as nothing could refuse, and returns when it is gone.
func (p *program) die() {
	p.t.Helper()
	r := p.run.Load()
	p.kill(r)
	p.wantNoErrors(r)
}

func (p *program) kill(r *run) {
	_ = r.command.Process.Kill() // it may be gone already
	<-r.gone
}

// wantRunning fails the test if the process that was started is gone.
func (p *program) wantRunning(r *run) {
	p.t.Helper()
	select {
	case <-r.gone:
		p.t.Fatalf("the program has ended (%s):\n%s", r.command.ProcessState, r.log.text())
	default:
	}
}

func (p *program) end(r *run) {
	select {
	case <-r.gone:
		if !p.mayDie {
			p.t.Errorf("the program has ended (%s):\n%s", r.command.ProcessState, r.log.text())
		}
	default:
		_ = r.command.Process.Signal(syscall.SIGTERM) // if it has just gone, that shows below
		select {
		case <-r.gone:
			if !r.command.ProcessState.Success() {
				p.t.Errorf("the program ended with %s:\n%s", r.command.ProcessState, r.log.text())
			}
		case <-time.After(patience):
			p.kill(r)
			p.t.Errorf("the program did not end when told to:\n%s", r.log.text())
		}
	}
	p.wantNoErrors(r)
}

func (p *program) wantNoErrors(r *run) {
	p.t.Helper()
	errs := r.log.errors()
	if p.complains != "" && len(errs) == 1 && strings.Contains(errs[0], p.complains) {
		return
	}
	if len(errs) > 0 {
		p.t.Errorf("the program logged errors:\n%s", strings.Join(errs, "\n"))
	}
}

// tail is the end of a log, and its first warnings and errors.
type tail struct {
	mu                    sync.Mutex
	last, warned, errored []string
}

const tailLines = 30

func (l *tail) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == tailLines {
		l.last = l.last[1:]
	}
	l.last = append(l.last, string(line))
	if bytes.Contains(line, []byte(`"level":"WARN"`)) && len(l.warned) < tailLines {
		l.warned = append(l.warned, string(line))
	}
	if bytes.Contains(line, []byte(`"level":"ERROR"`)) && len(l.errored) < tailLines {
		l.errored = append(l.errored, string(line))
	}
}

func (l *tail) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

// warnings has what was answered 503, with the cause.
func (l *tail) warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.warned
}

func (l *tail) errors() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.errored
}
