package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slowRequest is a request of which half the body is sent.
type slowRequest struct {
	connection net.Conn
	answers    *bufio.Reader
	rest       string
}

// startSlow sends half a request, and returns when the server is at work on it: it has asked for the body.
func startSlow(t *testing.T, server *process) slowRequest {
	t.Helper()
	return startSlowAt(t, server.url(t))
}

func startSlowAt(t *testing.T, url string) slowRequest {
	t.Helper()
	address := strings.TrimPrefix(url, "http://")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	half := len(goodForm) / 2
	fmt.Fprintf(connection, "POST /omartyapis/Create/ HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", address, token(t, 7), form, len(goodForm))
	answers := bufio.NewReader(connection)
	if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
		t.Fatalf("the server does not ask for the body: %q, %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(connection, goodForm[:half])
	return slowRequest{connection, answers, goodForm[half:]}
}

// finish sends the rest and returns the answer's body.
func (s slowRequest) finish(t *testing.T) string {
	t.Helper()
	fmt.Fprint(s.connection, s.rest)
	response, err := http.ReadResponse(s.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := make([]byte, response.ContentLength)
	if _, err := s.answers.Read(body); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var stopping = regexp.MustCompile(`msg=stopping`)

// waitUntilRefused returns when the server takes no new connections.
func waitUntilRefused(t *testing.T, server *process) {
	t.Helper()
	address := strings.TrimPrefix(server.url(t), "http://")
	for until := time.Now().Add(patience); time.Now().Before(until); {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		connection.Close()
	}
	t.Fatal("the server still takes connections")
}

// A request that is under way when the signal comes is answered; new ones are not taken; the program ends well.
func TestProgramStops(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			p := newPlace(t)
			migrated(t, p)
			server := p.serve(t)
			slow := startSlow(t, server)
			server.signal(t, signal)
			server.printed(t, stopping)
			waitUntilRefused(t, server)
			if got := slow.finish(t); got != registered {
				t.Errorf("the request under way is answered %q", got)
			}
			server.wantExit(t, 0, "msg=stopped")
			if rows := rowsOf(t, p.database()); len(rows.Logs) != 1 {
				t.Errorf("%d log rows", len(rows.Logs))
			}
		})
	}
}

// A second signal ends the program at once.
func TestProgramStopsAtOnce(t *testing.T) {
	p := newPlace(t)
	migrated(t, p)
	server := p.serve(t)
	startSlow(t, server)
	server.signal(t, os.Interrupt)
	server.printed(t, stopping)
	server.signal(t, os.Interrupt)
	server.wait(t)
	if state, ok := server.command.ProcessState.Sys().(syscall.WaitStatus); !ok || state.Signal() != syscall.SIGINT {
		t.Errorf("it ended otherwise: %v", server.command.ProcessState)
	}
	if rows := rowsOf(t, p.database()); len(rows.Logs) != 0 {
		t.Errorf("%d log rows", len(rows.Logs))
	}
}

// A request that outlives the time that it is given is cut off, and the program says so.
func TestProgramStopsInTime(t *testing.T) {
	p := newPlace(t, "OMARTY_HTTP_SHUTDOWN_TIMEOUT=0s")
	migrated(t, p)
	server := p.serve(t)
	startSlow(t, server)
	server.signal(t, os.Interrupt)
	server.wantExit(t, exitFailure, "requests in flight were cut off", "within 0s (http.shutdown_timeout)")
	p.serve(t).stop(t) // without one, it ends well
}

// A signal during an import ends it, and nothing of it is kept.
func TestProgramStopsImport(t *testing.T) {
	p := newPlace(t)
	p.write(t, "large.yaml", largeRegister(30))
	o := p.start(t, "import", "large.yaml")
	o.printed(t, regexp.MustCompile("applied a migration")) // the rows come next
	o.signal(t, os.Interrupt)
	o.wantExit(t, exitFailure, "stopped by a signal before it was done:", "large.yaml was not imported")
	if rows := rowsOf(t, p.database()); len(rows.Apartments)+len(rows.Blocks) != 0 {
		t.Errorf("%d apartments are kept", len(rows.Apartments))
	}
}

// busyClient sends one request after the other on a connection that it keeps, until an answer says that it was the last.
// It returns how many were answered, or what became of the one that was not.
func busyClient(address, request string) (answered int, err error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	for answers := bufio.NewReader(connection); ; answered++ {
		if _, err := io.WriteString(connection, request); err != nil {
			return answered, err
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return answered, err
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return answered, err
		}
		if response.StatusCode != http.StatusOK {
			return answered, fmt.Errorf("HTTP %d", response.StatusCode)
		}
		if response.Close {
			return answered, nil
		}
	}
}

// No request on a connection that is kept goes unread when the program stops: the answer before it said that it was the last.
func TestProgramStopsBusyConnections(t *testing.T) {
	const clients = 64
	p := newPlace(t, "OMARTY_DATABASE_URL=memory:")
	p.write(t, "register.yaml", fixture(t))
	server := p.serve(t, "--import", "register.yaml")
	address := strings.TrimPrefix(server.url(t), "http://")
	request := strings.Replace(goodRequest(bearer(token(t, 7))), "Connection: close\r\n", "", 1)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			if answered, err := busyClient(address, request); err != nil {
				t.Errorf("after %d answers: %v", answered, err)
			}
		})
	}
	// One client on its own says when they are at work.
	for range 100 {
		if got := exchange(t, address, goodRequest(bearer(token(t, 7)))); got.status != http.StatusOK {
			t.Fatalf("HTTP %d", got.status)
		}
	}
	server.signal(t, syscall.SIGTERM)
	all.Wait()
	server.wantExit(t, 0)
}
