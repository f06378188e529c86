package mariadb

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// NewDatabase creates an empty database in utf8mb4 on this server and returns its address:
// mysql://user:password@127.0.0.1:port/name
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	address, _ := s.newDatabase(t)
	return address
}

func (s *Server) newDatabase(t testing.TB) (address, name string) {
	t.Helper()
	name = "omarty_test_" + strings.ToLower(rand.Text()[:16])
	if err := s.execute("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatalf("cannot create a database for the test: %v", err)
	}
	return s.address.JoinPath(name).String(), name
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
