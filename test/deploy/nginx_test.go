package deploy_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
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

// nginx itself finds no fault in the site, with a certificate where it looks for one.
func TestNginxByNginx(t *testing.T) {
	nginx := tool(t, "nginx", "/usr/sbin/nginx")
	here := t.TempDir()
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
	ports := regexp.MustCompile(`(listen (?:\[::\]:)?)(80|443)`) // which only root may try
	site := ports.ReplaceAllString(text(t, "docs/deploy/nginx.conf"), "${1}8${2}")
	write(t, here+"/site.conf", strings.ReplaceAll(site, "/etc/nginx/tls", here), 0o600)
	var frame bytes.Buffer
	frame.WriteString("error_log stderr;\npid " + here + "/pid;\nevents {}\nhttp {\naccess_log off;\n")
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		frame.WriteString(kind + "_temp_path " + filepath.Join(here, kind) + ";\n")
	}
	frame.WriteString("include " + here + "/site.conf;\n}\n")
	write(t, here+"/nginx.conf", frame.String(), 0o600)
	output, err := exec.Command(nginx, "-t", "-p", here, "-c", here+"/nginx.conf").CombinedOutput()
	if err != nil || strings.Contains(string(output), "[warn]") {
		t.Errorf("nginx -t: %v\n%s", err, output)
	}
}
