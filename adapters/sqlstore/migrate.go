package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
	"time"

	"github.com/pressly/goose/v3"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
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
	source   dialect.Source
	progress *migrations.Progress
}

func newMigrator(ctx context.Context, src dialect.Source, readOnly bool) (*migrator, error) {
	files, err := fs.Sub(migrations.Files, src.Schema().Folder)
	if err != nil {
		return nil, err
	}
	pool, options, err := src.ConnectToMigrate(ctx, readOnly)
	if err != nil {
		return nil, err
	}
	progress := &migrations.Progress{}
	options = append(options, goose.WithGoMigrations(migrations.InGo(src.Schema().Folder, progress)...), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	provider, err := goose.NewProvider(src.Schema().Dialect, pool, files, options...)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &migrator{provider: provider, pool: pool, source: src, progress: progress}, nil
}

// Migrate brings the schema up to this program's, and returns what it applied. Several processes may do so at once. It
// returns ErrNewerSchema where the schema is past this program's, and ErrUnfit where it is not what the migrations made.
func (s *Store) Migrate(ctx context.Context) (applied []Migration, err error) {
	m, err := newMigrator(ctx, s.db, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.pool.Close(), s.db.Verify()) }()
	m.progress.Begin("wait until no other process migrates")
	defer m.report(s.onMigrating)()
	// On a newer schema Up finds nothing to do. It goes first because it alone takes the lock before it looks.
	results, err := m.provider.Up(ctx)
	for _, r := range results {
		applied = append(applied, Migration{Version: r.Source.Version, Name: path.Base(r.Source.Path), AppliedAt: time.Now()})
	}
	if err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	if err := m.refuseNewer(ctx); err != nil {
		return applied, err
	}
	return applied, s.checkFit(ctx)
}

// report tells each second how far the migrations are, until the function that it returns is called.
func (m *migrator) report(tell func(progress string)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var reporting sync.WaitGroup
	reporting.Go(func() {
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				tell(m.progress.String())
			}
		}
	})
	return func() {
		cancel()
		reporting.Wait()
	}
}

func (m *migrator) refuseNewer(ctx context.Context) error {
	current, target, err := m.provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	if current > target {
		return fmt.Errorf("database %s: schema version %d, while this program knows up to %d: %w", m.source, current, target, ErrNewerSchema)
	}
	return nil
}

// Migrations lists every migration of a database, in order, without changing or locking it.
func Migrations(ctx context.Context, url string) (all []Migration, err error) {
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	m, err := newMigrator(ctx, src, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.pool.Close()) }()
	var tables int
	if err := m.pool.QueryRowContext(ctx, src.Schema().FindVersions).Scan(&tables); err != nil {
		return nil, fmt.Errorf("read the version of the schema: %w", err)
	}
	if tables == 0 { // goose would make its table
		for _, s := range m.provider.ListSources() {
			all = append(all, Migration{Version: s.Version, Name: path.Base(s.Path)})
		}
		return all, nil
	}
	if err := m.refuseNewer(ctx); err != nil {
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
