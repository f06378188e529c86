// Package sqlstore keeps a register in SQLite or in MySQL (MariaDB included), through GORM. It is the one place that knows
// SQL: it opens a database, migrates it, turns rows into values of package domain and back, and the drivers' errors into
// refusals of package domain.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/adapters/sqlstore/migrations"
	"omarty.net/registry/adapters/sqlstore/mysql"
	"omarty.net/registry/adapters/sqlstore/sqlite"
	"omarty.net/registry/application"
)

// Store is a register in a database: application.Store. Use Open; it is safe for concurrent use.
type Store struct {
	db      dialect.Database
	gorm    *gorm.DB // on the connections that write
	log     statement.Log
	onRetry func()
	// committer writes change sets.
	committer *committer
	// members and membersInBlock read a user's memberships.
	members, membersInBlock *statement.Prepared
	// onMigrating is told each second how far Migrate is.
	onMigrating func(progress string)
	// prepared are the statements of other reads, by their texts.
	prepared sync.Map
	// lookups is nil where each lookup has a query of its own.
	lookups *lookups
}

var _ application.Store = (*Store)(nil)

// Options are how a database is used. The zero value is a sound choice.
type Options struct {
	// MaxConnections is how many connections to MySQL, or readers of SQLite, are open at once; 0 stands for 16.
	MaxConnections int
	// BatchSize is how many change sets that wait at the same time are written in one transaction, and on MySQL how many
	// lookups of memberships share one query; 0 stands for 64, and 1 gives each its own.
	BatchSize int
	// Committers is how many batches may be under way at once on MySQL; 0 stands for 2. On SQLite one writes at a time.
	Committers int
	// AnyEngine opens a database on a server that is neither MySQL nor MariaDB, too.
	AnyEngine bool
	// OnRetry is called for each transaction that is tried again; nil is nothing.
	OnRetry func()
	// OnStatement is called after each statement, for whoever traces them: with the context that it ran under, its verb
	// and first table, such as INSERT apartments, when it began and its error. Statements that go to the server together
	// are told of together, as INSERT apartments, INSERT changes. Nil is nothing.
	OnStatement func(ctx context.Context, statement string, began time.Time, err error)
	// OnBatch is called before change sets are written, or memberships read, together, with the contexts of their
	// callers. It is done under the context that it returns, without its deadline, and then end is called. Nil is nothing.
	OnBatch func(callers []context.Context) (ctx context.Context, end func())
	// OnMigrating is called each second while Migrate is at work, with how far it is, in a line for people. Nil is nothing.
	OnMigrating func(progress string)
	// Logger gets what the database does, at debug level, without values; nil is none.
	Logger *slog.Logger
}

const (
	defaultMaxConnections = 16
	defaultBatchSize      = 64
	defaultCommitters     = 2
)

func (o Options) filled() Options {
	if o.MaxConnections <= 0 {
		o.MaxConnections = defaultMaxConnections
	}
	if o.BatchSize <= 0 {
		o.BatchSize = defaultBatchSize
	}
	if o.Committers <= 0 {
		o.Committers = defaultCommitters
	}
	if o.OnRetry == nil {
		o.OnRetry = func() {}
	}
	if o.OnMigrating == nil {
		o.OnMigrating = func(string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Open opens the database that a URL names: sqlite://relative/path, sqlite:///absolute/path, or
// mysql://user:password@host:port/name with the options timeout, readTimeout, writeTimeout (durations such as 5s), tls
// (false, true, preferred, skip-verify) and maxAllowedPacket (bytes). Of the servers of a cluster all may be named,
// user:password@host:port,host:port. Each connection is made to the first that takes writes, in this order or, with
// hosts=random, in any; one that does not answer within a second is passed over.
//
// An SQLite file that is not there is made, readable for its owner alone, unless something tells that it was there (ErrGone).
// A lock on FILE.lock is held until Close, so that one process at a time writes. Where the files are moved, deleted or replaced
// under the store, everything is refused from then on as domain.StoreUnavailable, and connections and lock stay with the process.
//
// The schema is what the last migration left: call Migrate before first use.
//
// It returns a URLError for a malformed URL. Its errors say what to do, and never hold the URL's password.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	o = o.filled()
	log := statement.Log{Logger: o.Logger, OnStatement: o.OnStatement}
	db, err := src.Open(ctx, dialect.Options{MaxConnections: o.MaxConnections, AnyEngine: o.AnyEngine, Logger: o.Logger, Statements: log})
	if err != nil {
		return nil, err
	}
	return newStore(db, log, o)
}

// newStore returns a store on a database, which it closes on an error.
func newStore(db dialect.Database, log statement.Log, o Options) (*Store, error) {
	orm, err := openGORM(db, db.Writers(), log)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	prepared := func(text string) *statement.Prepared {
		return statement.Prepare(db.Readers(), db.Engine().Current+text, log)
	}
	s := &Store{
		db: db, gorm: orm, log: log, onRetry: o.OnRetry, onMigrating: o.OnMigrating,
		members: prepared(selectMembersOfUser), membersInBlock: prepared(selectMembersInBlock),
	}
	committers := o.Committers
	if db.Engine().OneWriter {
		committers = 1
	}
	s.committer = newCommitter(s, o.BatchSize, committers, o.OnBatch)
	if o.BatchSize > 1 && db.Engine().SharesLookups {
		s.lookups = newLookups(s, o.BatchSize, o.OnBatch)
	}
	return s, nil
}

// URLError says what is wrong with a database URL. The URL is a secret, so it does not quote it.
type URLError string

// Error says what is wrong.
func (e URLError) Error() string { return string(e) }

// parseURL tells the database from its URL.
func parseURL(url string) (src dialect.Source, err error) {
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case ok && scheme == "sqlite":
		src, err = sqlite.Parse(rest)
	case ok && scheme == "mysql":
		src, err = mysql.Parse(url)
	default:
		err = errors.New("the database URL must start with sqlite:// or mysql://")
	}
	if err != nil {
		return nil, URLError(err.Error())
	}
	return src, nil
}

// ErrOlderSchema says that migrations are missing.
var ErrOlderSchema = errors.New("migrations are missing: run omarty migrate")

// Ping reports that the register can be read and written, that no migration is missing, and that the database holds what the
// store relies on. It returns domain.StoreUnavailable, ErrOlderSchema or ErrUnfit.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.Verify(); err != nil {
		return err
	}
	const text = "SELECT (SELECT COUNT(*) FROM (SELECT id FROM blocks LIMIT 1) AS b), " +
		"(SELECT COALESCE(MAX(version_id), 0) FROM " + versionTable + ")"
	var blocks int
	var version int64
	began := time.Now()
	err := s.db.Readers().QueryRowContext(ctx, text).Scan(&blocks, &version)
	s.log.Ran(ctx, text, began, err)
	if err != nil {
		return fmt.Errorf("read the register: %w", s.refusal(err))
	}
	if version < migrations.Latest(s.db.Schema().Folder) {
		return ErrOlderSchema
	}
	return s.checkFit(ctx)
}

// Engine names the kind of database: SQLite, MySQL, MySQL Group Replication, MariaDB or MariaDB Galera Cluster.
func (s *Store) Engine() string { return s.db.Engine().Name }

// Pools returns the store's pools of connections by name, for whoever watches them: read and write on SQLite, mysql on
// MySQL. They are the store's to use and to close.
func (s *Store) Pools() map[string]*sql.DB { return s.db.Pools() }

// Close ends the store's connections and gives up its lock. What is under way ends first.
func (s *Store) Close() error {
	if s.lookups != nil {
		s.lookups.Close()
	}
	s.committer.close()
	return s.db.Close()
}

// openGORM has GORM use a pool, with the settings that the promises of the store rest on.
func openGORM(src dialect.Source, pool *sql.DB, log statement.Log) (*gorm.DB, error) {
	db, err := gorm.Open(src.Dialector(pool), &gorm.Config{
		// The store opens the transactions that it needs, and nothing else needs one.
		SkipDefaultTransaction:   true,
		DisableNestedTransaction: true,
		// Prepared statements of GORM's can deadlock on a small pool.
		PrepareStmt: false,
		// GORM's translation drops which key was violated.
		TranslateError:       false,
		DisableAutomaticPing: true,
		Logger:               log,
	})
	if err != nil {
		return nil, fmt.Errorf("database %s cannot be opened: %w", src, err)
	}
	return db, nil
}
