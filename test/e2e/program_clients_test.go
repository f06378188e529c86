package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// mostMemory is what the program may take, in KiB, whatever its clients do.
const mostMemory = 150 << 10

// crowd is connections of one kind to a server.
type crowd struct {
	name        string
	connections []net.Conn
}

// gather opens so many connections, and sends on each the start of a request, if any.
func gather(t *testing.T, address, name string, clients int, start string) crowd {
	t.Helper()
	c := crowd{name: name}
	for range clients {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatalf("%s: client %d: %v", name, len(c.connections)+1, err)
		}
		t.Cleanup(func() { _ = connection.Close() })
		if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, start); err != nil {
			t.Fatalf("%s: client %d: %v", name, len(c.connections)+1, err)
		}
		c.connections = append(c.connections, connection)
	}
	return c
}

// wantEnd waits until the server has closed each connection, and wants what it sent before.
func (c crowd) wantEnd(t *testing.T, sent *regexp.Regexp) {
	t.Helper()
	for i, connection := range c.connections {
		got, err := io.ReadAll(connection)
		if err != nil && !strings.Contains(err.Error(), "connection reset") || !sent.Match(got) {
			t.Errorf("%s: client %d got %q, %v", c.name, i+1, got, err)
			return
		}
	}
}

// Clients that are slow, half gone or idle keep nobody else from being served and fill no memory. The server ends them
// itself, those that are idle excepted.
func TestProgramBadClients(t *testing.T) {
	t.Parallel() // it waits for the server's timeouts, for as long as 15 seconds
	p := newPlace(t, "OMARTY_DATABASE_URL=memory:")
	p.write(t, "register.yaml", fixture(t))
	server := p.serve(t, "--import", "register.yaml")
	s := service{url: server.url(t)}
	address := strings.TrimPrefix(s.url, "http://")

	idle := gather(t, address, "idle", 1000, "GET /healthz HTTP/1.1\r\nHost: omarty\r\n\r\n")
	for i, connection := range idle.connections {
		if response, err := http.ReadResponse(bufio.NewReader(connection), nil); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("idle client %d: %v", i+1, err)
		}
	}
	silent := gather(t, address, "silent", 100, "")
	slowHeader := gather(t, address, "slow in its header", 200, "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nX-Slow: "+strings.Repeat("x", 8<<10))
	// Much of a body is promised, and little comes.
	head := "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nContent-Type: " + form + "\r\n" + bearer(token(t, 7))
	unfinished := head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 64<<10) + goodForm
	slowBody := gather(t, address, "slow in its body", 200, unfinished)
	slowChunks := gather(t, address, "slow in its chunks", 100, head+"Transfer-Encoding: chunked\r\n\r\nfff0\r\n"+goodForm)
	// These have said their last word, in the midst of it.
	halfHeader := gather(t, address, "half open in its header", 100, "POST /omartyapis/Create/ HTTP/1.1\r\nHost:")
	halfBody := gather(t, address, "half open in its body", 100, unfinished)
	for _, half := range []crowd{halfHeader, halfBody} {
		for _, connection := range half.connections {
			if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
	}

	want := func(number int, body string) {
		t.Helper()
		r := s.request(t.Context(), t, 7, fmt.Sprintf("api=CreateApartment&floorNum=1&aptNum=%d&blockId=4", number))
		if got := send(t, r); got.body != body {
			t.Errorf("beside them, a client is answered %s", got.body)
		}
	}
	var others sync.WaitGroup
	for client := range 8 {
		others.Go(func() {
			for i := range 25 {
				want(1000+client*25+i, registered)
			}
		})
	}
	others.Wait()
	wantMemory(t, server)

	unreadable := regexp.MustCompile(`(?s)^HTTP/1\.1 400 .*` + regexp.QuoteMeta(message(400, "Request body could not be read.")) + `\n?$`)
	halfHeader.wantEnd(t, regexp.MustCompile(`(?s)^$|^HTTP/1\.1 400 `))
	halfBody.wantEnd(t, unreadable)
	slowHeader.wantEnd(t, regexp.MustCompile(`(?s)^$|^HTTP/1\.1 40[08] `)) // after 5 seconds
	silent.wantEnd(t, regexp.MustCompile(`^$`))                            // the same
	wantMemory(t, server)
	for _, connection := range idle.connections { // kept for 2 minutes, so all of them still serve
		if _, err := io.WriteString(connection, "GET /healthz HTTP/1.1\r\nHost: omarty\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if response, err := http.ReadResponse(bufio.NewReader(connection), nil); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("an idle connection that is used again: %v", err)
		}
	}
	if !testing.Short() {
		slowBody.wantEnd(t, unreadable) // after 15 seconds
		slowChunks.wantEnd(t, unreadable)
		wantMemory(t, server)
	}
	want(1000, alreadyRegistered)
	server.stop(t) // idle connections do not keep it
}

var residentMemory = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// wantMemory checks the most memory that the program has had so far.
func wantMemory(t *testing.T, server *process) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", server.command.Process.Pid))
	if err != nil {
		t.Skipf("memory is read from /proc: %v", err)
	}
	found := residentMemory.FindSubmatch(status)
	if found == nil {
		t.Fatalf("no memory in %s", status)
	}
	used, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the program has had %d MiB", used>>10)
	if used > mostMemory {
		t.Errorf("the program has had %d KiB, want no more than %d", used, mostMemory)
	}
}
