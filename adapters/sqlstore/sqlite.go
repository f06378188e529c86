package sqlstore

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
)

// ErrInUse says that another process holds the lock of an SQLite file.
var ErrInUse = errors.New("another omarty process is using it: stop that one first")

// MinSQLiteVersion is the oldest SQLite library that a register is trusted to: below it, a WAL file can corrupt the
// database (sqlite.org/wal.html, the WAL-reset bug).
const MinSQLiteVersion = "3.51.3"

// sqliteFile is a register in a file.
type sqliteFile struct {
	path string
	// files is nil until it is open.
	files *openFiles
}

func parseSQLite(path string) (source, error) {
	if path == "" || strings.ContainsAny(path, "\x00") {
		return nil, errors.New("the database URL names no file: write sqlite://omarty.db or sqlite:///var/lib/omarty.db")
	}
	return sqliteFile{path: filepath.Clean(path)}, nil
}

func (f sqliteFile) open(ctx context.Context, o Options) (_ *Store, err error) {
	f.files = &openFiles{logger: o.Logger}
	s := &Store{
		source: f, files: f.files, engine: sqliteItself, statements: statementLog{o.Logger, o.OnStatement}, pools: map[string]*sql.DB{}, leaveServer: func() {},
	}
	defer func() {
		if err != nil {
			f.files.untouched = isDamage(err)
			err = errors.Join(err, s.Close())
		}
	}()
	if err := f.usable(); err != nil {
		return nil, err
	}
	given := f.path
	// By its own name, so that whoever comes by a link meets the same lock.
	if own, err := filepath.EvalSymlinks(f.path); err == nil {
		f.path = own
		s.source = f
	}
	lock, err := f.lock()
	if err != nil {
		return nil, err
	}
	f.files.lock = lock
	s.closers = append(s.closers, f.files.unlock)
	if err := f.create(); err != nil {
		return nil, err
	}
	database, err := newOpenFile(f.path)
	if err != nil {
		return nil, err
	}
	writer := f.dsn("_txlock=immediate", "_journal_mode=WAL")
	if s.write, err = s.openPool(ctx, "write", writer, 1, provesWritable, waitsForNoLock); err != nil {
		return nil, err
	}
	if err := f.check(ctx, s.write); err != nil {
		return nil, err
	}
	if s.read, err = s.openPool(ctx, "read", f.dsn("_query_only=on"), o.MaxConnections); err != nil {
		return nil, err
	}
	s.readers, s.writers = s.pools["read"], s.pools["write"]
	s.sqliteWrites = newSQLiteWrites(s.writers, s.files, s.statements)
	if err := s.keep(ctx, given, database); err != nil {
		return nil, err
	}
	return s, f.markUsed(lock)
}

// keep has the files watched that the store has open. Closing the store, what is under way ends first, then what is open is
// compared with the paths, and then connections are closed.
func (s *Store) keep(ctx context.Context, given string, database *openFile) error {
	file := s.source.(sqliteFile)
	keeper, err := openSQLitePool(file.dsn(), 1, s.files)
	if err != nil {
		return err
	}
	s.closers = append([]func() error{s.files.closing(keeper)}, s.closers...)
	if _, err := keeper.ExecContext(ctx, "SELECT 1 FROM sqlite_schema"); err != nil { // opens the log
		return unusable(file.path, err)
	}
	if err := s.files.watch(given, database, keeper); err != nil {
		return fmt.Errorf("database %s: %w", file.path, err)
	}
	s.closers = append([]func() error{s.sqliteWrites.end, s.files.settle}, s.closers...)
	return nil
}

// provesWritable begins a write that writes nothing. SQLite opens a file that may not be written for reading, without an
// error, and the connection would stay so when it may be written again: this one is not made at all.
const provesWritable = "PRAGMA incremental_vacuum(1)"

// waitsForNoLock has the connection that writes, once it is open, not wait for a lock, but say that it is busy. What it was to
// do is tried again (retry), so that whoever asked for it can leave.
const waitsForNoLock = "PRAGMA busy_timeout = 0"

// sharesLookups is false: there is no round trip to share.
func (sqliteFile) sharesLookups() bool { return false }

// committers is one: SQLite has one writer.
func (sqliteFile) committers(Options) int { return 1 }

// dsn is what the driver opens the file by. A commit waits for the disk, and who needs a lock for up to 5 seconds.
func (f sqliteFile) dsn(settings ...string) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(f.path)
	all := append([]string{"_synchronous=FULL", "_foreign_keys=on", "_busy_timeout=5000", "_dqs=0", "_defensive=1", "_error_rc=1"}, settings...)
	return "file:" + escaped + "?" + strings.Join(all, "&")
}

// String returns the file's path.
func (f sqliteFile) String() string { return f.path }

// usable refuses a path at which no database can be, before anything is made there.
func (f sqliteFile) usable() error {
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
func (f sqliteFile) lock() (*flock.Flock, error) {
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
func (f sqliteFile) create() error {
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

func (f sqliteFile) exists() error {
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
func (f sqliteFile) writable() error {
	for _, path := range []string{f.path, f.path + "-wal", f.path + "-shm"} {
		if err := access(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("database %s: %s may not be written: %w", f.path, path, err)
		}
	}
	return nil
}

// openPool opens a pool of so many connections and proves that one works.
func (s *Store) openPool(ctx context.Context, name, dsn string, connections int, first ...string) (*gorm.DB, error) {
	pool, err := openSQLitePool(dsn, connections, s.files, first...)
	if err != nil {
		return nil, err
	}
	s.pools[name] = pool
	s.closers = append([]func() error{s.files.closing(pool)}, s.closers...) // the lock goes last
	path := s.source.(sqliteFile).path
	if err := pool.PingContext(ctx); err != nil {
		return nil, unusable(path, err)
	}
	db, err := gorm.Open(sqlite.New(sqlite.Config{Conn: pool}), gormConfig(s.statements))
	if err != nil {
		return nil, unusable(path, err)
	}
	return db, nil
}

// unusable says why a file cannot be used, and what to do where it is damaged.
func unusable(path string, err error) error {
	if isDamage(err) {
		return fmt.Errorf("database %s is damaged or no SQLite database: restore a backup (%w)", path, err)
	}
	return fmt.Errorf("database %s cannot be opened: %w", path, err)
}

// openSQLitePool returns a pool of which each connection begins with the given statements. It opens none where files are
// watched and have changed.
func openSQLitePool(dsn string, connections int, files *openFiles, first ...string) (*sql.DB, error) {
	connector, err := driver.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(beginning{guarded{connector, files}, first})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// check refuses a library that is too old and a file that is damaged, before anything is written.
func (f sqliteFile) check(ctx context.Context, db *gorm.DB) error {
	var version string
	if err := db.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return unusable(f.path, err)
	}
	if olderThan(version, MinSQLiteVersion) {
		return fmt.Errorf("this program holds SQLite %s, in which WAL files can corrupt a database: build it with %s or newer", version, MinSQLiteVersion)
	}
	var verdict string
	if err := db.WithContext(ctx).Raw("PRAGMA quick_check(1)").Scan(&verdict).Error; err != nil {
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
