package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"github.com/gofrs/flock"

	"omarty.net/registry/domain"
)

// errFilesChanged says that a path of the register no longer names the file that is open. Only a new start mends that.
var errFilesChanged = fmt.Errorf("%w: the files of the database were changed while it is open: restart the program", domain.StoreUnavailable)

// openFiles are the files of an SQLite register that is open. SQLite goes on writing to a file that was moved or deleted, and
// what it writes there is gone with the program: so nothing is acknowledged that was written since. A nil one never changes.
type openFiles struct {
	logger *slog.Logger
	// database and the others are nil until the register is open.
	database, wal, shm *openFile
	all                []*openFile
	// keeper is a connection that no request uses. It keeps the WAL in place while others come and go, and reads what is open.
	keeper  *sql.DB
	lock    *flock.Flock
	changed atomic.Bool
	noticed sync.Once
	saving  sync.WaitGroup
	// untouched is set where the files are damaged, and are to stay as they are.
	untouched bool
}

// openFile is a file by the path that it had when it was opened.
type openFile struct {
	path string
	file fs.FileInfo
}

func newOpenFile(path string) (*openFile, error) {
	file, err := os.Stat(path)
	return &openFile{path, file}, err
}

// place is what a path names, compared with the file that is open.
type place int

const (
	placeOwn     place = iota // the file that is open
	placeEmpty                // none
	placeAnother              // another file
	placeUnknown              // which one cannot be told now
)

func (o *openFile) place() place {
	switch now, err := os.Stat(o.path); {
	case errors.Is(err, fs.ErrNotExist):
		return placeEmpty
	case err != nil:
		return placeUnknown
	case os.SameFile(now, o.file):
		return placeOwn
	default:
		return placeAnother
	}
}

// watch begins to watch: the database as it was before SQLite opened it, under the path that the program was given too, its
// lock, its log and the index of that.
func (f *openFiles) watch(given string, database *openFile, keeper *sql.DB) (err error) {
	locked, err := f.lock.Stat()
	if err != nil {
		return err
	}
	own := database.path
	f.database, f.keeper = database, keeper
	if f.wal, err = newOpenFile(own + "-wal"); err != nil {
		return err
	}
	if f.shm, err = newOpenFile(own + "-shm"); err != nil {
		return err
	}
	f.all = []*openFile{database, {own + ".lock", locked}, f.wal, f.shm}
	if given != own {
		f.all = append(f.all, &openFile{given, database.file})
	}
	return f.check()
}

// check returns an error, of which domain.StoreUnavailable is a part, unless each path still names the file that is open.
// Whoever has written checks before it says so.
func (f *openFiles) check() error {
	if err := f.noticedBefore(); err != nil || f == nil {
		return err
	}
	for _, o := range f.all {
		switch o.place() {
		case placeOwn:
		case placeUnknown:
			return fmt.Errorf("%w: %s cannot be looked at", domain.StoreUnavailable, o.path)
		default:
			f.notice(o.path)
			return errFilesChanged
		}
	}
	return nil
}

// noticedBefore is check for whoever only reads: it looks at no file.
func (f *openFiles) noticedBefore() error {
	if f != nil && f.changed.Load() {
		return errFilesChanged
	}
	return nil
}

func (f *openFiles) notice(path string) {
	f.noticed.Do(func() {
		f.logger.Error("the files of the database were changed while it is open: nothing is answered until a restart", "database", f.database.path, "changed", path)
		f.saving.Go(f.save)
		f.changed.Store(true) // at last, so that whoever sees it can wait for what is saved
	})
}

// settle returns when whatever was noticed until now has been dealt with.
func (f *openFiles) settle() error {
	_ = f.check() // whoever closes is told by the log
	f.saving.Wait()
	return nil
}

// closing returns what closes connections, and does nothing where the files were changed, or are to stay as they are: at the end
// of its last connection SQLite writes to the database, and deletes the log, by their paths. Those connections end with the program.
func (f *openFiles) closing(pool *sql.DB) func() error {
	return func() error {
		if f.untouched || f.changed.Load() {
			return nil
		}
		return pool.Close()
	}
}

// unlock gives up the lock, unless connections stay: this program does not open the register anew beside them.
func (f *openFiles) unlock() error {
	if f.changed.Load() {
		return nil
	}
	return f.lock.Unlock()
}

// guarded opens connections while the files are those that are open.
type guarded struct {
	driver.Connector
	files *openFiles
}

func (g guarded) Connect(ctx context.Context) (driver.Conn, error) {
	if err := g.files.check(); err != nil {
		return nil, err
	}
	conn, err := g.Connector.Connect(ctx)
	if err == nil {
		err = g.files.check() // closing it would be as in closing
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}
