package databases

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// NewDatabase creates an empty database in utf8mb4 on this server and returns its address:
// mysql://user:password@127.0.0.1:port/name
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	address, _, err := s.CreateDatabase()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// CreateDatabase is NewDatabase for a program, with what drops the database again.
func (s *Server) CreateDatabase() (address string, drop func() error, err error) {
	name := "omarty_test_" + strings.ToLower(rand.Text()[:16])
	if err := s.execute("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		return "", nil, fmt.Errorf("cannot create a database: %w", err)
	}
	return s.address.JoinPath(name).String(), func() error { return s.execute("DROP DATABASE " + name) }, nil
}

// open returns connections to the server at an address of this package.
func open(address *url.URL) (*sql.DB, error) {
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", address.Host
	config.User = address.User.Username()
	config.Passwd, _ = address.User.Password()
	config.DBName = strings.TrimPrefix(address.Path, "/")
	config.Logger = &mysql.NopLogger{} // a server that is not ready yet, or killed, is no news
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
