package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"

	"omarty.net/registry/adapters/sqlstore/migrations"
)

// ErrNewerSchema says that a newer version of the program has migrated the database.
var ErrNewerSchema = errors.New("it was migrated by a newer version of this program: use that version")

// versionTable is where goose keeps what is applied.
const versionTable = goose.DefaultTablename

// Migration is one numbered change of the schema.
type Migration struct {
	Version int64
	Name    string
	// AppliedAt is zero while it is not applied.
	AppliedAt time.Time
}

// migrator runs the migrations of one database on a connection of its own, without the timeouts that requests have: a
// change of a large table takes its time.
type migrator struct {
	provider *goose.Provider
	pool     *sql.DB
	schema   schema
}

// schema is what the tables and migrations of one kind of database differ in.
type schema struct {
	dialect database.Dialect
	folder  string
	// findVersions counts goose's table of versions: 0 before the first migration.
	findVersions string
	// selectKeys reads the keys that are there, and keys are those that the store relies on.
	selectKeys string
	keys       []string
}

var (
	sqliteSchema = schema{
		dialect:      goose.DialectSQLite3,
		folder:       "sqlite",
		findVersions: "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = '" + versionTable + "'",
		selectKeys:   selectSQLiteKeys,
		keys:         keysOfAll,
	}
	mysqlSchema = schema{
		dialect:      goose.DialectMySQL,
		folder:       "mysql",
		findVersions: "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '" + versionTable + "'",
		selectKeys:   selectMySQLKeys,
		keys:         append(mysqlTables, keysOfAll...),
	}
)

func (sqliteFile) schema() schema { return sqliteSchema }

func (mysqlServer) schema() schema { return mysqlSchema }

// latest returns the version of the last migration.
func (s schema) latest() (last int64) {
	files, _ := migrations.Files.ReadDir(s.folder) // they are embedded
	for _, file := range files {
		if version, err := goose.NumericComponent(file.Name()); err == nil {
			last = max(last, version)
		}
	}
	return last
}

func newMigrator(pool *sql.DB, schema schema, options ...goose.ProviderOption) (*migrator, error) {
	files, err := fs.Sub(migrations.Files, schema.folder)
	if err != nil {
		return nil, err
	}
	options = append(options, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	provider, err := goose.NewProvider(schema.dialect, pool, files, options...)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &migrator{provider: provider, pool: pool, schema: schema}, nil
}

func (f sqliteFile) connectToMigrate(_ context.Context, readOnly bool) (*migrator, error) {
	settings := []string{"_txlock=immediate"}
	if readOnly {
		if err := f.exists(); err != nil {
			return nil, err
		}
		settings = f.toLook()
	}
	pool, err := openSQLitePool(f.dsn(settings...), 1, f.files)
	if err != nil {
		return nil, err
	}
	return newMigrator(pool, sqliteSchema)
}

func (m mysqlServer) connectToMigrate(ctx context.Context, readOnly bool) (*migrator, error) {
	config := m.config.Clone()
	config.ReadTimeout, config.WriteTimeout = 0, 0
	pool, _, err := m.connect(ctx, config, 3) // the migrations, the lock and its heartbeat
	if err != nil {
		return nil, err
	}
	if readOnly {
		return newMigrator(pool, mysqlSchema) // the lock would be a row to write
	}
	locker, err := lock.NewMySQLTableLocker(lock.WithTableLockTimeout(250*time.Millisecond, 1200))
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return newMigrator(pool, mysqlSchema, goose.WithLocker(locker))
}

// Migrate brings the schema up to this program's, and returns what it applied. Several processes may do so at once. It
// returns ErrNewerSchema where the schema is past this program's, and ErrUnfit where it is not what the migrations made.
func (s *Store) Migrate(ctx context.Context) (applied []Migration, err error) {
	m, err := s.source.connectToMigrate(ctx, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.pool.Close(), s.files.check()) }()
	// On a newer schema Up finds nothing to do. It goes first because it alone takes the lock before it looks.
	results, err := m.provider.Up(ctx)
	for _, r := range results {
		applied = append(applied, Migration{Version: r.Source.Version, Name: path.Base(r.Source.Path), AppliedAt: time.Now()})
	}
	if err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	if err := m.refuseNewer(ctx, s.source); err != nil {
		return applied, err
	}
	return applied, s.checkFit(ctx)
}

func (m *migrator) refuseNewer(ctx context.Context, src source) error {
	current, target, err := m.provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	if current > target {
		return fmt.Errorf("database %s: schema version %d, while this program knows up to %d: %w", src, current, target, ErrNewerSchema)
	}
	return nil
}

// Migrations lists every migration of a database, in order, without changing or locking it.
func Migrations(ctx context.Context, url string) (all []Migration, err error) {
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	m, err := src.connectToMigrate(ctx, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.pool.Close()) }()
	var tables int
	if err := m.pool.QueryRowContext(ctx, m.schema.findVersions).Scan(&tables); err != nil {
		return nil, fmt.Errorf("read the version of the schema: %w", err)
	}
	if tables == 0 { // goose would make its table
		for _, s := range m.provider.ListSources() {
			all = append(all, Migration{Version: s.Version, Name: path.Base(s.Path)})
		}
		return all, nil
	}
	if err := m.refuseNewer(ctx, src); err != nil {
		return nil, err
	}
	status, err := m.provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the version of the schema: %w", err)
	}
	for _, s := range status {
		all = append(all, Migration{Version: s.Source.Version, Name: path.Base(s.Source.Path), AppliedAt: s.AppliedAt})
	}
	return all, nil
}
