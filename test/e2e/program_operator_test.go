package e2e_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/tables"
)

// get asks for a page and returns its status and body.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// register posts a form with a token and returns the answer's body.
func register(t *testing.T, url, token, form string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/omartyapis/Create/", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, r).body
}

// placeWithRegister is a place with the fixture's register in it.
func placeWithRegister(t *testing.T, variables ...string) place {
	t.Helper()
	p := newPlace(t, variables...)
	p.write(t, "register.yaml", fixture(t))
	if code := p.run(t, "import", "register.yaml").wait(t); code != 0 {
		t.Fatalf("import: exit code %d", code)
	}
	return p
}

var servingOperators = regexp.MustCompile(`msg="serving operators" address=(\S+)`)

// wantMetrics checks that the metrics have lines that begin as the patterns say.
func wantMetrics(t *testing.T, server *process, patterns ...string) {
	t.Helper()
	_, page := get(t, "http://"+server.printed(t, servingOperators)[1]+"/metrics")
	for _, pattern := range patterns {
		if !regexp.MustCompile("(?m)^" + pattern).MatchString(page) {
			t.Errorf("no metric is %s", pattern)
		}
	}
}

func TestProgramMetrics(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0")
	server := p.serve(t)
	url, admin := server.url(t), "http://"+server.printed(t, servingOperators)[1]
	if got := register(t, url, token(t, 7), goodForm); got != registered {
		t.Fatal(got)
	}
	if got := register(t, url, token(t, 7), goodForm); got != alreadyRegistered {
		t.Fatal(got)
	}
	get(t, url+"/secret-path/4711")
	get(t, url+"/omartyapis/4712")

	status, page := get(t, admin+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("HTTP %d", status)
	}
	for _, line := range []string{
		`omarty_http_requests_total{code="ok",endpoint="/omartyapis/Create/",status="200"} 1`,
		`omarty_http_requests_total{code="number_taken",endpoint="/omartyapis/Create/",status="200"} 1`,
		`omarty_http_request_duration_seconds_count{endpoint="/omartyapis/Create/"} 2`,
		`omarty_store_duration_seconds_count{operation="apply",outcome="ok"} 1`,
		`omarty_store_duration_seconds_count{operation="members_of",outcome="ok"} 2`,
		"omarty_http_requests_in_flight 0",
		"omarty_store_retries_total 0",
		`omarty_build_info{commit="`,
		`go_sql_max_open_connections{db_name="write"} 1`,
		"process_resident_memory_bytes ",
	} {
		if !strings.Contains(page, line) {
			t.Errorf("no %s", line)
		}
	}
	for _, personal := range []string{"4711", "4712", "secret-path", `user="`} {
		if strings.Contains(page, personal) {
			t.Errorf("the metrics hold %q", personal)
		}
	}
	for _, hidden := range []string{url + "/metrics", url + "/debug/pprof/", admin + "/debug/pprof/", admin + "/omartyapis/Create/"} {
		if status, _ := get(t, hidden); status != http.StatusNotFound {
			t.Errorf("%s: HTTP %d", hidden, status)
		}
	}
	server.stop(t)
}

func TestProgramPprof(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0", "OMARTY_ADMIN_PPROF=true")
	server := p.serve(t)
	admin := "http://" + server.printed(t, servingOperators)[1]
	if status, page := get(t, admin+"/debug/pprof/goroutine?debug=1"); status != http.StatusOK || !strings.Contains(page, "goroutine profile") {
		t.Errorf("HTTP %d", status)
	}
	server.stop(t)
}

// value returns a sample of a scrape, an error of the test where there is none.
func value(t *testing.T, page, series string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)$`).FindStringSubmatch(page)
	if found == nil {
		t.Errorf("no %s", series)
		return -1
	}
	number, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Error(err)
	}
	return number
}

// What alerts wait for is there before it has happened: a series that begins at 1 shows no increase.
func TestProgramMetricsBeginAtZero(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0")
	server := p.serve(t)
	_, page := get(t, "http://"+server.printed(t, servingOperators)[1]+"/metrics")
	for _, series := range []string{
		`omarty_http_requests_total{code="internal",endpoint="/omartyapis/Create/",status="500"}`,
		`omarty_http_requests_total{code="store_unavailable",endpoint="/omartyapis/Create/",status="503"}`,
		`omarty_http_requests_total{code="too_many_requests",endpoint="/omartyapis/Create/",status="429"}`,
		`omarty_http_requests_total{code="token_invalid",endpoint="/omartyapis/Create",status="401"}`,
		`omarty_http_requests_total{code="not_ready",endpoint="/readyz",status="503"}`,
		`omarty_http_requests_total{code="ok",endpoint="/omartyapis/Create/",status="200"}`,
		`omarty_store_duration_seconds_count{operation="apply",outcome="ok"}`,
	} {
		if value(t, page, series) != 0 {
			t.Errorf("%s does not begin at 0", series)
		}
	}
	server.stop(t)
}

// The metrics tell by themselves whether the program is ready, nobody asking for /readyz, how much disk is left, and when
// the last backup was made.
func TestProgramMetricsOfItself(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_ADMIN_ADDRESS=127.0.0.1:0", "OMARTY_ADMIN_BACKUP_FOLDER=backups")
	server := p.serve(t)
	admin := "http://" + server.printed(t, servingOperators)[1] + "/metrics"
	_, page := get(t, admin)
	if value(t, page, "omarty_ready") != 1 || value(t, page, "omarty_last_backup_timestamp_seconds") != 0 {
		t.Error("not ready, or with a backup before there is one")
	}
	if free, size := value(t, page, "omarty_database_disk_free_bytes"), value(t, page, "omarty_database_disk_size_bytes"); free <= 0 || free > size {
		t.Errorf("%v of %v bytes of the disk are free", free, size)
	}
	if err := os.Mkdir(filepath.Join(p.folder, "backups"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.write(t, "backups/empty.sql", nil) // a dump that failed
	if _, page = get(t, admin); value(t, page, "omarty_last_backup_timestamp_seconds") != 0 {
		t.Error("an empty file counts as a backup")
	}
	started := time.Now().Unix()
	p.run(t, "backup", "backups/omarty.db").wantPrinted(t, "Wrote")
	if _, page = get(t, admin); int64(value(t, page, "omarty_last_backup_timestamp_seconds")) < started {
		t.Error("the backup is not seen")
	}
	if _, err := tables.Open(t, p.database()).Exec("DELETE FROM goose_db_version WHERE version_id > 0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for value(t, page, "omarty_ready") != 0 { // an answer may be a second old
		if ctx.Err() != nil {
			t.Fatal("it is still ready")
		}
		_, page = get(t, admin)
	}
	server.stop(t)
}

// Told to stop, the server first says that it is not ready, and still serves.
func TestProgramDrains(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_HTTP_SHUTDOWN_DELAY=2s")
	server := p.serve(t)
	url := server.url(t)
	if status, body := get(t, url+"/readyz"); status != http.StatusOK {
		t.Fatalf("HTTP %d %s", status, body)
	}
	server.signal(t, syscall.SIGTERM)
	server.printed(t, stopping)
	if status, body := get(t, url+"/readyz"); status != http.StatusServiceUnavailable || body != message(503, "Not ready.") {
		t.Errorf("HTTP %d %s", status, body)
	}
	if status, _ := get(t, url+"/healthz"); status != http.StatusOK {
		t.Errorf("not alive: HTTP %d", status)
	}
	server.signal(t, syscall.SIGHUP) // keys are read again no more, and nothing ends for it
	if got := register(t, url, token(t, 7), goodForm); got != registered {
		t.Errorf("while it drains: %s", got)
	}
	server.wantExit(t, 0)
}

func TestProgramNotReadyWithoutItsTables(t *testing.T) {
	p := placeWithRegister(t)
	server := p.serve(t)
	if _, err := tables.Open(t, p.database()).Exec("DELETE FROM goose_db_version WHERE version_id > 0"); err != nil {
		t.Fatal(err)
	}
	url := server.url(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for { // an answer may be a second old
		status, body := get(t, url+"/readyz")
		if status == http.StatusServiceUnavailable && body == message(503, "Not ready.") {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("still HTTP %d %s", status, body)
		}
	}
	server.printed(t, regexp.MustCompile("migrations are missing"))
	server.stop(t)
}

func TestProgramRateLimit(t *testing.T) {
	p := placeWithRegister(t, "OMARTY_HTTP_RATE_LIMIT=1")
	server := p.serve(t)
	url, refused := server.url(t), false
	for range 50 {
		refused = refused || register(t, url, token(t, 7), "api=CreateApartment") == message(429, "Too many requests.")
	}
	if !refused {
		t.Error("50 requests at once were all answered")
	}
	if got := register(t, url, token(t, 8), "api=CreateApartment"); got != message(200, "Please enter floorNum.") {
		t.Errorf("another user: %s", got)
	}
	server.stop(t)
}

// jwks is a set with one secret under a kid.
func jwks(kid, secret string) []byte {
	return fmt.Appendf(nil, `{"keys":[{"kty":"oct","kid":%q,"alg":"HS256","k":%q}]}`, kid, base64.RawURLEncoding.EncodeToString([]byte(secret)))
}

func tokenOf(t *testing.T, user domain.UserID, kid, secret string, claims map[string]any) string {
	t.Helper()
	all := jwt.MapClaims{"id": int64(user), "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range claims {
		all[name] = value
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, all)
	if kid != "" {
		unsigned.Header["kid"] = kid
	}
	signed, err := unsigned.SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// Keys are replaced while the server runs, when their file changes and on SIGHUP. A file that cannot be used changes nothing.
func TestProgramKeysAreReplaced(t *testing.T) {
	const one, two, plain = "the first secret, of 32 bytes or more", "the second secret, of 32 bytes or more", "api=CreateApartment"
	p := placeWithRegister(t, "OMARTY_AUTH_JWKS_FILE=keys.json", "OMARTY_AUTH_ISSUER=https://accounts.omarty.net", "OMARTY_AUTH_AUDIENCE=register")
	p.write(t, "keys.json", jwks("1", one))
	server := p.serve(t)
	url := server.url(t)
	right := map[string]any{"iss": "https://accounts.omarty.net", "aud": []string{"app", "register"}}
	accepted, refused := message(200, "Please enter floorNum."), message(401, "Access token is not valid.")
	want := func(what, answer, kid, secret string, claims map[string]any) {
		t.Helper()
		if got := register(t, url, tokenOf(t, 7, kid, secret, claims), plain); got != answer {
			t.Errorf("%s: %s", what, got)
		}
	}
	want("the key in force", accepted, "1", one, right)
	want("a kid that is not there", refused, "2", one, right)
	want("no kid: the plain secret, whose issuer is another", refused, "", secret, map[string]any{"iss": "https://example.org", "aud": "register"})
	want("no kid: the plain secret", accepted, "", secret, right)
	want("no audience", refused, "1", one, map[string]any{"iss": "https://accounts.omarty.net"})

	p.write(t, "keys.json", []byte("{"))
	server.printed(t, regexp.MustCompile(`msg="keys not replaced`))
	want("the key in force, while its file is broken", accepted, "1", one, right)

	p.write(t, "keys.json", jwks("2", two))
	server.signal(t, syscall.SIGHUP)
	server.printed(t, regexp.MustCompile(`msg="keys replaced`))
	want("the new key", accepted, "2", two, right)
	want("the old key", refused, "1", one, right)
	server.stop(t)
}

// What only the store can tell of a URL is wrong configuration all the same, and is told without the password.
func TestProgramDatabaseURLOption(t *testing.T) {
	p := newPlace(t, "OMARTY_DATABASE_URL=mysql://omarty:hunter2-hunter2@127.0.0.1:1/omarty?allowAllFiles=true")
	p.write(t, "register.yaml", fixture(t))
	for _, command := range [][]string{{"serve"}, {"migrate"}, {"migrate", "--status"}, {"import", "register.yaml"}, {"backup", "copy.db"}} {
		p.run(t, command...).wantExit(t, 2, "database.url", "allowAllFiles")
	}
}
