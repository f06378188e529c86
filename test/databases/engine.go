package databases

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// Engine is a kind of server.
type Engine struct {
	name string
	// find returns the path of the server's program, or an error that is errNotInstalled.
	find func() (string, error)
	// arguments are those of each run.
	arguments []string
	// install fills the data folder of a server.
	install func(*Server) error
	// shared is the server of this process. It is kept for good: a server ends when nothing holds it any more.
	shared func() (*Server, error)
}

// The engines that tests run on.
var (
	MariaDB = newEngine(Engine{
		name: "MariaDB", find: findMariaDB, install: installMariaDB,
		arguments: []string{"--innodb-log-file-size=16M", "--innodb-temp-data-file-path=ibtmp1:1M:autoextend"},
	}, givenURL)
	MySQL = newEngine(Engine{
		name: "MySQL", find: findMySQL, install: installMySQL,
		arguments: []string{"--innodb-redo-log-capacity=32M", "--performance-schema=OFF", "--mysqlx=OFF", "--secure-file-priv=NULL"},
	}, "")
)

var errNotInstalled = errors.New("is not installed here")

// newEngine returns an engine whose shared server is the one that the environment variable names, if it does.
func newEngine(e Engine, given string) *Engine {
	e.shared = sync.OnceValues(func() (*Server, error) {
		if url := os.Getenv(given); url != "" {
			address, err := parseURL(url)
			return &Server{engine: &e, address: address}, err
		}
		server, err := e.Start()
		if errors.Is(err, errNotInstalled) && given != "" {
			err = fmt.Errorf("%w, or set %s=mysql://user:password@host:port/", err, given)
		}
		return server, err
	})
	return &e
}

// Engines returns MariaDB and MySQL.
func Engines() []*Engine { return []*Engine{MariaDB, MySQL} }

// String is the engine's name.
func (e *Engine) String() string { return e.name }
