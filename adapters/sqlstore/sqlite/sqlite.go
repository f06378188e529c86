// Package sqlite is a register in an SQLite file: what differs there from other databases.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	driver "modernc.org/sqlite"

	"omarty.net/registry/adapters/sqlstore/internal/connector"
)

// ErrInUse says that another process holds the lock of an SQLite file.
var ErrInUse = errors.New("another omarty process is using it: stop that one first")

// MinVersion is the oldest SQLite library that a register is trusted to: below it, a WAL file can corrupt the
// database (sqlite.org/wal.html, the WAL-reset bug).
const MinVersion = "3.51.3"

// File is a register in a file.
type File struct {
	Errors
	path string
	// files is nil until it is open.
	files *openFiles
}

// Parse reads what follows sqlite:// in a URL.
func Parse(path string) (File, error) {
	if path == "" || strings.ContainsAny(path, "\x00") {
		return File{}, errors.New("the database URL names no file: write sqlite://omarty.db or sqlite:///var/lib/omarty.db")
	}
	return File{path: filepath.Clean(path)}, nil
}

// provesWritable begins a write that writes nothing. SQLite opens a file that may not be written for reading, without an
// error, and the connection would stay so when it may be written again: this one is not made at all.
const provesWritable = "PRAGMA incremental_vacuum(1)"

// waitsForNoLock has the connection that writes, once it is open, not wait for a lock, but say that it is busy. What it was to
// do is tried again (retry), so that whoever asked for it can leave.
const waitsForNoLock = "PRAGMA busy_timeout = 0"

// checkpointAfter has the log copied into the database once it has 4000 pages, 16 MB. A batch writes up to 200, most of them once a
// batch: by default it would be after five batches.
const checkpointAfter = "_pragma=wal_autocheckpoint(4000)"

// dsn is what the driver opens the file by. A commit waits for the disk. A connection waits up to 5 seconds for a lock.
func (f File) dsn(settings ...string) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(f.path)
	all := append([]string{"_synchronous=FULL", "_foreign_keys=on", "_busy_timeout=5000", "_dqs=0", "_defensive=1", "_error_rc=1"}, settings...)
	return "file:" + escaped + "?" + strings.Join(all, "&")
}

// String returns the file's path.
func (f File) String() string { return f.path }

// Dialector implements dialect.Source.
func (File) Dialector(pool *sql.DB) gorm.Dialector { return sqlite.New(sqlite.Config{Conn: pool}) }

// usable refuses a path at which no database can be, before anything is made there.
func (f File) usable() error {
	switch err := f.exists(); {
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	folder := filepath.Dir(f.path)
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("database %s cannot be made, its folder has to be there first: %w", f.path, err)
	}
	return nil
}

// lock takes the lock of the file that its writer holds. Readers need none.
func (f File) lock() (*flock.Flock, error) {
	lock := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("database %s: lock %s: %w", f.path, lock.Path(), err)
	}
	if !held {
		return nil, fmt.Errorf("database %s: %w", f.path, ErrInUse)
	}
	return lock, nil
}

// create makes a file that is not there, for its owner alone. SQLite would make it readable for all. Only a file that is
// made here is ever opened and closed outside of SQLite, which would otherwise drop the locks that SQLite has on it.
func (f File) create() error {
	if err := f.refuseGone(); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return errors.Join(f.exists(), f.writable())
	case err != nil:
		return fmt.Errorf("database %s cannot be made: %w", f.path, err)
	default:
		return file.Close()
	}
}

func (f File) exists() error {
	found, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("database %s is not there, omarty migrate makes it: %w", f.path, fs.ErrNotExist)
	case err != nil:
		return fmt.Errorf("database %s: %w", f.path, err)
	case !found.Mode().IsRegular():
		return fmt.Errorf("database %s is not a file", f.path)
	default:
		return nil
	}
}

// writable refuses files that may not be written, before SQLite makes others beside them that may be written no more than those.
func (f File) writable() error {
	for _, path := range []string{f.path, f.path + "-wal", f.path + "-shm"} {
		if err := access(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("database %s: %s may not be written: %w", f.path, path, err)
		}
	}
	return nil
}

// unusable says why a file cannot be used, and what to do where it is damaged.
func unusable(path string, err error) error {
	if isDamage(err) {
		return fmt.Errorf("database %s is damaged or no SQLite database: restore a backup (%w)", path, err)
	}
	return fmt.Errorf("database %s cannot be opened: %w", path, err)
}

// openPool returns a pool of which each connection begins with the given statements. It opens none where files are
// watched and have changed.
func openPool(dsn string, connections int, files *openFiles, first ...string) (*sql.DB, error) {
	plain, err := driver.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector.WithInit(guarded{plain, files}, first...))
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// checkOpen refuses a library that is too old and a file that is damaged, before anything is written.
func (f File) checkOpen(ctx context.Context, pool *sql.DB) error {
	var version string
	if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return unusable(f.path, err)
	}
	if olderThan(version, MinVersion) {
		return fmt.Errorf("this program holds SQLite %s, in which WAL files can corrupt a database: build it with %s or newer", version, MinVersion)
	}
	return f.checkWhole(ctx, pool)
}

// checkWhole looks for damage.
func (f File) checkWhole(ctx context.Context, pool *sql.DB) error {
	var verdict string
	if err := pool.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return unusable(f.path, err)
	}
	if verdict != "ok" {
		return unusable(f.path, damageError(verdict))
	}
	return nil
}

// olderThan compares versions such as 3.51.3.
func olderThan(version, minimum string) bool {
	want := strings.Split(minimum, ".")
	for i, part := range strings.SplitN(version, ".", len(want)) {
		have, _ := strconv.Atoi(part)
		need, _ := strconv.Atoi(want[i])
		if have != need {
			return have < need
		}
	}
	return false
}
