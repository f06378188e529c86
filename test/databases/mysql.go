package databases

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// findMySQL returns the path of MySQL's mysqld: the one that .ci/ensure-mysql keeps, else an installed one.
func findMySQL() (string, error) {
	names := []string{"mysqld", "/usr/sbin/mysqld", "/usr/local/sbin/mysqld", "/usr/libexec/mysqld"}
	if cache, err := os.UserCacheDir(); err == nil {
		names = append([]string{filepath.Join(cache, "omarty-tests", "mysql", "mysqld")}, names...)
	}
	for _, name := range names {
		// Where MariaDB is installed, it answers to mysqld too.
		if version, err := exec.Command(name, "--version").Output(); err == nil && !bytes.Contains(version, []byte("MariaDB")) {
			program, err := exec.LookPath(name)
			if err != nil {
				return "", err
			}
			return filepath.Abs(program)
		}
	}
	return "", fmt.Errorf("MySQL %w: run .ci/ensure-mysql", errNotInstalled)
}

func installMySQL(s *Server) error { return s.spawnToEnd(nil, "--initialize-insecure") }
