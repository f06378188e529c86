package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// ErrGone says that an SQLite register that was there is there no more.
var ErrGone = errors.New("it is gone")

// traces returns what tells, where there is no database, that there was one: a lock that was used for one, its log, and
// copies that were made when its files were changed.
func (f File) traces() (found []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil {
		return nil, err
	}
	name := filepath.Base(f.path)
	for _, entry := range entries {
		switch suffix, of := strings.CutPrefix(entry.Name(), name); {
		case !of:
		case suffix == ".lock", suffix == "-wal":
			if info, err := entry.Info(); err == nil && info.Size() > 0 {
				found = append(found, f.path+suffix)
			}
		case strings.HasPrefix(suffix, rescued):
			found = append(found, f.path+suffix)
		}
	}
	return found, nil
}

// refuseGone refuses to make a register where there was one.
func (f File) refuseGone() error {
	if _, err := os.Stat(f.path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	found, err := f.traces()
	if err != nil || len(found) == 0 {
		return err
	}
	return fmt.Errorf("database %s: %w: put a backup there, or, to begin an empty register, move these away: %s", f.path, ErrGone, strings.Join(found, ", "))
}

// markUsed leaves a trace in the lock: it is empty until there is a register.
func (f File) markUsed(lock *flock.Flock) error {
	if found, err := lock.Stat(); err != nil || found.Size() > 0 {
		return err
	}
	return os.Truncate(lock.Path(), 1)
}
