package databases

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// findMariaDB returns the path of mariadbd. The folders are those of distributions that keep it out of most users' PATH.
func findMariaDB() (string, error) {
	for _, name := range []string{"mariadbd", "/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/libexec/mariadbd"} {
		if program, err := exec.LookPath(name); err == nil {
			return filepath.Abs(program)
		}
	}
	return "", fmt.Errorf("MariaDB %w: apt-get install mariadb-server", errNotInstalled)
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

func installMariaDB(s *Server) error {
	tables, err := systemTables(s.program)
	if err != nil {
		return err
	}
	defer tables.Close()
	if err := os.Mkdir(s.path("data"), 0o700); err != nil {
		return err
	}
	script := io.MultiReader(strings.NewReader("CREATE DATABASE mysql;\nUSE mysql;\n"), tables)
	return s.spawnToEnd(script, "--bootstrap")
}
