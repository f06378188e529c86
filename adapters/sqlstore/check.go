package sqlstore

import (
	"context"
	"errors"

	"omarty.net/registry/adapters/sqlstore/mysql"
	"omarty.net/registry/adapters/sqlstore/sqlite"
)

// State is what Check found of a database that could be used.
type State struct {
	// Database names it, without its secrets.
	Database string
	// Absent says that it is not there yet, and would be made.
	Absent bool
	// Missing are the migrations that would be applied.
	Missing []string
}

// Check tells whether Open and Migrate would succeed on the database that a URL names, without changing or locking
// anything: it can be read and written, its schema is one that this program knows, and its engine is one that Options
// allow. Whether another process holds the lock of an SQLite file, and whether a user may change the schema, shows only when
// it is tried.
//
// It returns a URLError for a malformed URL, and ErrNewerSchema. Its errors say what to do, and never hold the URL's
// password.
func Check(ctx context.Context, url string, o Options) (State, error) {
	src, err := parseURL(url)
	if err != nil {
		return State{}, err
	}
	state := State{Database: src.String()}
	if file, ok := src.(sqlite.File); ok {
		if state.Absent, err = file.Check(ctx); err != nil || state.Absent {
			return state, err
		}
	}
	all, err := Migrations(ctx, url)
	if err != nil {
		return state, err
	}
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			state.Missing = append(state.Missing, m.Name)
		}
	}
	if _, ok := src.(mysql.Server); ok {
		err = checkServer(ctx, url, o, len(state.Missing) == 0)
	}
	return state, err
}

// checkServer checks that the store may use a server of MySQL, and where the tables are there, that this user may write to
// them.
func checkServer(ctx context.Context, url string, o Options, hasTables bool) (err error) {
	s, err := Open(ctx, url, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if !hasTables {
		return nil
	}
	if err := s.db.(*mysql.DB).CheckWrites(ctx); err != nil {
		return err
	}
	return s.Ping(ctx)
}
