package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the register to a file that must not exist yet, while a server may be using the
// register. The copy is on disk when it returns; on an error no file is left.
func (f File) Backup(ctx context.Context, target string) (err error) {
	if err := f.exists(); err != nil {
		return err
	}
	// SQLite would take file:x and :memory: for something else than files of that name.
	if target, err = filepath.Abs(target); err != nil {
		return fmt.Errorf("the backup cannot be made: %w", err)
	}
	pool, err := openPool(f.dsn("mode=ro"), 1, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	switch err := copyInto(ctx, pool, target); {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s exists: a backup overwrites nothing", target)
	case err != nil:
		return fmt.Errorf("back up %s: %w", f.path, err)
	default:
		return nil
	}
}

// copyInto writes a consistent copy of what a pool has open to a new file, which only its owner may read. The copy is on disk
// when it returns; on an error no file is left.
func copyInto(ctx context.Context, pool *sql.DB, target string) (err error) {
	// SQLite fills an empty file that is there, and would make one that is readable for all.
	made, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, made.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(target))
		}
	}()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", target); err != nil {
		return err
	}
	if err := made.Sync(); err != nil {
		return fmt.Errorf("write it to disk: %w", err)
	}
	return syncFolder(filepath.Dir(target))
}

func syncFolder(path string) error {
	folder, err := os.Open(path) // #nosec G304 -- the folder of a file that the operator names
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
