package databases

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
)

// givenURL is the environment variable that names a server to use. Its database name and its parameters are ignored.
const givenURL = "OMARTY_TEST_MYSQL_URL"

// URL returns the address of the server that the tests of this process share, as a user who may do everything:
// mysql://user:password@host:port/
func (e *Engine) URL(t testing.TB) string {
	t.Helper()
	server, err := e.shared()
	demand(t, err)
	return server.URL()
}

// NewDatabase creates an empty database in utf8mb4 on the shared server, with a name that no other test has, and returns
// its address: mysql://user:password@host:port/name. The database is dropped when t ends; t fails if it cannot be, as
// when the test has left a transaction open in it.
func (e *Engine) NewDatabase(t testing.TB) string {
	t.Helper()
	server, err := e.shared()
	demand(t, err)
	address, drop, err := server.CreateDatabase()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("cannot drop the test's database: %v", err)
		}
	})
	return address
}

// StartOwn starts a server for one test, which may kill it, whatever OMARTY_TEST_MYSQL_URL says, with more arguments of the
// program's. It ends with t.
func (e *Engine) StartOwn(t testing.TB, arguments ...string) *Server {
	t.Helper()
	server, err := e.Start(arguments...)
	demand(t, err)
	t.Cleanup(func() {
		if err := server.End(); err != nil {
			t.Errorf("cannot remove the test's server: %v", err)
		}
	})
	return server
}

// demand ends the test where there is no server.
func demand(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errNotInstalled) && os.Getenv("CI") == "":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}

// parseURL reads givenURL. Its errors hold nothing of the URL, which has a password in it.
func parseURL(given string) (*url.URL, error) {
	address, err := url.Parse(given)
	if err != nil || address.Scheme != "mysql" || address.User == nil || address.Hostname() == "" {
		return nil, fmt.Errorf("%s must read mysql://user:password@host:port/", givenURL)
	}
	port := address.Port()
	if port == "" {
		port = "3306"
	}
	return serverURL(address.User, net.JoinHostPort(address.Hostname(), port)), nil
}

func serverURL(user *url.Userinfo, host string) *url.URL {
	return &url.URL{Scheme: "mysql", User: user, Host: host, Path: "/"}
}
