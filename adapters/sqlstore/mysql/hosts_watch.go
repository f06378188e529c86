package mysql

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
)

// Of several hosts, each that is in use is asked so often for one more connection, and has so long to make it. Both together are
// how long one that falls silent keeps those who wait for it.
const (
	hostWatchedEvery = 250 * time.Millisecond
	hostSilentAfter  = 750 * time.Millisecond
)

// watch closes the connections to a host that does not answer, or takes no writes any more, until ctx is done. Whoever waits
// for one of them tries another host.
func (h *hosts) watch(ctx context.Context) {
	again := time.NewTicker(hostWatchedEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		var probes sync.WaitGroup
		for _, host := range h.all {
			if host.open.any() {
				probes.Go(func() { host.probe(ctx) })
			}
		}
		probes.Wait()
	}
}

func (h *host) probe(ctx context.Context) {
	conn, err := h.connect(ctx, hostSilentAfter)
	switch {
	case err == nil:
		_ = conn.Close() // it was of no other use
	case ctx.Err() != nil:
	case Errors{}.CauseOf(err) >= cause.Lost, errors.Is(err, context.DeadlineExceeded): // and not, say, too many connections
		h.failed()
		h.open.closeAll()
	}
}

// openConns are the connections to a host.
type openConns struct {
	mu    sync.Mutex
	conns map[*openConn]struct{}
}

// openConn is a TCP connection, which the driver asks for more than a net.Conn has.
type openConn struct {
	*net.TCPConn
	among *openConns
}

// dial opens a connection.
func (o *openConns) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	opened := &openConn{conn.(*net.TCPConn), o} // the network is tcp
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conns == nil {
		o.conns = map[*openConn]struct{}{}
	}
	o.conns[opened] = struct{}{}
	return opened, nil
}

// Close closes the connection.
func (c *openConn) Close() error {
	c.among.mu.Lock()
	delete(c.among.conns, c)
	c.among.mu.Unlock()
	return c.TCPConn.Close()
}

func (o *openConns) any() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.conns) > 0
}

func (o *openConns) closeAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.conns {
		_ = c.TCPConn.Close() // the server may be gone
	}
	clear(o.conns)
}
