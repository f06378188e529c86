// Package sqlstore keeps a register in SQLite or in MySQL (MariaDB included), through GORM. It is the one place that knows
// SQL: it opens a database, migrates it, turns rows into values of package domain and back, and the drivers' errors into
// refusals of package domain.
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"gorm.io/gorm"

	"omarty.net/registry/application"
)

// Store is a register in a database: application.Members, application.Registrar and application.Importer. Use Open; it
// is safe for concurrent use.
type Store struct {
	// read and write are the same pool on MySQL; on SQLite, write is the one connection that writes.
	read, write *gorm.DB
	source      source
	logger      *slog.Logger
	closers     []func() error
}

var (
	_ application.Members   = (*Store)(nil)
	_ application.Registrar = (*Store)(nil)
	_ application.Importer  = (*Store)(nil)
)

// Options are how a database is used. The zero value is a sound choice.
type Options struct {
	// MaxConnections is how many connections to MySQL, or readers of SQLite, are open at once; 0 stands for 16.
	MaxConnections int
	// Logger gets what the database does, at debug level, without values; nil is none.
	Logger *slog.Logger
}

const defaultMaxConnections = 16

func (o Options) filled() Options {
	if o.MaxConnections <= 0 {
		o.MaxConnections = defaultMaxConnections
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// source is what a database URL names.
type source interface {
	// open returns the store on it, ready to be migrated.
	open(ctx context.Context, o Options) (*Store, error)
	// connectToMigrate returns a migrator on a connection of its own.
	connectToMigrate(ctx context.Context, readOnly bool) (*migrator, error)
}

// Open opens the database that a URL names: sqlite://relative/path, sqlite:///absolute/path, or
// mysql://user:password@host:port/name with the options timeout, readTimeout, writeTimeout (durations such as 5s), tls
// (false, true, preferred, skip-verify) and maxAllowedPacket (bytes).
//
// An SQLite file that is not there is made, readable for its owner alone, and a lock on FILE.lock is held until Close, so
// that one process at a time writes. The schema is what the last migration left: call Migrate before first use.
//
// Its errors say what to do, and never hold the URL's password.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	return src.open(ctx, o.filled())
}

// parseURL tells the database from its URL. The URL is a secret, so no error quotes it.
func parseURL(url string) (source, error) {
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case ok && scheme == "sqlite":
		return parseSQLite(rest)
	case ok && scheme == "mysql":
		return parseMySQL(url)
	default:
		return nil, errors.New("the database URL must start with sqlite:// or mysql://")
	}
}

// Ping reports that the register's tables can be read, or domain.StoreUnavailable.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT id FROM blocks LIMIT 1) AS b").Scan(&one).Error
	if err != nil {
		return fmt.Errorf("read the register: %w", refusal(err))
	}
	return nil
}

// Close ends the store's connections and gives up its lock. What is under way ends first.
func (s *Store) Close() error {
	var errs []error
	for _, closer := range s.closers {
		errs = append(errs, closer())
	}
	return errors.Join(errs...)
}

// gormConfig holds the settings that the promises of the store rest on.
func gormConfig(logger *slog.Logger) *gorm.Config {
	return &gorm.Config{
		// Register opens the one transaction that it needs, and nothing else needs one.
		SkipDefaultTransaction:   true,
		DisableNestedTransaction: true,
		// Prepared statements of GORM's can deadlock on a small pool.
		PrepareStmt: false,
		// GORM's translation drops which key was violated; errors.go does ours.
		TranslateError:       false,
		DisableAutomaticPing: true,
		Logger:               statementLog{logger},
	}
}
