package e2e_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// answerTimeout bounds a request: many times the server's own deadline.
const answerTimeout = 20 * time.Second

// logReader reads a program's log, as long as the test wants.
type logReader struct {
	pipe  *os.File
	lines *bufio.Reader
}

// serveTo starts a server whose log the test itself reads, and returns its addresses.
func serveTo(t *testing.T, p place) (server *process, log logReader, url, admin string) {
	t.Helper()
	pipe, stderr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pipe.Close() })
	p.stderr = stderr
	server = p.start(t, "serve")
	_ = stderr.Close() // the program has it
	log = logReader{pipe, bufio.NewReader(pipe)}
	admin = "http://" + log.until(t, servingOperators)[1]
	url = "http://" + log.until(t, serving)[1]
	return server, log, url, admin
}

// until reads up to a line that the pattern matches.
func (l logReader) until(t *testing.T, pattern *regexp.Regexp) []string {
	t.Helper()
	if err := l.pipe.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the log has no %s: %v", pattern, err)
		}
		if found := pattern.FindStringSubmatch(line); found != nil {
			return found
		}
	}
}

// ask sends a request that is refused for want of a floor.
func ask(t *testing.T, url, token string) {
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/omartyapis/Create/", strings.NewReader("api=CreateApartment"))
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", form)
	r.Header.Set("X-Request-Id", strings.Repeat("l", 64))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Errorf("a request waits for the log: %v", err)
		return
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("HTTP %d", response.StatusCode)
	}
}

var unreadLines = regexp.MustCompile(`omarty_log_lines_dropped_total\{reason="unread"\} ([1-9]\d*)`)

// Nobody reads the log: every request is answered, and once it is read again, it says how many lines it lacks.
func TestProgramLogIsNotRead(t *testing.T) {
	server, log, url, admin := serveTo(t, placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0"))
	who := token(t, 7)
	var dropped string
	for dropped == "" && !t.Failed() {
		var asking sync.WaitGroup
		for range 8 {
			asking.Go(func() {
				for range 100 {
					if ask(t, url, who); t.Failed() {
						return
					}
				}
			})
		}
		asking.Wait()
		_, page := get(t, admin+"/metrics")
		if found := unreadLines.FindStringSubmatch(page); found != nil {
			dropped = found[1]
		}
	}
	if t.Failed() {
		return
	}
	if got := log.until(t, regexp.MustCompile(`level=WARN msg="log lines were dropped[^"]*" dropped=(\d+)`))[1]; got != dropped {
		t.Errorf("the log says that it lacks %s lines, the metric %s", got, dropped)
	}
	ask(t, url, who)
	log.until(t, regexp.MustCompile(`msg=request`))
	server.stop(t)
}

// A reader that neither reads nor goes does not keep the program from its end, nor one that has gone.
func TestProgramEndsThoughItsLogIsNotRead(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, log logReader){
		"stalled": func(*testing.T, logReader) {},
		"closed": func(t *testing.T, log logReader) {
			if err := log.pipe.Close(); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for code, timeout := range []string{"10s", "0s"} { // 0s cuts a request off, which is told at the end
			t.Run(name+", "+timeout, func(t *testing.T) {
				p := placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0", "OMARTY_HTTP_SHUTDOWN_TIMEOUT="+timeout)
				server, log, url, _ := serveTo(t, p)
				leave(t, log)
				who := token(t, 7)
				for range 500 { // more than a pipe holds
					if ask(t, url, who); t.Failed() {
						return
					}
				}
				if code == exitFailure {
					startSlowAt(t, url)
				}
				server.signal(t, os.Interrupt)
				if got := server.wait(t); got != code {
					t.Errorf("exit code %d, want %d", got, code)
				}
			})
		}
	}
}
