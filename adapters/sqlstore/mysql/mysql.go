// Package mysql is a register on MySQL or MariaDB, or on a cluster of either: what differs there from other databases.
package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
)

// Server is a register on a server, or on the servers of a cluster.
type Server struct {
	Errors
	// config is that of each host, but for its address.
	config *driver.Config
	// hosts are tried in this order, or in any.
	hosts    []string
	anyOrder bool
}

// Timeouts bound what a context cannot: COMMIT, and a server that falls silent.
const (
	connectTimeout = 5 * time.Second
	// nextHostAfter takes its place where there is another host to try.
	nextHostAfter = time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 10 * time.Second
	// connLifetime lets a pool follow a failover.
	connLifetime = 3 * time.Minute
	// waitTimeout is how long the server waits for a client that a parted network hides, with what its transaction has
	// locked. An idle connection is closed well before.
	waitTimeout  = 30 * time.Second
	connIdleTime = 20 * time.Second
)

// isolation is set on each connection: the lowest level that does not show what another transaction is about to undo. Above
// it, MySQL keeps a lock on the end of the table where a key is taken, and all that is inserted anywhere waits for it. The
// variable has one name on MySQL and another on MariaDB; the statement has one.
const isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

// urlOptions are what a URL may set, each with how to set it.
var urlOptions = map[string]func(c *driver.Config, value string) error{
	"timeout":          func(c *driver.Config, v string) error { return setDuration(&c.Timeout, v) },
	"readTimeout":      func(c *driver.Config, v string) error { return setDuration(&c.ReadTimeout, v) },
	"writeTimeout":     func(c *driver.Config, v string) error { return setDuration(&c.WriteTimeout, v) },
	"maxAllowedPacket": setMaxAllowedPacket,
	"tls":              setTLS,
}

// hostsOption says in which order several hosts are tried.
const hostsOption = "hosts"

func setDuration(to *time.Duration, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return errors.New("must be a duration above 0, such as 5s")
	}
	*to = d
	return nil
}

// leastAllowedPacket holds a batch of any size.
const leastAllowedPacket = 256 << 10

func setMaxAllowedPacket(c *driver.Config, text string) error {
	n, err := strconv.ParseUint(text, 10, 30)
	if err != nil || n > 0 && n < leastAllowedPacket {
		return fmt.Errorf("must be a number of bytes from %d, or 0 to ask the server", leastAllowedPacket)
	}
	c.MaxAllowedPacket = int(n)
	return nil
}

func setTLS(c *driver.Config, mode string) error {
	switch mode {
	case "false", "true", "preferred", "skip-verify":
		c.TLSConfig = mode
		return nil
	default:
		return errors.New("must be false, true, preferred or skip-verify")
	}
}

// Parse reads mysql://user:password@host:port,host:port/name?options. No error quotes more of it than an option.
func Parse(text string) (Server, error) {
	const form = "write mysql://user:password@host:port/name, with several hosts as host:port,host:port and with special characters of the password percent-encoded"
	s := Server{config: driver.NewConfig()}
	var u *url.URL
	for _, text := range eachHost(text) {
		var err error
		if u, err = url.Parse(text); err != nil {
			return Server{}, errors.New("the database URL is malformed: " + form)
		}
		if u.Hostname() == "" {
			return Server{}, errors.New("the database URL needs a host and the name of one database: " + form)
		}
		s.hosts = append(s.hosts, net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "3306")))
	}
	name := strings.TrimPrefix(u.Path, "/")
	if name == "" || strings.Contains(name, "/") || u.Fragment != "" {
		return Server{}, errors.New("the database URL needs a host and the name of one database: " + form)
	}
	c := s.config
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net = "tcp"
	c.DBName = name
	c.Timeout, c.ReadTimeout, c.WriteTimeout = connectTimeout, readTimeout, writeTimeout
	if len(s.hosts) > 1 {
		c.Timeout = nextHostAfter
	}
	if err := s.applyOptions(u.RawQuery); err != nil {
		return Server{}, err
	}
	c.ParseTime = true
	c.Loc = time.UTC
	c.Collation = "utf8mb4_general_ci"
	// One round trip a statement instead of three. Safe with utf8mb4.
	c.InterpolateParams = true
	// A server that turns read-only, as at a switchover, is left at once.
	c.RejectReadOnly = true
	c.Params = map[string]string{
		"time_zone": "'+00:00'",
		// A statement outside of a transaction is one, and a transaction that has ended begins no other: what is read in one
		// that stays open is never seen to change.
		"autocommit":      "1",
		"completion_type": "0",
		"sql_mode":        "'TRADITIONAL,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'",
		// Far below the deadline of a request, which tries again: a batch that waits keeps others waiting.
		"innodb_lock_wait_timeout": "1",
		// Whatever the server's own are. The name of a duplicate's key is read from the message (ViolatedKey).
		"foreign_key_checks": "1",
		"unique_checks":      "1",
		"lc_messages":        "'en_US'",
	}
	c.Logger = &driver.NopLogger{}
	return s, nil
}

// eachHost returns a URL for each of the hosts of one, which net/url takes one of.
func eachHost(text string) (urls []string) {
	scheme, rest, _ := strings.Cut(text, "://")
	authority := rest[:strings.IndexAny(rest+"/", "/?#")]
	user := authority[:strings.LastIndexByte(authority, '@')+1]
	for host := range strings.SplitSeq(authority[len(user):], ",") {
		urls = append(urls, scheme+"://"+user+host+rest[len(authority):])
	}
	return urls
}

func (s *Server) applyOptions(query string) error {
	options, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the options of the database URL are malformed: write name=value pairs, parted by &")
	}
	for name, values := range options {
		value := values[len(values)-1]
		set, known := urlOptions[name]
		switch {
		case name == hostsOption:
			err = s.setOrder(value)
		case !known:
			return fmt.Errorf("the database URL has the unknown option %q: use timeout, readTimeout, writeTimeout, tls, maxAllowedPacket or hosts", name)
		default:
			err = set(s.config, value)
		}
		if err != nil {
			return fmt.Errorf("option %s of the database URL %w", name, err)
		}
	}
	return nil
}

func (s *Server) setOrder(order string) error {
	if order != "in-order" && order != "random" {
		return errors.New("must be in-order or random")
	}
	s.anyOrder = order == "random"
	return nil
}

// Open implements dialect.Source.
func (s Server) Open(ctx context.Context, o dialect.Options) (_ dialect.Database, err error) {
	config := s.config.Clone()
	config.Params["wait_timeout"] = strconv.Itoa(int(waitTimeout.Seconds())) // a migration may wait longer
	config.MultiStatements = true
	pool, hosts, err := s.connect(ctx, config, o.MaxConnections)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pool.Close())
		}
	}()
	variables, err := readVariables(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", s, err)
	}
	engine, err := detectEngine(variables)
	if err != nil && !o.AnyEngine {
		return nil, fmt.Errorf("database %s: %w", s, err)
	}
	engine.UseIndex, engine.UsePrimary, engine.JoinsRanges = " FORCE INDEX (%s)", " FORCE INDEX (PRIMARY)", true
	pool.SetConnMaxIdleTime(connIdleTime)
	db := &DB{Server: s, pool: pool, maxConnections: o.MaxConnections, engine: engine, statements: o.Statements, endWatch: func() {}}
	if len(s.hosts) > 1 {
		db.endWatch = inBackground(hosts.watch)
	}
	return db, nil
}

// OpenReadOnly implements dialect.Source.
func (s Server) OpenReadOnly(ctx context.Context, o dialect.Options) (dialect.Database, error) {
	return s.Open(ctx, o)
}

// String names the database and its servers.
func (s Server) String() string { return s.config.DBName + " on " + strings.Join(s.hosts, ", ") }

// Dialector implements dialect.Source. The version would matter to GORM for RETURNING and for its migrator; neither is used.
func (Server) Dialector(pool *sql.DB) gorm.Dialector {
	return mysql.New(mysql.Config{
		Conn: pool, SkipInitializeWithVersion: true, DisableWithReturning: true,
		DontSupportForShareClause: true, // MariaDB has LOCK IN SHARE MODE, and so has MySQL
	})
}

// connect opens a pool and proves that one connection works.
func (s Server) connect(ctx context.Context, c *driver.Config, connections int) (*sql.DB, *hosts, error) {
	hosts, err := s.newConnector(c)
	if err != nil {
		return nil, nil, fmt.Errorf("database %s: %w", s, err)
	}
	pool := sql.OpenDB(hosts)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxLifetime(connLifetime)
	if err := pool.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("database %s cannot be reached: %w", s, err), pool.Close())
	}
	return pool, hosts, nil
}

// inBackground runs until the function that it returns is called.
func inBackground(run func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}
