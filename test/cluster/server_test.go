package cluster_test

import (
	"fmt"
	"strings"
	"testing"

	"omarty.net/registry/test/ground"
	"omarty.net/registry/test/history"
)

// The register that every test starts from has so many managers of its block.
const (
	block     = history.Block
	firstUser = history.FirstUser
	users     = 24
	// dismissed is one more, who asks for nothing else.
	dismissed = firstUser + users
)

// registerFile writes the register, with a name for its block.
func registerFile(t testing.TB, name string) string {
	t.Helper()
	path, err := history.WriteRegister(here.Temporary(t), name, users+1)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// omarty runs a command of the program on a database to its end.
func omarty(url string, arguments ...string) error {
	command, err := here.Command(arguments...)
	if err != nil {
		return err
	}
	command.Env = history.Settings(url)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("omarty %s: %w\n%s", strings.Join(arguments, " "), err, output)
	}
	return nil
}

// server is the real program, which serves.
type server struct {
	*ground.Server
	stall stall
}

// serve starts the program on the database that a URL names, and returns when it serves. It ends with t, which fails if
// the program has logged an error or does not end well.
func serve(t *testing.T, url string) *server {
	t.Helper()
	command, err := here.Command("serve")
	if err != nil {
		t.Fatal(err)
	}
	command.Env = history.Settings(url)
	s, err := here.Serve(command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if errs := s.Log.Errors(); len(errs) > 0 {
			t.Errorf("the program logged errors:\n%s", strings.Join(errs, "\n"))
		}
	})
	return &server{Server: s}
}
