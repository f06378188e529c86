package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// patience bounds every wait: many times what a busy machine needs.
const patience = 20 * time.Second

// create is a use case of a test's own.
type create func(ctx context.Context) error

func (c create) Create(ctx context.Context, _ application.CreateApartmentInput) (application.ApartmentOutput, error) {
	return application.ApartmentOutput{Outcome: domain.Done}, c(ctx)
}

func done(context.Context) error { return nil }

// serve serves a use case on loopback, on at most so many connections, and returns the address.
func serve(t *testing.T, c create, connections int, o httpapi.Options) string {
	t.Helper()
	return serveWatched(t, c, connections, o, nil)
}

// serveWatched does so, and tells of the states of its connections.
func serveWatched(t *testing.T, c create, connections int, o httpapi.Options, state func(net.Conn, http.ConnState)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.RequestTimeout = patience
	server := &http.Server{Handler: httpapi.New(plainTokens{}, o, legacy.New(c.Create)), ConnState: state}
	ended := make(chan error, 1)
	go func() { ended <- httpapi.NewConnections(connections).Serve(server, listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// peer is a client's connection, byte by byte.
type peer struct {
	*net.TCPConn
	t       *testing.T
	answers *bufio.Reader
}

func dial(t *testing.T, address string) peer {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return peer{c.(*net.TCPConn), t, bufio.NewReader(c)}
}

func (p peer) send(text string) peer {
	p.t.Helper()
	if _, err := io.WriteString(p, text); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// wantAnswer reads an answer, which must have this text, and reports whether it is the connection's last.
func (p peer) wantAnswer(text string) (last bool) {
	p.t.Helper()
	response, err := http.ReadResponse(p.answers, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), text) {
		p.t.Fatalf("answered %s, %v, want %s", body, err, text)
	}
	return response.Close
}

// wantEnd waits until the server closes the connection, without a word.
func (p peer) wantEnd() {
	p.t.Helper()
	if b, err := p.answers.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("got %q, %v, want the end", b, err)
	}
}

const (
	goodBody   = "api=CreateApartment&floorNum=1&aptNum=2&blockId=4"
	registered = "Apartment registered."
	probe      = "GET /healthz HTTP/1.1\r\nHost: omarty\r\n\r\n"
)

// head is that of a good request, with these header lines.
func head(lines string) string {
	return "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nAuthorization: Bearer 7\r\n" + lines + "\r\n"
}

func good() string { return head(fmt.Sprintf("Content-Length: %d\r\n", len(goodBody))) + goodBody }

// At the bound the connection that has waited for its client for longest makes room: those without a request first, then
// those between two, then those whose request does not come whole.
func TestConnectionsMakeRoom(t *testing.T) {
	idles := make(chan struct{}, 100)
	address := serveWatched(t, done, 3, httpapi.Options{}, func(_ net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			idles <- struct{}{}
		}
	})
	// asked has a request answered, and returns once the connection is idle.
	asked := func(p peer, request, answer string) peer {
		p.send(request).wantAnswer(answer)
		<-idles
		return p
	}
	stalled := dial(t, address).send(head("Content-Length: 50\r\nExpect: 100-continue\r\n"))
	if line, err := stalled.answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("%q, %v", line, err) // the server reads the body
	}
	idle := asked(dial(t, address), probe, "OK")
	silent := dial(t, address).send("POST /omar")
	second := asked(dial(t, address), good(), registered)
	silent.wantEnd()
	asked(idle, probe, "OK") // now it has waited less long than the second
	asked(dial(t, address), good(), registered)
	second.wantEnd()
	fourth := asked(dial(t, address), good(), registered)
	idle.wantEnd()
	asked(fourth, good(), registered)
}

// What has no other to make room for it closes the one whose body does not come.
func TestConnectionsEndStalledBodies(t *testing.T) {
	address := serve(t, done, 1, httpapi.Options{})
	stalled := dial(t, address).send(head("Content-Length: 50\r\nExpect: 100-continue\r\n"))
	if _, err := stalled.answers.ReadString('\r'); err != nil {
		t.Fatal(err)
	}
	dial(t, address).send(good()).wantAnswer(registered)
}

// A connection whose use case is under way is closed for nobody: who comes waits.
func TestConnectionsAtWorkStay(t *testing.T) {
	begun, finish := make(chan struct{}, 2), make(chan struct{})
	address := serve(t, func(context.Context) error {
		begun <- struct{}{}
		<-finish
		return nil
	}, 1, httpapi.Options{})
	first := dial(t, address).send(good())
	<-begun
	second := dial(t, address).send(good())
	select {
	case <-begun:
		t.Error("two connections at once")
	default:
	}
	close(finish)
	first.wantAnswer(registered)
	second.wantAnswer(registered)
}

// A client that closes its sending half waits for the answer, and gets it.
func TestHalfClosed(t *testing.T) {
	noticed := make(chan context.Context, 1)
	address := serve(t, func(ctx context.Context) error {
		<-(<-noticed).Done() // net/http has seen the end of what the client sends
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", domain.StoreUnavailable, ctx.Err())
		}
		return nil
	}, 16, httpapi.Options{Trace: func(r *http.Request, _ string) (context.Context, func(int, string)) {
		noticed <- r.Context()
		return r.Context(), func(int, string) {}
	}})
	client := dial(t, address).send(good())
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	client.wantAnswer(registered)
}

// lines are those of a log.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// ending is how a request ended.
type ending struct {
	status int
	code   string
}

// A client that is gone is no failure of the store, and nothing that an operator has to look at. What is done for it stops.
func TestClientGone(t *testing.T) {
	for _, c := range []struct{ name, request string }{
		{"while it waits", good()},
		{"in its body", head("Content-Length: 1000\r\nExpect: 100-continue\r\n") + "api="},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := make(lines, 10)
			begun, ended := make(chan struct{}, 1), make(chan ending, 1)
			address := serve(t, func(ctx context.Context) error {
				begun <- struct{}{}
				<-ctx.Done()
				return fmt.Errorf("%w: %w", domain.StoreUnavailable, ctx.Err())
			}, 16, httpapi.Options{
				Logger: slog.New(slog.NewTextHandler(lines, nil)),
				Ended:  func(_ string, status int, code string, _ time.Duration) { ended <- ending{status, code} },
			})
			client := dial(t, address).send(c.request)
			if strings.Contains(c.request, "Expect") {
				if _, err := client.answers.ReadString('\r'); err != nil {
					t.Fatal(err)
				}
			} else {
				<-begun
			}
			if err := client.SetLinger(0); err != nil { // so that closing resets
				t.Fatal(err)
			}
			_ = client.Close()
			if got := <-ended; got != (ending{499, "client_gone"}) {
				t.Errorf("it ended as %+v", got)
			}
			if line := <-lines; !strings.Contains(line, "level=INFO") || !strings.Contains(line, "code=client_gone") {
				t.Error(line)
			}
		})
	}
}

// A request with a Transfer-Encoding, and whatever length beside it, is its connection's last: what follows is not read.
func TestFraming(t *testing.T) {
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(goodBody), goodBody)
	address := serve(t, done, 16, httpapi.Options{})
	for _, c := range []struct {
		name, request, answer string
		last                  bool
	}{
		{"a length", good(), registered, false},
		{"chunks", head("Transfer-Encoding: chunked\r\n") + chunked, registered, true},
		{"a length and chunks", head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + chunked, registered, true},
		{"chunks and a length", head("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n") + chunked, registered, true},
		{"both, refused", strings.Replace(head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), "POST", "PUT", 1) + chunked, "Method not allowed.", true},
		{"two lengths", head("Content-Length: 4\r\nContent-Length: 5\r\n") + chunked, "", true},
		{"two codings", head("Transfer-Encoding: gzip, chunked\r\n") + chunked, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := dial(t, address).send(c.request + probe)
			if last := client.wantAnswer(c.answer); last != c.last {
				t.Fatalf("the connection ends: %v", last)
			}
			if c.last {
				client.wantEnd()
			} else {
				client.wantAnswer("OK")
			}
		})
	}
}

// Heads that others may read otherwise are refused, whole or in pieces, and so are those of too many lines.
func TestHeads(t *testing.T) {
	length := fmt.Sprintf("Content-Length: %d\r\n", len(goodBody))
	lines := goodBody + strings.Repeat("&\n &\r\n", 85)
	address := serve(t, done, 16, httpapi.Options{})
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"a good one", head(length) + goodBody, 200},
		{"a line end without CR", head("X: y\n"+length) + goodBody, 400},
		{"all line ends without CR", strings.ReplaceAll(head(length), "\r\n", "\n") + goodBody, 400},
		{"the first line's", strings.Replace(head(length), "\r\n", "\n", 1) + goodBody, 400},
		{"the last line's", strings.TrimSuffix(head(length), "\r\n") + "\n" + goodBody, 400},
		{"a folded line", head("X: y\r\n z\r\n"+length) + goodBody, 400},
		{"a line folded by a tab", head("X: y\r\n\tTransfer-Encoding: chunked\r\n"+length) + goodBody, 400},
		{"as many lines as may be", head(strings.Repeat("X: y\r\n", 96)+length) + goodBody, 200},
		{"one more", head(strings.Repeat("X: y\r\n", 97)+length) + goodBody, 431},
		{"very many", head(strings.Repeat("X: y\r\n", 2000)), 431},
		{"a body of lines", head(fmt.Sprintf("Content-Length: %d\r\n", len(lines))) + lines, 200},
	} {
		for _, pieces := range []bool{false, true} {
			client := dial(t, address)
			if pieces && len(c.request) < 2000 {
				for i := range len(c.request) {
					if _, err := client.Write([]byte{c.request[i]}); err != nil {
						break // answered before all was sent
					}
				}
			} else {
				client.send(c.request)
			}
			response, err := http.ReadResponse(client.answers, nil)
			if err != nil || response.StatusCode != c.status {
				t.Errorf("%s: %v, %v", c.name, response, err)
			}
		}
	}
	// What comes before its turn is no reason to refuse it.
	client := dial(t, address).send(good() + probe + good() + good())
	for _, answer := range []string{registered, "OK", registered, registered} {
		client.wantAnswer(answer)
	}
}

// While the server drains, each answer is its connection's last.
func TestDraining(t *testing.T) {
	address := serve(t, done, 16, httpapi.Options{Draining: func() bool { return true }})
	for _, request := range []string{good(), probe} {
		client := dial(t, address).send(request)
		if last := client.wantAnswer(""); !last {
			t.Error("the connection is kept")
		}
		client.wantEnd()
	}
}
