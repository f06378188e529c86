package cluster_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/domain"
)

const secret = "a secret for these tests alone, 32 bytes or more"

// The register that every test starts from: a block with one apartment, and the users who manage it.
const (
	block     domain.BlockID = 4
	firstUser domain.UserID  = 101
	users                    = 24
	// dismissed is one more, who asks for nothing else.
	dismissed = firstUser + users
)

// registerFile writes the register, with a name for its block.
func registerFile(t testing.TB, name string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "blocks:\n  - {id: %d, name: %s, status: active}\napartments:\n  - {id: 1, block: %d, floor: 0, number: 1}\nmemberships:\n", block, name, block)
	for i := range domain.UserID(users + 1) {
		fmt.Fprintf(&b, "  - {user: %d, block: %d, role: manager, status: active}\n", firstUser+i, block)
	}
	path := filepath.Join(here.Temporary(t), "register.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func settings(url string) []string {
	return []string{
		"OMARTY_HTTP_ADDRESS=127.0.0.1:0", "OMARTY_HTTP_RATE_LIMIT=0", "OMARTY_LOG_FORMAT=json",
		"OMARTY_AUTH_HS256_SECRET=" + secret, "OMARTY_DATABASE_URL=" + url,
	}
}

// omarty runs a command of the program on a database to its end.
func omarty(url string, arguments ...string) error {
	path, err := here.Program()
	if err != nil {
		return err
	}
	command := exec.Command(path, arguments...)
	command.Env = settings(url)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("omarty %s: %w\n%s", strings.Join(arguments, " "), err, output)
	}
	return nil
}

// server is the real program, which serves.
type server struct {
	command *exec.Cmd
	address string
	gone    chan struct{} // closed at its end
	log     log
	stall   stall
}

// serve starts the program on the database that a URL names, and returns when it serves. It ends with t, which fails if
// the program has logged an error or does not end well.
func serve(t *testing.T, url string) *server {
	t.Helper()
	path, err := here.Program()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{command: exec.Command(path, "serve"), gone: make(chan struct{})}
	s.command.Env = settings(url)
	stderr, err := s.command.StderrPipe()
	if err == nil {
		err = s.command.Start()
	}
	if err == nil {
		err = here.Started(s.command.Process.Pid)
	}
	if err != nil {
		t.Fatal(err)
	}
	serving := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			s.log.add(lines.Bytes())
			var entry struct{ Msg, Address string }
			if bytes.Contains(lines.Bytes(), []byte(`"msg":"serving"`)) && json.Unmarshal(lines.Bytes(), &entry) == nil {
				serving <- entry.Address
			}
		}
		_ = s.command.Wait() // how it ended is in ProcessState
		_ = here.Ended(s.command.Process.Pid)
		close(s.gone)
	}()
	t.Cleanup(func() { s.end(t) })
	select {
	case s.address = <-serving:
	case <-s.gone:
		t.Fatal(s.log.text())
	case <-time.After(patience):
		t.Fatal("the program does not serve: " + s.log.text())
	}
	return s
}

func (s *server) end(t *testing.T) {
	t.Helper()
	_ = s.command.Process.Signal(syscall.SIGTERM) // if it has gone already, that shows below
	select {
	case <-s.gone:
	case <-time.After(patience):
		_ = s.command.Process.Kill()
		<-s.gone
	}
	if !s.command.ProcessState.Success() {
		t.Errorf("the program ended with %s:\n%s", s.command.ProcessState, s.log.text())
	}
	if errs := s.log.errors(); len(errs) > 0 {
		t.Errorf("the program logged errors:\n%s", strings.Join(errs, "\n"))
	}
}

// log is the end of a log, and its first errors.
type log struct {
	mu            sync.Mutex
	last, errored []string
}

const logLines = 10

func (l *log) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == logLines {
		l.last = l.last[1:]
	}
	l.last = append(l.last, string(line))
	if bytes.Contains(line, []byte(`"level":"ERROR"`)) && len(l.errored) < logLines {
		l.errored = append(l.errored, string(line))
	}
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

func (l *log) errors() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.errored
}
