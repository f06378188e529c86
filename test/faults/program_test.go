package faults_test

import (
	"errors"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"omarty.net/registry/test/ground"
	"omarty.net/registry/test/history"
)

// The register that every test starts from has so many managers.
const (
	block      = history.Block
	otherBlock = history.OtherBlock
	firstUser  = history.FirstUser
	users      = 16
)

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

	run atomic.Pointer[ground.Server]
}

// serve starts the program on the register, in the database that a URL names. It ends with t, which
// fails if the program has logged an error or does not end well.
func serve(t testing.TB, url string, settings ...string) *program {
	t.Helper()
	return serveAs(t, url, nil, settings...)
}

// serveAs is serve with a program that is started in another way.
func serveAs(t testing.TB, url string, prepare func(*exec.Cmd), settings ...string) *program {
	t.Helper()
	register, err := history.WriteRegister(here.Temporary(t), "Palm Tower", users)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, prepare: prepare, settings: append(history.Settings(url), settings...)}
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
	command, err := here.Command(append([]string{"serve"}, arguments...)...)
	if err != nil {
		return err
	}
	command.Env = p.settings
	if p.prepare != nil {
		p.prepare(command)
	}
	s, err := here.Serve(command)
	if err == nil {
		p.run.Store(s)
	}
	return err
}

// die kills the program, as nothing could refuse, and returns when it is gone.
func (p *program) die() {
	p.t.Helper()
	s := p.run.Load()
	s.Kill()
	p.wantNoErrors(s)
}

// wantRunning fails the test if the process that was started is gone.
func (p *program) wantRunning(s *ground.Server) {
	p.t.Helper()
	if err := s.Running(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) end(s *ground.Server) {
	if err := s.Stop(); err != nil && !(p.mayDie && errors.Is(err, ground.ErrGone)) {
		p.t.Error(err)
	}
	p.wantNoErrors(s)
}

func (p *program) wantNoErrors(s *ground.Server) {
	p.t.Helper()
	errs := s.Log.Errors()
	if p.complains != "" && len(errs) == 1 && strings.Contains(errs[0], p.complains) {
		return
	}
	if len(errs) > 0 {
		p.t.Errorf("the program logged errors:\n%s", strings.Join(errs, "\n"))
	}
}
