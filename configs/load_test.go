package configs_test

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/configs"
)

const goodSecret = "0123456789abcdef0123456789abcdef" // 32 bytes

func defaultConfig() configs.Config {
	return configs.Config{
		HTTP: configs.HTTP{
			Address: "127.0.0.1:8080", BodyLimit: 65536, BodyMemory: 16 << 20, MaxConnections: 2048,
			RequestTimeout: 5 * time.Second, ShutdownTimeout: 10 * time.Second, RateLimit: 20, ReadRateLimit: 100,
		},
		Database: configs.Database{URL: "sqlite://omarty.db", MaxConnections: 16, BatchSize: 64, Committers: 2, EngineCheck: true},
		Auth:     configs.Auth{RequireExpiry: true},
		Tracing:  configs.Tracing{SampleRatio: 1},
		Log:      configs.Log{Level: slog.LevelInfo, Format: configs.FormatText},
	}
}

func networks(prefixes ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, p := range prefixes {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}

// written writes a file and returns its path; the text "-" is no file.
func written(t *testing.T, name, text string) string {
	t.Helper()
	if text == "-" {
		return ""
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	url := written(t, "database.url", "mysql://omarty:pw@db:3306/omarty?tls=true\r\n\n")
	secret := written(t, "hs256.secret", goodSecret+"\n")
	other := strings.Repeat("é", 16)
	for _, c := range []struct {
		name    string
		file    string // "-" for none; <URL> and <SECRET> stand for the two files
		environ []string
		needs   []configs.Need
		want    func(*configs.Config)
	}{
		{"no source", "-", nil, nil, func(*configs.Config) {}},
		{"empty file", "", nil, nil, func(*configs.Config) {}},
		{"comments alone", "# none\n", nil, nil, func(*configs.Config) {}},
		{"empty sections and keys", "http:\nauth: {}\nlog:\n  level:\n", nil, nil, func(*configs.Config) {}},
		{"byte order mark, markers, end", "\ufeff%YAML 1.1\n--- # omarty\nlog: {level: warn}\n...\n\n# end\n", nil, nil,
			func(c *configs.Config) { c.Log.Level = slog.LevelWarn }},
		{"markers inside a line", "log: {level: warn} # ---\nhttp:\n  address: \"---:1\"\n", nil, nil,
			func(c *configs.Config) { c.Log.Level, c.HTTP.Address = slog.LevelWarn, "---:1" }},
		{"anchors", "log: &l {level: &w warn}\n", nil, nil, func(c *configs.Config) { c.Log.Level = slog.LevelWarn }},
		{"merges, and numbers as YAML writes them", "log: {<<: {level: warn}}\nhttp: {max_connections: 0x10, rate_limit: 1_000}\n" +
			"tracing: {sample_ratio: 1e-1}", nil, nil, func(c *configs.Config) {
			c.Log.Level, c.HTTP.MaxConnections, c.HTTP.RateLimit, c.Tracing.SampleRatio = slog.LevelWarn, 16, 1000, .1
		}},
		{"the whole file", `
http: {address: "[::1]:0", body_limit: 1MiB, body_memory: 1024MiB, max_connections: 16, request_timeout: 100ms, shutdown_delay: 5m, shutdown_timeout: 0,
  rate_limit: 0, read_rate_limit: 1, failure_limit: 100000, trusted_proxies: [10.0.0.0/8, "::1/128"], cors_origins: ["https://a.example"]}
database: {url: "memory:", max_connections: 1000, batch_size: 500, committers: 16, engine_check: off}
auth: {hs256_secret: ` + other + `, public_keys: [a.pem, "b,c.pem"], jwks_file: "a,b.json",
  issuer: "https://a.b/?c=d", audience: "1", require_expiry: false}
admin: {address: "[::1]:0", pprof: true}
tracing: {endpoint: "http://[::1]:4318/v1/traces", sample_ratio: 0.25}
log: {level: debug, format: json}
`, nil, nil, func(c *configs.Config) {
			*c = configs.Config{
				HTTP: configs.HTTP{Address: "[::1]:0", BodyLimit: 1 << 20, BodyMemory: 1 << 30, MaxConnections: 16, RequestTimeout: 100 * time.Millisecond,
					ShutdownDelay: 5 * time.Minute, ReadRateLimit: 1, FailureLimit: 100_000,
					TrustedProxies: networks("10.0.0.0/8", "::1/128"), CORSOrigins: []string{"https://a.example"}},
				Database: configs.Database{URL: "memory:", MaxConnections: 1000, BatchSize: 500, Committers: 16},
				Auth: configs.Auth{HS256Secret: configs.Secret(other), PublicKeys: []string{"a.pem", "b,c.pem"},
					JWKSFile: "a,b.json", Issuer: "https://a.b/?c=d", Audience: "1"},
				Admin:   configs.Admin{Address: "[::1]:0", Pprof: true},
				Tracing: configs.Tracing{Endpoint: "http://[::1]:4318/v1/traces", SampleRatio: 0.25},
				Log:     configs.Log{Level: slog.LevelDebug, Format: configs.FormatJSON},
			}
		}},
		{"the whole environment", "-", []string{
			"OMARTY_HTTP_ADDRESS=:65535", "OMARTY_HTTP_BODY_LIMIT=1024", "OMARTY_HTTP_BODY_MEMORY=1024KiB",
			"OMARTY_HTTP_MAX_CONNECTIONS=1000000", "OMARTY_HTTP_REQUEST_TIMEOUT=1m",
			"OMARTY_HTTP_SHUTDOWN_DELAY=1ns", "OMARTY_HTTP_SHUTDOWN_TIMEOUT=10m", "OMARTY_HTTP_RATE_LIMIT=100000",
			"OMARTY_HTTP_FAILURE_LIMIT=1", "OMARTY_HTTP_READ_RATE_LIMIT=0", "OMARTY_HTTP_CORS_ORIGINS=https://a.example:8443, http://localhost", "OMARTY_HTTP_TRUSTED_PROXIES=192.0.2.0/24,fd00::/8, 127.0.0.1/32",
			"OMARTY_DATABASE_URL=mysql://u:p=%23@a:1,[::1]/n", "OMARTY_DATABASE_MAX_CONNECTIONS=1", "OMARTY_DATABASE_BATCH_SIZE=1",
			"OMARTY_DATABASE_COMMITTERS=1", "OMARTY_DATABASE_ENGINE_CHECK=off", "OMARTY_AUTH_HS256_SECRET=" + goodSecret, "OMARTY_AUTH_PUBLIC_KEYS=a.pem, b.pem",
			"OMARTY_AUTH_JWKS_FILE=a,b.json", "OMARTY_AUTH_ISSUER=a=b, c", "OMARTY_AUTH_AUDIENCE=true",
			"OMARTY_AUTH_REQUIRE_EXPIRY=false", "OMARTY_ADMIN_ADDRESS=:9090", "OMARTY_ADMIN_PPROF=true",
			"OMARTY_TRACING_ENDPOINT=https://collector.example", "OMARTY_TRACING_SAMPLE_RATIO=.001",
			"OMARTY_LOG_LEVEL=error", "OMARTY_LOG_FORMAT=json",
		}, nil, func(c *configs.Config) {
			*c = configs.Config{
				HTTP: configs.HTTP{Address: ":65535", BodyLimit: 1024, BodyMemory: 1 << 20, MaxConnections: 1_000_000, RequestTimeout: time.Minute,
					ShutdownDelay: 1, ShutdownTimeout: 10 * time.Minute, RateLimit: 100_000, FailureLimit: 1,
					TrustedProxies: networks("192.0.2.0/24", "fd00::/8", "127.0.0.1/32"), CORSOrigins: []string{"https://a.example:8443", "http://localhost"}},
				Database: configs.Database{URL: "mysql://u:p=%23@a:1,[::1]/n", MaxConnections: 1, BatchSize: 1, Committers: 1},
				Auth: configs.Auth{HS256Secret: goodSecret, PublicKeys: []string{"a.pem", "b.pem"}, JWKSFile: "a,b.json",
					Issuer: "a=b, c", Audience: "true"},
				Admin:   configs.Admin{Address: ":9090", Pprof: true},
				Tracing: configs.Tracing{Endpoint: "https://collector.example", SampleRatio: .001},
				Log:     configs.Log{Level: slog.LevelError, Format: configs.FormatJSON},
			}
		}},
		{"the environment over the file", "http: {address: 'a:1', body_limit: 2 KiB, trusted_proxies: [10.0.0.0/8, '::/0']}\n" +
			"auth: {public_keys: [a.pem, b.pem], issuer: a, audience: a}\nadmin: {address: 'a:1', pprof: true}",
			[]string{"OMARTY_HTTP_ADDRESS=b:2", "OMARTY_HTTP_TRUSTED_PROXIES=127.0.0.0/8", "OMARTY_AUTH_PUBLIC_KEYS=c.pem",
				"OMARTY_AUTH_AUDIENCE=b", "OMARTY_ADMIN_PPROF=false"}, nil, func(c *configs.Config) {
				c.HTTP.Address, c.HTTP.BodyLimit, c.HTTP.TrustedProxies = "b:2", 2048, networks("127.0.0.0/8")
				c.Auth.PublicKeys, c.Auth.Issuer, c.Auth.Audience = []string{"c.pem"}, "a", "b"
				c.Admin.Address = "a:1"
			}},
		{"networks have no host bits", "http: {trusted_proxies: [10.1.2.3/8, '2001:db8:1::1/32', 192.0.2.1/32, 1.2.3.4/0, '::1/0']}",
			nil, nil, func(c *configs.Config) {
				c.HTTP.TrustedProxies = networks("10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32", "0.0.0.0/0", "::/0")
			}},
		{"a whole ratio", "tracing: {sample_ratio: 0}", nil, nil, func(c *configs.Config) { c.Tracing.SampleRatio = 0 }},
		{"no networks", "http: {trusted_proxies: []}", nil, nil, func(*configs.Config) {}},
		{"empty variables", "log: {level: warn}", []string{"OMARTY_LOG_LEVEL=", "OMARTY_LOG_LEVLE=", "OMARTY_DATABASE_URL_FILE=",
			"OMARTY_HTTP_TRUSTED_PROXIES=", "OMARTY_AUTH_ISSUER=", "OMARTY_ADMIN_ADDRESS=", "OMARTY_ADMIN_ADRESS="},
			nil, func(c *configs.Config) { c.Log.Level = slog.LevelWarn }},
		{"nobody's variables", "-", []string{"OMARTY_TEST_MYSQL_URL=x", "OMARTY_CONFIG=y", "OMARTY_HTTPS=z", "HTTP_ADDRESS=x",
			"OMARTY_ADMIN=x", "OMARTY_ADMINS_X=y",
			"omarty_log_level=x", "XOMARTY_LOG_X=1", "OMARTY_LOG_X"}, nil, func(*configs.Config) {}},

		{"files, needed", "database: {url_file: <URL>}\nauth: {hs256_secret_file: <SECRET>}", nil,
			[]configs.Need{configs.NeedsDatabase, configs.NeedsKeys}, func(c *configs.Config) {
				c.Database.URL, c.Auth.HS256Secret = "mysql://omarty:pw@db:3306/omarty?tls=true", goodSecret
			}},
		{"files, not needed", "database: {url_file: /nowhere}\nauth: {hs256_secret_file: /nowhere}", nil, nil,
			func(c *configs.Config) { c.Database.URL = "" }},
		{"the secret's file alone is needed", "database: {url_file: /nowhere}\nauth: {hs256_secret_file: <SECRET>}", nil,
			[]configs.Need{configs.NeedsSecret},
			func(c *configs.Config) { c.Database.URL, c.Auth.HS256Secret = "", goodSecret }},
		{"a higher file replaces values", "database: {url: 'memory:'}\nauth: {hs256_secret: " + other + "}",
			[]string{"OMARTY_DATABASE_URL_FILE=<URL>", "OMARTY_AUTH_HS256_SECRET_FILE=<SECRET>"},
			[]configs.Need{configs.NeedsDatabase, configs.NeedsSecret}, func(c *configs.Config) {
				c.Database.URL, c.Auth.HS256Secret = "mysql://omarty:pw@db:3306/omarty?tls=true", goodSecret
			}},
		{"a higher value replaces files", "database: {url_file: /nowhere}\nauth: {hs256_secret_file: /nowhere}",
			[]string{"OMARTY_DATABASE_URL=memory:", "OMARTY_AUTH_HS256_SECRET=" + goodSecret},
			[]configs.Need{configs.NeedsDatabase, configs.NeedsKeys, configs.NeedsSecret},
			func(c *configs.Config) { c.Database.URL, c.Auth.HS256Secret = "memory:", goodSecret }},
		{"a higher file replaces a file", "database: {url_file: /nowhere}", []string{"OMARTY_DATABASE_URL_FILE=<URL>"},
			[]configs.Need{configs.NeedsDatabase},
			func(c *configs.Config) { c.Database.URL = "mysql://omarty:pw@db:3306/omarty?tls=true" }},
		{"public keys are keys", "auth: {public_keys: [a.pem]}", nil, []configs.Need{configs.NeedsKeys},
			func(c *configs.Config) { c.Auth.PublicKeys = []string{"a.pem"} }},
		{"a key set is keys, and is not read here", "auth: {jwks_file: /nowhere}", nil, []configs.Need{configs.NeedsKeys},
			func(c *configs.Config) { c.Auth.JWKSFile = "/nowhere" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			stand := strings.NewReplacer("<URL>", url, "<SECRET>", secret)
			var environ []string
			for _, variable := range c.environ {
				environ = append(environ, stand.Replace(variable))
			}
			want := defaultConfig()
			c.want(&want)
			got, err := configs.Load(written(t, "omarty.yaml", stand.Replace(c.file)), environ, c.needs...)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%#v, want\n%#v", revealed(got), revealed(want))
			}
			if err := got.Validate(c.needs...); err != nil {
				t.Errorf("what Load returned is not valid: %v", err)
			}
		})
	}
}

// revealed shows a Config's secrets in a failing test.
func revealed(c configs.Config) []any {
	return []any{c, c.Database.URL.Reveal(), c.Auth.HS256Secret.Reveal()}
}

func TestLoadReturnsNoConfigWithProblems(t *testing.T) {
	got, err := configs.Load("", []string{"OMARTY_LOG_LEVEL=loud", "OMARTY_LOG_FORMAT=json"})
	if err == nil || !reflect.DeepEqual(got, configs.Config{}) {
		t.Errorf("got %+v, %v", got, err)
	}
}
