package sqlstore

import (
	"context"
	"errors"

	"omarty.net/registry/adapters/sqlstore/sqlite"
)

// ErrNoBackup says that the database's own tools make its backups.
var ErrNoBackup = errors.New("a backup of MySQL is made by its own tools: mariadb-dump --single-transaction, or mariabackup")

// Backup writes a consistent copy of an SQLite register to a file that must not exist yet, while a server may be using the
// register. The copy is on disk when it returns; on an error no file is left. It returns ErrNoBackup for MySQL.
func Backup(ctx context.Context, url, target string) error {
	src, err := parseURL(url)
	if err != nil {
		return err
	}
	file, ok := src.(sqlite.File)
	if !ok {
		return ErrNoBackup
	}
	return file.Backup(ctx, target)
}
