package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Check tells whether Open would succeed, without changing or locking anything.
func (f File) Check(ctx context.Context) (absent bool, err error) {
	if absent, err := f.checkFile(); err != nil || absent {
		return absent, err
	}
	pool, _, err := f.ConnectToMigrate(ctx, true)
	if err != nil {
		return false, err
	}
	return false, errors.Join(f.checkWhole(ctx, pool), pool.Close())
}

// checkFile checks that the file and its folder may be written; SQLite makes files beside it.
func (f File) checkFile() (absent bool, err error) {
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
func (f File) own() string {
	if own, err := filepath.EvalSymlinks(f.path); err == nil {
		return own
	}
	return f.path
}

// toLook are the settings of a connection that looks at a file and leaves nothing beside it. To read a file in WAL mode,
// SQLite makes its WAL where there is none; without one, nobody has the file open and it is whole.
func (f File) toLook() (settings []string, immutable bool) {
	if _, err := os.Stat(f.own() + "-wal"); errors.Is(err, fs.ErrNotExist) {
		return []string{"mode=ro", "immutable=1"}, true
	}
	return []string{"mode=ro"}, false
}
