package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/domain"
)

// readOnlyDB is a database that is open to be read, beside whoever writes to it.
type readOnlyDB struct {
	*DB
	// whole is the file as it was before it was opened, where nobody had it open: SQLite then takes it for one that never changes. It
	// is nil where there was a WAL, with which SQLite reads one moment whatever is written.
	whole fs.FileInfo
}

// OpenReadOnly implements dialect.Source. It leaves nothing beside the file.
func (f File) OpenReadOnly(ctx context.Context, o dialect.Options) (dialect.Database, error) {
	if err := f.exists(); err != nil {
		return nil, err
	}
	f.path = f.own()
	whole, err := os.Stat(f.path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", f.path, err)
	}
	settings, immutable := f.toLook()
	if !immutable {
		whole = nil
	}
	pool, err := openPool(f.dsn(settings...), o.MaxConnections, nil)
	if err != nil {
		return nil, err
	}
	db := &DB{File: f, readers: pool, writers: pool, log: o.Statements}
	db.onClose(pool.Close)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(unusable(f.path, err), db.Close())
	}
	return &readOnlyDB{db, whole}, nil
}

// Verify implements dialect.Database. A program that began to write to a file that SQLite took for one that never changes may have
// been read in part.
func (d *readOnlyDB) Verify() error {
	if d.whole == nil {
		return nil
	}
	now, err := os.Stat(d.path)
	_, errLog := os.Stat(d.path + "-wal")
	if err == nil && errors.Is(errLog, fs.ErrNotExist) && os.SameFile(now, d.whole) && now.Size() == d.whole.Size() && now.ModTime().Equal(d.whole.ModTime()) {
		return nil
	}
	return fmt.Errorf("%w: another program began to use database %s while it was read: try again", domain.StoreUnavailable, d.path)
}
