package tables

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite" // the driver named sqlite

	"omarty.net/registry/test/storetest"
)

// Open returns connections to the database that a URL names: sqlite://path or mysql://user:password@host:port/name. They
// end with t.
func Open(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Connect is Open for a program, which closes what it returns.
func Connect(address string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(address, "sqlite://"); ok {
		return sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_busy_timeout=60000")
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", u.Host
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// At reads all rows of the database that a URL names.
func At(t testing.TB, address string) storetest.Rows {
	t.Helper()
	db, err := Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
