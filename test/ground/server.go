package ground

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// Patience bounds every wait: many times what a busy machine needs.
const Patience = 2 * time.Minute

// ErrGone is that a server has ended by itself.
var ErrGone = errors.New("the program has ended")

// Server is the real program, which serves.
type Server struct {
	Command *exec.Cmd
	Address string
	Gone    chan struct{} // closed at its end
	Log     Log
}

// Command returns the real program, built at the first call, or the one that OMARTY_FAULTS_PROGRAM names.
func (g *Ground) Command(arguments ...string) (*exec.Cmd, error) {
	path, err := g.built()
	if err != nil {
		return nil, err
	}
	return exec.Command(path, arguments...), nil
}

// Serve starts a command that serves and logs in JSON, and returns when it serves, or with what it wrote if it ends instead.
func (g *Ground) Serve(command *exec.Cmd) (*Server, error) {
	s := &Server{Command: command, Gone: make(chan struct{})}
	stderr, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	if err := g.Started(command.Process.Pid); err != nil {
		return nil, err
	}
	serving := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			s.Log.add(lines.Bytes())
			var entry struct{ Address string }
			if bytes.Contains(lines.Bytes(), []byte(`"msg":"serving"`)) && json.Unmarshal(lines.Bytes(), &entry) == nil {
				serving <- entry.Address
			}
		}
		_ = command.Wait() // how it ended is in ProcessState
		_ = g.Ended(command.Process.Pid)
		close(s.Gone)
	}()
	select {
	case s.Address = <-serving:
		return s, nil
	case <-s.Gone:
		return nil, errors.New(s.Log.Text())
	case <-time.After(Patience):
		s.Kill()
		return nil, errors.New("the program does not serve: " + s.Log.Text())
	}
}

// Kill kills the server, if it is not gone already, and returns when it is.
func (s *Server) Kill() {
	_ = s.Command.Process.Kill() // it may be gone already
	<-s.Gone
}

// Running returns ErrGone once the server has ended.
func (s *Server) Running() error {
	select {
	case <-s.Gone:
		return fmt.Errorf("%w (%s):\n%s", ErrGone, s.Command.ProcessState, s.Log.Text())
	default:
		return nil
	}
}

// Stop ends the server as a service manager does. It is an error if the server does not end well, and ErrGone if it has ended
// before.
func (s *Server) Stop() error {
	if err := s.Running(); err != nil {
		return err
	}
	_ = s.Command.Process.Signal(syscall.SIGTERM) // if it has just gone, that shows below
	select {
	case <-s.Gone:
	case <-time.After(Patience):
		s.Kill()
		return fmt.Errorf("the program did not end when told to:\n%s", s.Log.Text())
	}
	if !s.Command.ProcessState.Success() {
		return fmt.Errorf("the program ended with %s:\n%s", s.Command.ProcessState, s.Log.Text())
	}
	return nil
}
