package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/connector"
)

// hosts opens connections to the first host that takes writes.
type hosts struct {
	all      []*host
	anyOrder bool
	// timeout bounds what connecting to one of them takes, its greeting included.
	timeout time.Duration
}

// host is the address of a server.
type host struct {
	driver.Connector
	address string
	// failedAt is when it last could not be used, in nanoseconds; 0 is never.
	failedAt atomic.Int64
	open     openConns
}

// hostAvoidedFor is how long a host that could not be used is tried after the others.
const hostAvoidedFor = 2 * time.Second

// errReadOnly is a server that takes no writes: a replica, a primary that was, or one that has left its cluster.
var errReadOnly = &cause.Error{Cause: cause.Elsewhere, Err: errors.New("the server is read-only, or closed the connection")}

// provesWrites is refused by a server that is read-only (error 1290), and by one of Galera that has left its cluster (1047).
const provesWrites = "START TRANSACTION READ WRITE"

func (s Server) newConnector(c *mysql.Config) (*hosts, error) {
	h := &hosts{anyOrder: s.anyOrder, timeout: c.Timeout}
	for _, address := range s.hosts {
		host := &host{address: address}
		own := c.Clone()
		own.Addr = address // TLS takes the name to check from it
		own.DialFunc = host.open.dial
		plain, err := mysql.NewConnector(own)
		if err != nil {
			return nil, err
		}
		host.Connector = connector.WithInit(plain, isolation, provesWrites, Rollback)
		h.all = append(h.all, host)
	}
	return h, nil
}

// Connect implements driver.Connector. Its error names each host and why it could not be used.
func (h *hosts) Connect(ctx context.Context) (driver.Conn, error) {
	var failed []error
	for _, host := range h.inOrder() {
		conn, err := host.connect(ctx, h.timeout)
		if err == nil {
			host.failedAt.Store(0)
			return conn, nil
		}
		if ctx.Err() == nil {
			host.failed()
		}
		failed = append(failed, fmt.Errorf("%s: %w", host.address, err))
	}
	return nil, cause.ConnectError{Err: errors.Join(failed...)}
}

// Driver implements driver.Connector.
func (h *hosts) Driver() driver.Driver { return h.all[0].Driver() }

// inOrder returns the hosts as they are to be tried: those last that have failed a moment ago.
func (h *hosts) inOrder() []*host {
	if len(h.all) == 1 {
		return h.all
	}
	order := slices.Clone(h.all)
	if h.anyOrder {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	failed := func(h *host) int {
		if time.Since(time.Unix(0, h.failedAt.Load())) < hostAvoidedFor {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(order, func(a, b *host) int { return failed(a) - failed(b) })
	return order
}

func (h *host) failed() { h.failedAt.Store(time.Now().UnixNano()) }

func (h *host) connect(ctx context.Context, timeout time.Duration) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := h.Connector.Connect(ctx)
	var connecting cause.ConnectError
	switch {
	case errors.Is(err, driver.ErrBadConn): // by RejectReadOnly
		return nil, errReadOnly
	case errors.As(err, &connecting): // as Connect says itself
		return nil, connecting.Err
	default:
		return conn, err
	}
}
