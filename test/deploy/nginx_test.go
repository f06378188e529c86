package deploy_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/configs"
)

// one returns what the one match of a pattern holds.
func one(t *testing.T, pattern, in string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindAllStringSubmatch(in, -1)
	if len(found) != 1 {
		t.Fatalf("%s stands %d times", pattern, len(found))
	}
	return found[0][1]
}

func TestNginx(t *testing.T) {
	site := regexp.MustCompile(`(?m)^\s*#.*$`).ReplaceAllString(text(t, "docs/deploy/nginx.conf"), "")
	defaults, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := one(t, `\sserver (\S+:\d+) `, site); got != defaults.HTTP.Address {
		t.Errorf("nginx asks %s, and the program listens on %s", got, defaults.HTTP.Address)
	}
	if got := one(t, `client_max_body_size (\w+);`, site); got != "1m" || httpapi.MaxBodyLimit != 1<<20 {
		t.Errorf("nginx refuses bodies above %s, the program those above %d at most", got, httpapi.MaxBodyLimit)
	}
	if got := one(t, `proxy_set_header X-Forwarded-For (\S+);`, site); got != "$remote_addr" {
		t.Errorf("X-Forwarded-For is %s", got)
	}
	seconds, err := strconv.Atoi(one(t, `proxy_read_timeout (\d+)s;`, site))
	if err != nil || time.Duration(seconds)*time.Second <= defaults.HTTP.RequestTimeout {
		t.Errorf("nginx waits for %d s, the program for %s", seconds, defaults.HTTP.RequestTimeout)
	}
	if strings.Contains(site, "non_idempotent") {
		t.Error("a registration that was sent would be sent again")
	}
}

// nginxSite writes the site, changed where it has to be to run here, and what it stands in, into a folder with a
// certificate. It returns the path of nginx's own configuration.
func nginxSite(t *testing.T, changed func(site string) string) (here, path string) {
	t.Helper()
	here = t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, here+"/omarty.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})), 0o600)
	write(t, here+"/omarty.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})), 0o600)
	site := strings.ReplaceAll(text(t, "docs/deploy/nginx.conf"), "/etc/nginx/tls", here)
	write(t, here+"/site.conf", changed(site), 0o600)
	var frame bytes.Buffer
	// One process, which needs no user of its own.
	frame.WriteString("daemon off;\nmaster_process off;\nerror_log stderr;\npid " + here + "/pid;\nevents {}\nhttp {\naccess_log off;\n")
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		frame.WriteString(kind + "_temp_path " + filepath.Join(here, kind) + ";\n")
	}
	frame.WriteString("include " + here + "/site.conf;\n}\n")
	write(t, here+"/nginx.conf", frame.String(), 0o600)
	return here, here + "/nginx.conf"
}

// nginx itself finds no fault in the site, with a certificate where it looks for one.
func TestNginxByNginx(t *testing.T) {
	nginx := tool(t, "nginx", "/usr/sbin/nginx")
	ports := regexp.MustCompile(`(listen (?:\[::\]:)?)(80|443)`) // which only root may try
	here, path := nginxSite(t, func(site string) string { return ports.ReplaceAllString(site, "${1}8${2}") })
	output, err := exec.Command(nginx, "-t", "-p", here, "-c", path).CombinedOutput()
	if err != nil || strings.Contains(string(output), "[warn]") {
		t.Errorf("nginx -t: %v\n%s", err, output)
	}
}

// freeAddress returns an address of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// runNginx runs the site before a server at an address, and returns what asks it for the app's path.
func runNginx(t *testing.T, server string) (ask func(body string) (*http.Response, string)) {
	t.Helper()
	nginx, address := tool(t, "nginx", "/usr/sbin/nginx"), freeAddress(t)
	here, path := nginxSite(t, func(site string) string {
		site = regexp.MustCompile(`listen \[::\].*;`).ReplaceAllString(site, "")
		site = strings.NewReplacer("listen 80;", "listen "+freeAddress(t)+";", "listen 443 ", "listen "+address+" ").Replace(site)
		site = strings.ReplaceAll(site, "127.0.0.1:8080", server)
		return regexp.MustCompile(`proxy_read_timeout \w+;`).ReplaceAllString(site, "proxy_read_timeout 1s;")
	})
	running := exec.Command(nginx, "-p", here, "-c", path)
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = running.Process.Kill()
		_ = running.Wait() // it was killed
	})
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, ServerName: "api.omarty.example"}, // #nosec G402 -- its own, made here
	}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return func(body string) (*http.Response, string) {
		t.Helper()
		for {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address+"/omartyapis/Create/", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Request-Id", "from-the-client")
			response, err := client.Do(r)
			if errors.Is(err, syscall.ECONNREFUSED) && ctx.Err() == nil {
				continue // it is not listening yet
			}
			if err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			return response, string(answer)
		}
	}
}

// What nginx answers by itself is what the app can read: the envelope, the contract's words, and the same headers as the
// program's own answers.
func TestNginxAnswersInTheEnvelope(t *testing.T) {
	program := httptest.NewServer(httpapi.New(nil, httpapi.Options{}, legacy.New(nil)))
	defer program.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and answers nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	const unavailable = "Service is unavailable, please try again."
	own, answer := runNginx(t, program.Listener.Addr().String())("")
	if own.StatusCode != http.StatusUnauthorized || answer != `{"status":401,"message":"Access token not found."}` {
		t.Errorf("through nginx: HTTP %d %s", own.StatusCode, answer)
	}
	for _, c := range []struct {
		server, body string
		status       int
		message      string
		retry        string
	}{
		{program.Listener.Addr().String(), strings.Repeat("x", 1<<20+1), http.StatusRequestEntityTooLarge, "Request is too large.", ""},
		{freeAddress(t), "", http.StatusBadGateway, unavailable, "1"},
		{silent.Addr().String(), "", http.StatusGatewayTimeout, unavailable, "1"},
	} {
		response, answer := runNginx(t, c.server)(c.body)
		if want := fmt.Sprintf(`{"status":%d,"message":%q}`, c.status, c.message); response.StatusCode != c.status || answer != want {
			t.Errorf("HTTP %d %s, want %s", response.StatusCode, answer, want)
		}
		if got := response.Header.Get("Retry-After"); got != c.retry {
			t.Errorf("%d: Retry-After %q", c.status, got)
		}
		for _, name := range []string{"Content-Type", "Cache-Control", "X-Content-Type-Options", "X-Request-Id"} {
			if got, want := response.Header.Values(name), own.Header.Values(name); !slices.Equal(got, want) || len(want) != 1 {
				t.Errorf("%d: %s is %q, and the program's %q", c.status, name, got, want)
			}
		}
	}
}
