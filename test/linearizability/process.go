package linearizability

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// Server is a server of a register: a process of this program (ServeIfAsked), which may be killed and started again.
type Server struct {
	url string

	mu      sync.Mutex
	address string
	command *exec.Cmd
	output  bytes.Buffer
}

// Start starts a server of the register in a database, and returns when it serves.
func Start(url string) (*Server, error) {
	s := &Server{url: url}
	return s, s.Restart()
}

// Restart starts the server that was killed again.
func (s *Server) Restart() error {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), databaseVariable+"="+s.url)
	command.Stderr = &s.output
	input, err := command.StdinPipe() // the process ends with it
	if err != nil {
		return err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server does not start: %w\n%s", errors.Join(err, input.Close(), command.Wait()), s.output.String())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.command, s.address = command, strings.TrimSpace(address)
	return nil
}

// Kill ends the server with SIGKILL, and returns when it is gone.
func (s *Server) Kill() error {
	err := s.command.Process.Kill()
	_ = s.command.Wait() // it was killed, and its input is closed
	return err
}

// Output is what the server has written to standard error: a race, or a panic. It is to be read after Kill.
func (s *Server) Output() string { return s.output.String() }

func (s *Server) connect() (net.Conn, error) {
	s.mu.Lock()
	address := s.address
	s.mu.Unlock()
	return net.Dial("tcp", address)
}
