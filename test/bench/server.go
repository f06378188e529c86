package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/prometheus/procfs"
)

// server is a server under measure, in a process of its own.
type server struct {
	address string
	process *exec.Cmd
	log     string
	ended   chan struct{} // closed at its end
}

// patience bounds every wait for a server: many times what a busy machine needs.
const patience = time.Minute

// startServer runs a program that is to answer at the address, and returns when it does. What it writes goes to a file, as
// under a service manager.
func startServer(ctx context.Context, folder, address, program string, environment []string, arguments ...string) (*server, error) {
	s := &server{address: address, log: filepath.Join(folder, "log"), ended: make(chan struct{})}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the program has it
	s.process = exec.CommandContext(ctx, program, arguments...)
	s.process.Dir, s.process.Env = folder, environment
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.process.Wait() // its exit code is asked for by stop
		close(s.ended)
	}()
	if err := s.awaitAnswer(ctx); err != nil {
		_ = s.process.Process.Kill() // it may have ended
		<-s.ended
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, s.lastLog())
	}
	return s, nil
}

// awaitAnswer waits for any answer at all.
func (s *server) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("it does not answer"))
	defer cancel()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
		if err != nil {
			return err
		}
		if answer, err := client.Do(request); err == nil {
			return answer.Body.Close()
		}
		select {
		case <-s.ended:
			return errors.New("it ended")
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// stop ends the server as an operator does.
func (s *server) stop() error {
	if err := s.process.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended
	if code := s.process.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d\n%s", filepath.Base(s.process.Path), code, s.lastLog())
	}
	return nil
}

// lastLog returns the end of what the server wrote.
func (s *server) lastLog() string {
	log, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-2000):])
}

// cpuBetween returns the processor time that the server uses from one moment to another, one tick of its clock at least.
func (s *server) cpuBetween(ctx context.Context, from, to time.Time) (time.Duration, error) {
	var used [2]time.Duration
	for i, moment := range []time.Time{from, to} {
		select {
		case <-time.After(time.Until(moment)):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		process, err := procfs.NewProc(s.process.Process.Pid)
		if err != nil {
			return 0, err
		}
		stat, err := process.Stat()
		if err != nil {
			return 0, err
		}
		used[i] = time.Duration(stat.CPUTime() * float64(time.Second))
	}
	return max(used[1]-used[0], 10*time.Millisecond), nil
}

// peakMemory returns the most memory that the server has had, in bytes.
func (s *server) peakMemory() (int, error) {
	process, err := procfs.NewProc(s.process.Process.Pid)
	if err != nil {
		return 0, err
	}
	status, err := process.NewStatus()
	return int(status.VmHWM), err
}

// freeAddress returns an address that nothing listens on.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
