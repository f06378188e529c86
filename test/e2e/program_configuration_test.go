package e2e_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Whatever is wrong with the configuration is told by name, all at once, before anything is made.
func TestProgramWrongConfiguration(t *testing.T) {
	const noSecret = "OMARTY_AUTH_HS256_SECRET="
	for _, c := range []struct {
		name      string
		args      string
		variables []string
		want      []string
	}{
		{"several at once", "serve", []string{
			"OMARTY_HTTP_ADDRES=x", "OMARTY_HTTP_BODY_LIMIT=lots", "OMARTY_LOG_LEVEL=loud", "OMARTY_DATABASE_URL=postgres://u:geheim@h/x",
			"OMARTY_AUTH_REQUIRE_EXPIRY=perhaps", "OMARTY_TEST_X=nobody's business", "OMARTY_AUTH_HS256_SECRET=too short",
		}, []string{
			"OMARTY_HTTP_ADDRES (did you mean OMARTY_HTTP_ADDRESS?)", "OMARTY_HTTP_BODY_LIMIT must be", "OMARTY_LOG_LEVEL must be",
			"OMARTY_DATABASE_URL must be", "OMARTY_AUTH_REQUIRE_EXPIRY must be", "OMARTY_AUTH_HS256_SECRET must be a text of 32 bytes",
		}},
		{"no keys", "serve", []string{noSecret}, []string{"OMARTY_AUTH_HS256_SECRET", "OMARTY_AUTH_PUBLIC_KEYS", "head -c 32 /dev/urandom | base64"}},
		{"profiles that nobody can ask for", "serve", []string{"OMARTY_ADMIN_PPROF=true"}, []string{"admin.pprof", "OMARTY_ADMIN_ADDRESS"}},
		{"no secret file", "serve", []string{noSecret, "OMARTY_AUTH_HS256_SECRET_FILE=none"}, []string{`"none" cannot be read`}},
		{"no file by flag", "serve --config none.yaml", nil, []string{`"none.yaml" cannot be read`}},
		{"no file by variable", "migrate", []string{"OMARTY_CONFIG=none.yaml"}, []string{`"none.yaml" cannot be read`}},
		{"a file with faults", "import x --config bad.yaml", nil, []string{"bad.yaml:2: unknown key http.adress", "http.address", `bad.yaml:4: log.level must be debug, info, warn or error, not "loud"`}},
		{"public keys", "serve", []string{"OMARTY_AUTH_PUBLIC_KEYS=none.pem,bad.pem"}, []string{
			`"none.pem" cannot be read`, "bad.pem: no key in PEM was found",
		}},
		{"memory, to migrate", "migrate", []string{"OMARTY_DATABASE_URL=memory:"}, []string{"ends with the program", "sqlite://"}},
		{"memory, to list", "migrate --status", []string{"OMARTY_DATABASE_URL=memory:"}, []string{"ends with the program", "sqlite://"}},
		{"memory, to import", "import good.yaml", []string{"OMARTY_DATABASE_URL=memory:"}, []string{"ends with the program", "sqlite://"}},
		{"memory, to back up", "backup x", []string{"OMARTY_DATABASE_URL=memory:"}, []string{"ends with the program", "sqlite://"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t, c.variables...)
			p.write(t, "bad.yaml", []byte("http:\n  adress: 127.0.0.1:0\nlog:\n  level: loud\n"))
			p.write(t, "bad.pem", []byte("no key\n"))
			p.write(t, "good.yaml", fixture(t))
			before := p.files(t)
			got := p.run(t, strings.Fields(c.args)...)
			got.wantExit(t, exitUsage, append(c.want, "omarty: the configuration is wrong:\n  ")...)
			for _, hidden := range []string{"geheim", "too short", "OMARTY_TEST_X"} {
				if strings.Contains(got.stderr.String(), hidden) {
					t.Errorf("stderr says %q", hidden)
				}
			}
			if after := p.files(t); !slices.Equal(after, before) {
				t.Errorf("it made files: %v", after)
			}
		})
	}
}

// Settings come from a file that a flag or a variable names, the secret and the database's URL from files of their own.
func TestProgramConfigurationFiles(t *testing.T) {
	p := newPlace(t, "OMARTY_AUTH_HS256_SECRET=", "OMARTY_HTTP_ADDRESS=")
	p.write(t, "omarty.yaml", []byte("http: {address: 127.0.0.1:0}\nauth: {hs256_secret_file: the.secret}\n"+
		"database: {url_file: the.url}\nlog: {level: debug}\n"))
	p.write(t, "the.secret", []byte(secret+"\n"))
	p.write(t, "the.url", []byte("sqlite://named.db\n"))
	p.write(t, "register.yaml", fixture(t))
	for name, server := range map[string]func() *process{
		"flag":     func() *process { return p.serve(t, "--config", "omarty.yaml", "--import", "register.yaml") },
		"variable": func() *process { return p.with("OMARTY_CONFIG=omarty.yaml").serve(t) },
	} {
		o := server()
		s := service{url: o.url(t)}
		if got := send(t, s.request(t.Context(), t, 8, goodForm)); got.body != message(200, "User does not have permissions in this block.") {
			t.Errorf("%s: %s", name, got.body)
		}
		o.stop(t)
	}
	if files := p.files(t); !slices.Contains(files, "named.db") || slices.Contains(files, "omarty.db") {
		t.Errorf("files: %v", files)
	}
}

// A token that is signed with any of the private keys works, and one of another key does not.
func TestProgramPublicKeys(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, strange, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, "OMARTY_AUTH_HS256_SECRET=", "OMARTY_AUTH_PUBLIC_KEYS=rsa.pem, ec.pem,ed.pem", "OMARTY_DATABASE_URL=memory:")
	for name, public := range map[string]any{"rsa.pem": rsaKey.Public(), "ec.pem": ecKey.Public(), "ed.pem": edKey.Public()} {
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		p.write(t, name, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	p.write(t, "register.yaml", fixture(t))
	s := service{url: p.serve(t, "--import", "register.yaml").url(t)}
	invalid := message(401, "Access token is not valid.")
	for _, c := range []struct {
		name   string
		method jwt.SigningMethod
		key    any
		want   string
	}{
		{"RS256", jwt.SigningMethodRS256, rsaKey, registered},
		{"ES256", jwt.SigningMethodES256, ecKey, alreadyRegistered},
		{"EdDSA", jwt.SigningMethodEdDSA, edKey, alreadyRegistered},
		{"another key", jwt.SigningMethodEdDSA, strange, invalid},
		{"HS256, which has no key", jwt.SigningMethodHS256, []byte(secret), invalid},
	} {
		claims := jwt.MapClaims{"id": 7, "exp": time.Now().Add(time.Hour).Unix()}
		signed, err := jwt.NewWithClaims(c.method, claims).SignedString(c.key)
		if err != nil {
			t.Fatal(err)
		}
		r := s.request(t.Context(), t, 7, goodForm)
		r.Header.Set("Authorization", "Bearer "+signed)
		if got := send(t, r); got.body != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.body, c.want)
		}
	}
}
