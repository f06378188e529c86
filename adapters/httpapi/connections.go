package httpapi

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Connections bounds how many connections a server has at once. At the bound, a new one replaces the one that has waited
// longest: of those that have not sent the head of a request yet, else of those between two requests, else of those whose
// request is being read or refused. A connection with a use case under way is never closed for another; where all have one,
// new ones wait. So clients that hold connections open and do nothing keep nobody out.
type Connections struct {
	limit int

	mu      sync.Mutex
	change  sync.Cond // signals changes of open, waiting and stopped
	open    int
	waiting [working]list.List // by stage, longest first
	stopped bool
	stop    func() // closes the listener, once there is one
}

// NewConnections returns a bound of at least 1.
func NewConnections(limit int) *Connections {
	s := &Connections{limit: max(limit, 1)}
	s.change.L = &s.mu
	return s
}

// Serve serves on the listener, once, until it is closed or Drain is called, and returns why it ended. It sets the server's
// ConnContext, which must be free, and its ConnState, which it goes on to call.
func (s *Connections) Serve(server *http.Server, l net.Listener) error {
	next := server.ConnState
	server.ConnState = func(c net.Conn, state http.ConnState) {
		switch c := c.(*connection); state {
		case http.StateActive: // the head of a request has been read
			c.head.ended = true
			s.move(c, reading)
		case http.StateIdle:
			c.head = headCheck{}
			s.move(c, idle)
		}
		if next != nil {
			next(c, state)
		}
	}
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, c)
	}
	s.mu.Lock()
	s.stop = func() { _ = l.Close() }
	if s.stopped {
		s.stop()
	}
	s.mu.Unlock()
	return server.Serve(&boundedListener{l, s})
}

// Drain accepts no more connections. It returns when none is left, or after the time.
func (s *Connections) Drain(within time.Duration) {
	late := false
	timer := time.AfterFunc(within, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.change.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.change.Broadcast()
	if s.stop != nil {
		s.stop()
	}
	for s.open > 0 && !late {
		s.change.Wait()
	}
}

// admit makes room for a connection. It returns false once the listener is closed.
func (s *Connections) admit(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.open >= s.limit && !s.stopped {
		if oldest := s.longestWaiting(); oldest != nil {
			s.forget(oldest)
			_ = oldest.Conn.Close() // its reads and writes fail, and net/http ends it
		} else {
			s.change.Wait()
		}
	}
	if s.stopped {
		return false
	}
	s.open++
	c.place = s.waiting[fresh].PushBack(c)
	return true
}

func (s *Connections) longestWaiting() *connection {
	for i := range s.waiting {
		if oldest := s.waiting[i].Front(); oldest != nil {
			return oldest.Value.(*connection)
		}
	}
	return nil
}

// move puts a connection into a stage.
func (s *Connections) move(c *connection, to stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.gone {
		return
	}
	s.leave(c)
	c.stage = to
	if to < working {
		c.place = s.waiting[to].PushBack(c)
		s.change.Broadcast()
	}
}

func (s *Connections) leave(c *connection) {
	if c.place != nil {
		s.waiting[c.stage].Remove(c.place)
		c.place = nil
	}
}

// forget stops counting a connection.
func (s *Connections) forget(c *connection) {
	if !c.gone {
		c.gone = true
		s.leave(c)
		s.open--
		s.change.Broadcast()
	}
}

// stage is the stage of a connection.
type stage int

const (
	fresh   stage = iota // no head of a request has come yet
	idle                 // between two requests; the head of the next may have begun
	reading              // a request is being read, judged or refused
	working              // a use case is under way, or its answer
)

// boundedListener accepts connections that are admitted.
type boundedListener struct {
	net.Listener
	connections *Connections
}

func (l *boundedListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: accepted, connections: l.connections}
	if !l.connections.admit(c) {
		_ = accepted.Close()
		return nil, net.ErrClosed
	}
	return c, nil
}

func (l *boundedListener) Close() error {
	l.connections.mu.Lock()
	l.connections.stopped = true
	l.connections.change.Broadcast()
	l.connections.mu.Unlock()
	return l.Listener.Close()
}

// connection is one that a Connections counts.
type connection struct {
	net.Conn
	connections *Connections
	// lost is set when the client is known to be gone. A client that has only closed its sending half is not.
	lost atomic.Bool
	// head is used by the reader. net/http has one at a time.
	head headCheck

	// Guarded by connections.mu.
	stage stage
	place *list.Element // in the list of its stage, if that has one
	gone  bool
}

func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && (errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ETIMEDOUT)) {
		c.lost.Store(true)
	}
	if refusal := c.head.add(p[:n]); refusal != "" {
		c.refuse(refusal)
		return 0, io.EOF
	}
	return n, err
}

// refuse answers a head that is refused. It then reads what the client still sends, so that closing does not reset the
// connection before the answer is read. The deadline of the head bounds it.
func (c *connection) refuse(status string) {
	_, _ = io.WriteString(c.Conn, "HTTP/1.1 "+status+"\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"+status)
	_ = c.CloseWrite()
	_, _ = io.CopyN(io.Discard, c.Conn, 64<<10)
}

func (c *connection) Close() error {
	c.connections.mu.Lock()
	c.connections.forget(c)
	c.connections.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite lets net/http close its half first, so that the last answer reaches a client that still sends.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (c *connection) isClosed() bool {
	c.connections.mu.Lock()
	defer c.connections.mu.Unlock()
	return c.gone
}

type connectionKey struct{}

// connectionOf returns the connection of a request's context, or nil where no Connections serves it.
func connectionOf(request context.Context) *connection {
	c, _ := request.Value(connectionKey{}).(*connection)
	return c
}

// isLost reports whether a request's connection is known to be lost.
func isLost(request context.Context) bool {
	c := connectionOf(request)
	return c != nil && c.lost.Load()
}

// work returns the context of a use case, and the function that ends it. The context is done at the deadline, or when the
// connection is lost or closed. It is not done when the client closes its sending half, for which net/http cancels the
// request's context: such a client waits for its answer.
func work(request context.Context, timeout time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(request), timeout)
	c := connectionOf(request)
	if c == nil {
		return ctx, cancel
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	c.connections.move(c, working)
	stop := context.AfterFunc(request, func() {
		if c.lost.Load() {
			giveUp(ClientGone)
		} else if c.isClosed() {
			giveUp(nil)
		}
	})
	return ctx, func() {
		stop()
		giveUp(nil)
		cancel() // the connection stays at work until the answer has been sent
	}
}
