package faults_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/test/history"
)

// attackers are clients who mean harm. They go on until their context is done, and count what they have achieved.
type attackers struct {
	t       testing.TB
	address string
	clients sync.WaitGroup
	done    atomic.Int64
}

// each runs so many of them, each in turns until ctx is done.
func (a *attackers) each(ctx context.Context, number int, turn func(ctx context.Context, client int)) {
	for i := range number {
		a.clients.Go(func() {
			for ctx.Err() == nil {
				turn(ctx, i)
			}
		})
	}
}

// connection is one that ends with ctx, or nil where the server takes none.
func (a *attackers) connection(ctx context.Context) (c *net.TCPConn, end func()) {
	dialed, err := new(net.Dialer).DialContext(ctx, "tcp", a.address)
	if err != nil {
		pause(ctx, 100*time.Millisecond)
		return nil, nil
	}
	c = dialed.(*net.TCPConn)
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	return c, func() {
		stop()
		_ = c.SetLinger(0) // without a TIME_WAIT, of which a machine has only so many
		_ = c.Close()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// hold opens connections, sends the start of a request on each, and a byte more every second, and keeps them until the
// server closes them. Then they come again.
func (a *attackers) hold(ctx context.Context, number int, start string) {
	a.each(ctx, number, func(ctx context.Context, _ int) {
		c, end := a.connection(ctx)
		if c == nil {
			return
		}
		defer end()
		if _, err := io.WriteString(c, start); err != nil {
			pause(ctx, time.Second)
			return
		}
		a.done.Add(1)
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_, _ = io.Copy(io.Discard, c)
		}()
		for beat := time.NewTicker(time.Second); ; {
			select {
			case <-closed:
				beat.Stop()
				pause(ctx, time.Second)
				return
			case <-beat.C:
				_, _ = io.WriteString(c, "x")
			}
		}
	})
}

// post is the head of a registration, with a token, for a body of that length.
func (a *attackers) post(client int, contentType string, length int) string {
	return fmt.Sprintf("POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nContent-Type: %s\r\nContent-Length: %d\r\n"+
		"Authorization: Bearer %s\r\n\r\n", contentType, length, history.Token(attackingUser(client)))
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func longHeads(ctx context.Context, a *attackers) {
	var lines, fewer strings.Builder
	for i := 0; lines.Len() < 14<<10; i++ {
		fmt.Fprintf(&lines, "%x:\r\n", i)
	}
	for i := range 95 { // no more than are taken
		fmt.Fprintf(&fewer, "%x: %s\r\n", i, strings.Repeat("x", 14<<10/95))
	}
	const begin = "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\n"
	a.hold(ctx, 4000, begin+lines.String())
	a.hold(ctx, 2000, begin+fewer.String())
	a.hold(ctx, 2000, begin+"X-Long: "+strings.Repeat("x", 14<<10))
}

func slowHeads(ctx context.Context, a *attackers) {
	a.hold(ctx, 1000, "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nX-Slow: ")
}

func idleConnections(ctx context.Context, a *attackers) {
	a.each(ctx, 2000, func(ctx context.Context, _ int) {
		c, end := a.connection(ctx)
		if c == nil {
			return
		}
		defer end()
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: omarty\r\n\r\n"); err == nil {
			a.done.Add(1)
			_, _ = io.Copy(io.Discard, c)
		}
		pause(ctx, time.Second)
	})
}

// droppedRequests are sent whole, and nobody waits for the answer.
func droppedRequests(ctx context.Context, a *attackers) {
	a.each(ctx, 64, func(ctx context.Context, client int) {
		c, end := a.connection(ctx)
		if c == nil {
			return
		}
		defer end()
		body := fmt.Sprintf("api=CreateApartment&floorNum=2&aptNum=%d&blockId=%d", 500_000+a.done.Add(1), block)
		_, _ = io.WriteString(c, a.post(client, formType, len(body))+body)
		pause(ctx, 20*time.Millisecond)
	})
}

func stalledBodies(ctx context.Context, a *attackers) {
	for client := range users {
		a.hold(ctx, 1000/users+1, a.post(client, formType, 64<<10)+"api="+strings.Repeat("x", 48<<10))
	}
}

// forgedTokens are as many as can be, up to 50,000 a second: some are sent at once, and the answers only counted.
func forgedTokens(ctx context.Context, a *attackers) {
	const connections, together, perSecond = 64, 20, 50_000
	forged := []byte(history.Token(firstUser))
	for i := 1; i <= 20; i++ { // of its signature
		forged[len(forged)-1-i] = 'A'
	}
	body := fmt.Sprintf("api=CreateApartment&floorNum=1&aptNum=1&blockId=%d", block)
	one := fmt.Sprintf("POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nContent-Type: %s\r\nContent-Length: %d\r\n"+
		"Authorization: Bearer %s\r\n\r\n%s", formType, len(body), forged, body)
	requests := []byte(strings.Repeat(one, together))
	a.each(ctx, connections, func(ctx context.Context, _ int) {
		c, end := a.connection(ctx)
		if c == nil {
			return
		}
		defer end()
		answers := bufio.NewReader(c)
		for turn := time.NewTicker(time.Second * connections * together / perSecond); ; <-turn.C {
			if _, err := c.Write(requests); err != nil {
				turn.Stop()
				return
			}
			for range together {
				response, err := http.ReadResponse(answers, nil)
				if err != nil {
					turn.Stop()
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				a.done.Add(1)
			}
		}
	})
}

// sendBodies has clients send whole bodies over and over, so many a second each, or as fast as they are answered for 0.
func (a *attackers) sendBodies(ctx context.Context, clients, perSecond int, contentTypes []string, bodies ...[]byte) {
	a.each(ctx, clients, func(ctx context.Context, client int) {
		c, end := a.connection(ctx)
		if c == nil {
			return
		}
		defer end()
		answers := bufio.NewReader(c)
		for turn := client; ctx.Err() == nil; turn++ {
			begun, i := time.Now(), turn%len(bodies)
			if _, err := io.WriteString(c, a.post(client, contentTypes[i], len(bodies[i]))); err != nil {
				return
			}
			if _, err := c.Write(bodies[i]); err != nil {
				return
			}
			response, err := http.ReadResponse(answers, nil)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			a.done.Add(1)
			if perSecond > 0 {
				pause(ctx, time.Until(begun.Add(time.Second/time.Duration(perSecond))))
			}
		}
	})
}

// zeros is a JSON array of as many numbers as fit.
func zeros(length int) []byte {
	return []byte(`{"a":[0` + strings.Repeat(",0", (length-10)/2) + `]}`)
}

func wideJSON(ctx context.Context, a *attackers) {
	a.sendBodies(ctx, 25, 20, []string{jsonType}, zeros(64<<10))
}

func largeBodies(ctx context.Context, a *attackers) {
	const length = 1<<20 - 100
	part := "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n"
	a.sendBodies(ctx, 39, 0, []string{jsonType, jsonType, formType, "multipart/form-data; boundary=b"},
		zeros(length),
		[]byte(`{"api":"`+strings.Repeat(`\n`, length/2-10)+`"}`),
		bytes.Repeat([]byte("a=%41&"), length/6),
		append(bytes.Repeat([]byte(part), length/len(part)-1), "--b--"...))
}
