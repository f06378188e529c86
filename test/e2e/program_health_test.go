package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// health says what a server says, and tells by its exit code whether it is ready.
func TestProgramHealth(t *testing.T) {
	p := newPlace(t, "OMARTY_DATABASE_URL=memory:", "OMARTY_HTTP_SHUTDOWN_DELAY=1m")
	server := p.serve(t)
	ready := server.url(t) + "/readyz"
	p.run(t, "health", "--url", ready).wantPrinted(t, ready+` answers 200 `+"`"+`{"status":200,"data":"OK"}`+"`\n")

	server.signal(t, syscall.SIGTERM)
	server.printed(t, stopping)
	p.run(t, "health", "--url", ready).wantExit(t, exitFailure, ready+" answers 503", "Not ready.")
	p.run(t, "health", "--url", server.url(t)+"/healthz").wantPrinted(t, "answers 200")
	server.kill(t)
	p.run(t, "health", "--url", ready).wantExit(t, exitFailure, "connection refused")
}

// Only a 200 of the very server is health, and nothing that it says can forge a line or fill a log.
func TestProgramHealthOfOthers(t *testing.T) {
	answers := http.NewServeMux()
	answers.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	answers.Handle("GET /moved", http.RedirectHandler("/readyz", http.StatusFound))
	answers.HandleFunc("GET /empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	answers.HandleFunc("GET /long", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("a\nforged\x1b[31m line" + strings.Repeat("x", 100_000)))
	})
	answers.HandleFunc("GET /silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	other := httptest.NewServer(answers)
	t.Cleanup(other.Close)
	_, port, err := net.SplitHostPort(other.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, "http_proxy=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1")
	for _, c := range []struct {
		address, args string // OMARTY_HTTP_ADDRESS, if it matters
		exit          int
		says          string
	}{
		{":" + port, "", 0, "http://127.0.0.1:" + port + "/readyz answers 200"},
		{"0.0.0.0:" + port, "", 0, "http://127.0.0.1:" + port + "/readyz answers 200"},
		{"127.0.0.1:" + port, "", 0, "answers 200"},
		{"[::]:1", "", exitFailure, "http://[::1]:1/readyz"},
		{"127.0.0.1:0", "", exitUsage, "port 0"},
		{"nonsense", "", exitUsage, "OMARTY_HTTP_ADDRESS"},
		{"", "--url " + other.URL + "/moved", exitFailure, "answers 302"},
		{"", "--url " + other.URL + "/empty", exitFailure, "answers 204"},
		{"", "--url " + other.URL + "/missing", exitFailure, "answers 404"},
		{"", "--url " + other.URL + "/silent", exitFailure, "did not answer within 3s"},
		{"", "--url http://user:hunter2-hunter2@127.0.0.1:1/", exitFailure, "http://user:xxxxx@127.0.0.1:1/ cannot be asked"},
		{"", "--url " + other.URL + "/long", 0, `"a\nforged\x1b[31m line`},
		{"", "--url 127.0.0.1:8080", exitUsage, "--url must be like"},
		{"", "--url file:///etc/passwd", exitUsage, "--url must be like"},
		{"", "--url http:///readyz", exitUsage, "--url must be like"},
		{"", "nope", exitUsage, `leave out "nope"`},
	} {
		t.Run(c.address+c.args, func(t *testing.T) {
			at := p
			if c.address != "" {
				at = p.with("OMARTY_HTTP_ADDRESS=" + c.address)
			}
			got := at.run(t, append([]string{"health"}, strings.Fields(c.args)...)...)
			got.wantExit(t, c.exit)
			said := got.stdout.String() + got.stderr.String()
			if !strings.Contains(said, c.says) || len(said) > 2000 {
				t.Errorf("it says %q, want %q", said, c.says)
			}
		})
	}
}
