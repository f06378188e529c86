package e2e_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"omarty.net/registry/test/tables"
)

// The line of a request says who, what and why: what OPERATIONS.md promises.
func TestProgramAccessLog(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_LOG_FORMAT=json", "OMARTY_HTTP_FAILURE_LIMIT=5", "OMARTY_HTTP_TRUSTED_PROXIES=127.0.0.1/32")
	server := p.start(t, "serve")
	url := "http://" + server.printed(t, regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`))[1]
	const create = "/omartyapis/Create/"
	expired := tokenOf(t, 7, "", secret, map[string]any{"exp": 1})
	for i, c := range []struct {
		path, token, body, key string
		from                   string // X-Forwarded-For
		want                   map[string]string
	}{
		{path: create, token: token(t, 7), body: "api=CreateApartment&floorNum=-1&aptNum=31", key: "k", want: map[string]string{
			"code": "ok", "user": "7", "block": "4", "floor": "-1", "number": "31", "replayed": "false", "reason": "", "address": "", "path": create}},
		{path: create, token: token(t, 7), body: "api=CreateApartment&floorNum=-1&aptNum=31", key: "k", want: map[string]string{
			"code": "ok", "block": "4", "number": "31", "replayed": "true"}},
		{path: create, token: token(t, 7), body: "api=CreateApartment&floorNum=-1&aptNum=31", want: map[string]string{
			"code": "number_taken", "user": "7", "block": "4", "number": "", "replayed": "", "address": ""}},
		{path: create, want: map[string]string{"code": "token_missing", "reason": "it has no Authorization header", "address": "127.0.0.1/32"}},
		{path: create, token: token(t, 7) + "x", want: map[string]string{"code": "token_invalid", "reason": "no configured key verifies its signature", "address": "127.0.0.1/32"}},
		{path: create, token: tokenOf(t, 7, "gone", secret, nil), want: map[string]string{"code": "token_invalid", "reason": "no key of its algorithm is configured under its kid, or without one if it has none"}},
		{path: create, token: expired, want: map[string]string{"code": "token_expired", "reason": "", "address": "127.0.0.1/32"}},
		{path: create, token: token(t, 7) + "x", from: "2001:db8:1:2:3::4", want: map[string]string{"code": "token_invalid", "address": "2001:db8:1:2::/64"}},
		{path: "/", want: map[string]string{"code": "not_found", "path": "unknown:root", "address": "127.0.0.1/32"}},
		{path: "/omartyapis/Creat/4711", want: map[string]string{"code": "not_found", "path": "unknown:omartyapis"}},
		{path: "/metrics", want: map[string]string{"code": "not_found", "path": "unknown:metrics"}},
		{path: "/" + strings.Repeat("4711/", 1000), want: map[string]string{"code": "not_found", "path": "unknown"}},
	} {
		entry := accessLine(t, server, url+c.path, "r"+strconv.Itoa(i), c.token, c.body, c.key, c.from)
		for name, value := range c.want {
			if entry[name] != value {
				t.Errorf("request %d: %s is %q, want %q: %v", i, name, entry[name], value, entry)
			}
		}
		if ms, err := strconv.ParseFloat(entry["took_ms"], 64); err != nil || ms <= 0 || ms > patience.Seconds()*1000 {
			t.Errorf("request %d: took_ms is %q", i, entry["took_ms"])
		}
	}
	for i := range 50 { // until the address has no failures left
		entry := accessLine(t, server, url+create, "f"+strconv.Itoa(i), "forged", "", "", "192.0.2.7")
		if entry["code"] == "too_many_requests" {
			if entry["address"] != "192.0.2.7/32" || !strings.Contains(entry["reason"], "http.failure_limit") {
				t.Errorf("%v", entry)
			}
			break
		}
		if i == 49 {
			t.Error("50 forged tokens at once are looked at")
		}
	}
	server.stop(t)
}

// Who is refused for asking too often.
func TestProgramAccessLogOfTooMany(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_LOG_FORMAT=json", "OMARTY_HTTP_RATE_LIMIT=1")
	server := p.start(t, "serve")
	url := "http://" + server.printed(t, regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`))[1]
	for i := range 50 {
		entry := accessLine(t, server, url+"/omartyapis/Create/", "m"+strconv.Itoa(i), token(t, 7), "api=CreateApartment", "", "")
		if entry["code"] == "too_many_requests" {
			if entry["user"] != "7" || entry["address"] != "127.0.0.1/32" || !strings.Contains(entry["reason"], "http.rate_limit") {
				t.Errorf("%v", entry)
			}
			server.stop(t)
			return
		}
	}
	t.Error("50 requests at once are all answered")
}

// accessLine sends a request under an id and returns its line of the log.
func accessLine(t *testing.T, server *process, url, id, token, body, key, from string) logLine {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form)
	for name, value := range map[string]string{
		"X-Request-Id": id, "Authorization": "Bearer " + token, "Idempotency-Key": key, "X-Forwarded-For": from,
	} {
		if value != "" && value != "Bearer " {
			r.Header.Set(name, value)
		}
	}
	send(t, r)
	line := server.printed(t, regexp.MustCompile(`(?m)^.*"id":"`+id+`".*$`))[0]
	entry, err := logFormats["json"](line)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

// An outage that lasts is told by its first lines and then by their number, and every other line is there.
func TestProgramLogOfAnOutage(t *testing.T) {
	const requests = 500
	p := placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0")
	server := p.serve(t)
	breakStore(t, p)
	who, url := token(t, 7), server.url(t)
	for range requests {
		if got := register(t, url, who, goodForm); got != message(500, "Internal error.") {
			t.Fatal(got)
		}
		register(t, url, who, "api=CreateApartment")
	}
	wantMetrics(t, server, `omarty_log_lines_dropped_total\{reason="repeated"\} [1-9]`, `omarty_log_lines_dropped_total\{reason="unread"\} 0`)
	server.stop(t)
	text := server.stderr.String()
	if n := strings.Count(text, "code=internal"); n < 20 || n > requests/2 {
		t.Errorf("%d lines of %d failures of one cause", n, requests)
	}
	if n := strings.Count(text, "code=missing"); n != requests {
		t.Errorf("%d lines of %d other requests", n, requests)
	}
	if !strings.Contains(text, " left_out=") {
		t.Error("the log does not say that lines were left out")
	}
}

// breakStore takes a table away, so that each request for it fails.
func breakStore(t *testing.T, p place) {
	t.Helper()
	if _, err := tables.Open(t, p.database()).ExecContext(t.Context(), "DROP TABLE changes"); err != nil {
		t.Fatal(err)
	}
}
