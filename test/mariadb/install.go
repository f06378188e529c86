package mariadb

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var errNotInstalled = errors.New("no MariaDB server is installed here: apt-get install mariadb-server")

// findProgram returns the path of mariadbd, or errNotInstalled. The folders are those of distributions that keep it out
// of most users' PATH.
func findProgram() (string, error) {
	for _, name := range []string{"mariadbd", "/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/libexec/mariadbd"} {
		if program, err := exec.LookPath(name); err == nil {
			return filepath.Abs(program)
		}
	}
	return "", errNotInstalled
}

// systemTables opens the SQL script that comes with the program and makes the tables a server cannot start without.
// mariadb-install-db runs it too, and then loads help texts, views and accounts without a password, none of which a test
// wants, in four times the time.
func systemTables(program string) (*os.File, error) {
	if target, err := filepath.EvalSymlinks(program); err == nil {
		program = target
	}
	// Named mysql_... before MariaDB 11.
	pattern := filepath.Join(filepath.Dir(program), "..", "share", "m[ya]*", "m[ya]*_system_tables.sql")
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s is there, its system tables %s are not: install all of MariaDB", program, pattern)
	}
	return os.Open(found[0])
}

// install fills the server's folder: its system tables, and the account that execute uses.
func (s *Server) install() error {
	tables, err := systemTables(s.program)
	if err != nil {
		return err
	}
	defer tables.Close()
	if err := os.Mkdir(s.path("data"), 0o700); err != nil {
		return err
	}
	script := io.MultiReader(strings.NewReader("CREATE DATABASE mysql;\nUSE mysql;\n"), tables)
	if err := s.spawn(script, "--bootstrap"); err != nil {
		return err
	}
	if <-s.process.gone; s.process.err != nil {
		return fmt.Errorf("mariadbd cannot make its system tables: %w\n%s", s.process.err, s.lastLog())
	}
	password, _ := s.address.User.Password()
	account := fmt.Sprintf("'%s'@'127.0.0.1'", s.address.User.Username())
	return os.WriteFile(s.path("account.sql"), []byte(
		"CREATE USER IF NOT EXISTS "+account+" IDENTIFIED BY '"+password+"';\n"+
			"GRANT ALL PRIVILEGES ON *.* TO "+account+" WITH GRANT OPTION;\n"), 0o600)
}
