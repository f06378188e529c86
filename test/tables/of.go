package tables

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite" // the driver named sqlite

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/test/storetest"
)

// Open returns connections to the database that a URL names: sqlite://path or mysql://user:password@host:port/name. They
// end with t.
func Open(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := open(address)
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

func open(address string) (*sql.DB, error) {
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
	db, err := open(address)
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

// OfMemory turns what a store in memory keeps into the rows that a database would.
func OfMemory(store *memstore.Store) storetest.Rows {
	rows := storetest.Rows{Blocks: store.Blocks(), Memberships: store.Memberships()}
	for _, a := range store.Apartments() {
		rows.Apartments = append(rows.Apartments, storetest.ApartmentRow{
			ID: a.ID(), Registration: unlessZero(a.Registration), Block: a.Block(), Floor: a.Floor().Level(),
			Number: a.Number().Int(), RegisteredBy: unlessZero(a.RegisteredBy), RegisteredAt: a.RegisteredAt,
		})
	}
	for _, l := range store.Logs() {
		row := storetest.LogRow{
			Registration: unlessZero(l.Registration), User: l.User, Action: l.Action, Block: l.Block,
			Apartment: unlessZero(l.Apartment), Record: l.Record, CreatedAt: l.CreatedAt,
		}
		if degrees, ok := l.Location.Longitude(); ok {
			row.Longitude = &degrees
		}
		if degrees, ok := l.Location.Latitude(); ok {
			row.Latitude = &degrees
		}
		rows.Logs = append(rows.Logs, row)
	}
	return rows
}

func unlessZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
