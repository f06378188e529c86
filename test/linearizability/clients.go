package linearizability

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"omarty.net/registry/domain"
)

// Patience bounds how long a client asks for an answer.
const Patience = 2 * time.Minute

// pause is between two askings for one operation. It is short, so that stalls show.
const pause = 20 * time.Millisecond

// ErrNotAsked says that there was no server to ask.
var ErrNotAsked = errors.New("no server was asked")

// Asker has a server answer, or returns ErrNotAsked, or another error where nobody knows what it did.
type Asker interface {
	Ask(o Operation) (Answer, error)
}

// Run has so many clients ask until ctx is done, each one operation after the other, and returns all their calls. Connect makes what
// a client asks through, for each client once, and may be called at once.
func Run(ctx context.Context, clients int, connect func(client int) Asker) ([]Call, error) {
	began := time.Now()
	known := newKnown()
	calls, errs := make([][]Call, clients), make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			c := &client{index: i, asker: connect(i), began: began, known: known}
			for ctx.Err() == nil && errs[i] == nil {
				errs[i] = c.ask(c.next())
			}
			calls[i] = c.calls
		})
	}
	all.Wait()
	var together []Call
	for _, c := range calls {
		together = append(together, c...)
	}
	return together, errors.Join(errs...)
}

// client asks for one operation after the other.
type client struct {
	index int
	asker Asker
	began time.Time
	known *known
	calls []Call
	asked int
	// done are calls of its own that were answered as done, and sets those of them that may be undone.
	done []Call
	sets []Call
}

// ask asks until the answer is known, or gives up, now and then, as a client may at any time.
func (c *client) ask(call Call) error {
	for begun := time.Now(); time.Since(begun) < Patience; time.Sleep(pause) {
		call.Began = time.Since(c.began)
		answer, err := c.asker.Ask(call.Operation)
		if errors.Is(err, ErrNotAsked) {
			continue
		}
		call.Ended, call.Answer = time.Since(c.began), answer
		call.Unknown = err != nil || answer.Code == domain.StoreUnavailable
		c.calls = append(c.calls, call)
		if !call.Unknown {
			c.learn(call)
			return nil
		}
		if rand.IntN(10) == 0 {
			return nil
		}
		call.Timeout = generous
	}
	return fmt.Errorf("%s: no answer for %v", call.Operation, Patience)
}

// learn keeps what an answer tells.
func (c *client) learn(call Call) {
	c.known.learn(call)
	if call.Reuse || !call.writes() || !call.did() {
		return
	}
	c.done = lastOf(append(c.done, call))
	if call.Kind == Apply {
		c.sets = lastOf(append(c.sets, call))
	}
}

func lastOf(calls []Call) []Call { return calls[max(0, len(calls)-20):] }

// Connection asks a server, and whichever the caller says next where that does not answer.
type Connection struct {
	server func() *Server
	conn   net.Conn
	in     *json.Decoder
}

// NewConnection returns a connection to a server that server picks, each time that one is to be made.
func NewConnection(server func() *Server) *Connection {
	return &Connection{server: server}
}

var errCut = errors.New("the client has cut the connection")

// Ask implements Asker. Now and then it leaves before it is answered.
func (c *Connection) Ask(o Operation) (answer Answer, err error) {
	if c.conn == nil {
		if c.conn, err = c.server().connect(); err != nil {
			c.conn = nil
			return answer, fmt.Errorf("%w: %w", ErrNotAsked, err)
		}
		c.in = json.NewDecoder(c.conn)
	}
	defer func() {
		if err != nil || answer.Code == domain.StoreUnavailable {
			_ = c.conn.Close() // nobody knows what is on it, or another server may do better
			c.conn = nil
		}
	}()
	if err := c.conn.SetDeadline(time.Now().Add(2 * generous)); err != nil {
		return answer, err
	}
	if err := json.NewEncoder(c.conn).Encode(o); err != nil {
		return answer, err
	}
	if rand.IntN(50) == 0 {
		return answer, errCut
	}
	err = c.in.Decode(&answer)
	return answer, err
}
