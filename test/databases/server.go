package databases

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience bounds every wait for a server: many times what a busy machine needs.
const patience = time.Minute

// Server is a running server. Kill, Shutdown and Restart are for one goroutine at a time.
type Server struct {
	engine  *Engine
	address *url.URL

	// The rest is empty for a server that was given.
	program   string
	folder    string
	arguments []string
	runsAs    string // who runs it where root starts it: root, if empty
	watcher   *watcher
	process   *process
}

// process is one run of the program.
type process struct {
	*os.Process
	gone chan struct{} // closed at its end
	err  error         // how it ended, nil for well; to be read once gone is closed
}

// URL returns the server's address, the same after a restart, as a user who may do everything:
// mysql://user:password@127.0.0.1:port/
func (s *Server) URL() string { return s.address.String() }

// Start is StartOwn for a program, which calls End. It returns an error that says what to install where there is no such
// server.
func (e *Engine) Start(arguments ...string) (*Server, error) {
	return e.start(url.UserPassword("omarty", rand.Text()), e.install, arguments)
}

// start starts a server in a new folder, whose data install fills.
func (e *Engine) start(user *url.Userinfo, install func(*Server) error, arguments []string) (*Server, error) {
	program, err := e.find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "omarty-"+strings.ToLower(e.name)+"-")
	if err != nil {
		return nil, err
	}
	s := &Server{engine: e, program: program, folder: folder, arguments: arguments, address: serverURL(user, "")}
	if s.watcher, err = watch(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	err = install(s)
	if err == nil {
		err = s.writeAccount()
	}
	if err == nil {
		err = s.runSomewhere()
	}
	if err != nil {
		return nil, errors.Join(err, s.End())
	}
	return s, nil
}

// writeAccount writes the statements that make the account of the server's address, which run at each start, and stay on
// this server where it replicates.
func (s *Server) writeAccount() error {
	password, _ := s.address.User.Password()
	account := fmt.Sprintf("'%s'@'127.0.0.1'", s.address.User.Username())
	return os.WriteFile(s.path("account.sql"), []byte(
		"SET sql_log_bin = 0;\nCREATE USER IF NOT EXISTS "+account+" IDENTIFIED BY '"+password+"';\n"+
			"GRANT ALL PRIVILEGES ON *.* TO "+account+" WITH GRANT OPTION;\n"), 0o600)
}

// runSomewhere runs the server on a free port. Between finding one and taking it another process may be faster, so it
// tries a few.
func (s *Server) runSomewhere() error {
	var err error
	for range 5 {
		if s.address.Host, err = freeAddress(); err != nil {
			return err
		}
		if err = s.run(0); !errors.Is(err, errEnded) {
			return err
		}
	}
	return err
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Kill ends the server with SIGKILL and returns when it is gone. What it had not written to its files is lost.
func (s *Server) Kill() error { return s.endBy(syscall.SIGKILL) }

// Shutdown ends the server as its service manager would, with SIGTERM, and returns when it is gone.
func (s *Server) Shutdown() error { return s.endBy(syscall.SIGTERM) }

func (s *Server) endBy(signal os.Signal) error {
	if err := s.Signal(signal); err != nil {
		return err
	}
	<-s.process.gone
	return nil
}

// Signal sends the server a signal, such as SIGSTOP or SIGCONT.
func (s *Server) Signal(signal os.Signal) error {
	if err := s.process.Signal(signal); err != nil {
		return fmt.Errorf("cannot send %v to %s: %w", signal, s.engine, err)
	}
	return nil
}

// Restart starts a server that has ended again, on its port and its files, and returns when it answers. It returns an error
// where it does not within a minute.
func (s *Server) Restart() error {
	select {
	case <-s.process.gone:
		return s.run(patience)
	default:
		return fmt.Errorf("%s still runs: Kill it before Restart", s.engine)
	}
}

var errEnded = errors.New("the server ended at its start")

// run starts the server at its address, waiting as long as given for the port to be free, and returns when it answers.
// It returns errEnded if the server ends instead.
func (s *Server) run(waitForPort time.Duration) error {
	err := s.spawn(nil, append([]string{
		"--bind-address=127.0.0.1", "--port=" + s.address.Port(), "--socket=", "--skip-name-resolve",
		"--port-open-timeout=" + strconv.Itoa(int(waitForPort.Seconds())),
		"--init-file=" + s.path("account.sql"), "--pid-file=" + s.path("pid"), "--max-connections=500",
	}, s.arguments...)...)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("%s does not answer in %v", s.engine, patience))
	defer cancel()
	ctx, end := context.WithCancelCause(bounded)
	defer end(nil)
	go func(started *process) {
		select {
		case <-started.gone:
			// Whoever else is on the port may never answer.
			end(fmt.Errorf("%w: %v", errEnded, started.err))
		case <-ctx.Done():
		}
	}(s.process)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		// Only this server lets this user in.
		err := s.executeIn(ctx, "DO 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w\n%s", context.Cause(ctx), err, s.lastLog())
		case <-again.C:
		}
	}
}

// spawnToEnd is spawn, and returns at the program's end.
func (s *Server) spawnToEnd(input io.Reader, arguments ...string) error {
	if err := s.spawn(input, arguments...); err != nil {
		return err
	}
	if <-s.process.gone; s.process.err != nil {
		return fmt.Errorf("%s %s: %w\n%s", s.program, strings.Join(arguments, " "), s.process.err, s.lastLog())
	}
	return nil
}

// spawn starts the program on the server's folder with further arguments.
func (s *Server) spawn(input io.Reader, arguments ...string) error {
	log, err := os.OpenFile(s.path("log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	// A commit is on the disk before it is acknowledged; the rest is small.
	command := exec.Command(s.program, slices.Concat([]string{
		"--no-defaults", "--datadir=" + s.path("data"), "--tmpdir=" + s.folder,
		"--innodb-flush-log-at-trx-commit=1", "--skip-log-bin", "--innodb-buffer-pool-size=32M",
	}, s.engine.arguments, arguments)...)
	if os.Geteuid() == 0 {
		if err := s.handOver(); err != nil {
			return err
		}
		command.Args = append(command.Args, "--user="+cmp.Or(s.runsAs, "root"))
	}
	command.Dir, command.Stdin, command.Stdout, command.Stderr = s.folder, input, log, log
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", s.program, err)
	}
	started := &process{Process: command.Process, gone: make(chan struct{})}
	s.process = started
	err = s.watcher.remember(started.Pid)
	go func() {
		started.err = command.Wait()
		_ = s.watcher.forget() // the watcher may have ended first
		close(started.gone)
	}()
	return err
}

// End kills the server and removes its folder.
func (s *Server) End() error {
	err := s.watcher.end()
	if s.process != nil {
		<-s.process.gone
	}
	return err
}

func (s *Server) path(name string) string { return filepath.Join(s.folder, name) }

// lastLog returns the end of what the server wrote.
func (s *Server) lastLog() string {
	log, err := os.ReadFile(s.path("log"))
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-5000):])
}

// execute runs one statement on a connection of its own.
func (s *Server) execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.executeIn(ctx, statement)
}

func (s *Server) executeIn(ctx context.Context, statement string) error {
	db, err := open(s.address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}
