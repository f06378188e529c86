package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	if file, ok := src.(sqliteFile); ok {
		if state.Absent, err = file.checkFile(); err != nil || state.Absent {
			return state, err
		}
		if err := file.checkWhole(ctx); err != nil {
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
	if _, ok := src.(mysqlServer); ok {
		err = checkServer(ctx, url, o, len(state.Missing) == 0)
	}
	return state, err
}

// checkFile checks that the file and its folder may be written; SQLite makes files beside it.
func (f sqliteFile) checkFile() (absent bool, err error) {
	if err := f.usable(); err != nil {
		return false, err
	}
	path := f.own()
	folder := filepath.Dir(path)
	if err := access(folder); err != nil {
		return false, fmt.Errorf("database %s: its folder %s cannot be written by this user: %w", f.path, folder, err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm", path + ".lock"} {
		if err := access(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("database %s: %s cannot be written by this user: %w", f.path, name, err)
		}
	}
	_, err = os.Stat(path)
	return errors.Is(err, fs.ErrNotExist), nil
}

// own returns the path of the file itself, beside which SQLite keeps its others.
func (f sqliteFile) own() string {
	if own, err := filepath.EvalSymlinks(f.path); err == nil {
		return own
	}
	return f.path
}

// checkWhole looks for damage, as opening the file does.
func (f sqliteFile) checkWhole(ctx context.Context) (err error) {
	m, err := f.connectToMigrate(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.pool.Close()) }()
	var verdict string
	if err := m.pool.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return unusable(f.path, err)
	}
	if verdict != "ok" {
		return unusable(f.path, damageError(verdict))
	}
	return nil
}

// toLook are the settings of a connection that looks at a file and leaves nothing beside it. To read a file in WAL mode,
// SQLite makes its WAL where there is none; without one, nobody has the file open and it is whole.
func (f sqliteFile) toLook() []string {
	if _, err := os.Stat(f.own() + "-wal"); errors.Is(err, fs.ErrNotExist) {
		return []string{"mode=ro", "immutable=1"}
	}
	return []string{"mode=ro"}
}

// checkServer checks that the store may use a server of MySQL, and where the tables are there, that this user may write to
// them. EXPLAIN asks for the privileges of what it explains, and runs nothing.
func checkServer(ctx context.Context, url string, o Options, hasTables bool) (err error) {
	s, err := Open(ctx, url, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if !hasTables {
		return nil
	}
	for _, table := range []string{"blocks", "apartments", "memberships", "logs"} {
		for _, statement := range []string{"INSERT INTO %[1]s SELECT * FROM %[1]s WHERE id = 0", "UPDATE %[1]s SET id = id WHERE id = 0"} {
			if err := explain(ctx, s.writers, fmt.Sprintf(statement, table)); err != nil {
				return fmt.Errorf("database %s cannot be written by this user: %w", s.source, err)
			}
		}
	}
	return s.Ping(ctx)
}

func explain(ctx context.Context, pool *sql.DB, statement string) error {
	rows, err := pool.QueryContext(ctx, "EXPLAIN "+statement)
	if err != nil {
		return err
	}
	return errors.Join(rows.Close(), rows.Err())
}
