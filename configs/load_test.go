package configs_test

import (
	"log/slog"
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
			Address: "127.0.0.1:8080", BodyLimit: 65536, RequestTimeout: 5 * time.Second, ShutdownTimeout: 10 * time.Second,
		},
		Database: configs.Database{URL: "sqlite://omarty.db", MaxConnections: 16},
		Auth:     configs.Auth{RequireExpiry: true},
		Log:      configs.Log{Level: slog.LevelInfo, Format: configs.FormatText},
	}
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
		{"the whole file", `
http: {address: "[::1]:0", body_limit: 1MiB, request_timeout: 100ms, shutdown_timeout: 0}
database: {url: "memory:", max_connections: 1000}
auth: {hs256_secret: ` + other + `, public_keys: [a.pem, "b,c.pem"], require_expiry: false}
log: {level: debug, format: json}
`, nil, nil, func(c *configs.Config) {
			*c = configs.Config{
				HTTP:     configs.HTTP{Address: "[::1]:0", BodyLimit: 1 << 20, RequestTimeout: 100 * time.Millisecond},
				Database: configs.Database{URL: "memory:", MaxConnections: 1000},
				Auth:     configs.Auth{HS256Secret: configs.Secret(other), PublicKeys: []string{"a.pem", "b,c.pem"}},
				Log:      configs.Log{Level: slog.LevelDebug, Format: configs.FormatJSON},
			}
		}},
		{"the whole environment", "-", []string{
			"OMARTY_HTTP_ADDRESS=:65535", "OMARTY_HTTP_BODY_LIMIT=1024", "OMARTY_HTTP_REQUEST_TIMEOUT=1m",
			"OMARTY_HTTP_SHUTDOWN_TIMEOUT=10m", "OMARTY_DATABASE_URL=mysql://u:p=%23@[::1]/n", "OMARTY_DATABASE_MAX_CONNECTIONS=1",
			"OMARTY_AUTH_HS256_SECRET=" + goodSecret, "OMARTY_AUTH_PUBLIC_KEYS=a.pem, b.pem", "OMARTY_AUTH_REQUIRE_EXPIRY=false",
			"OMARTY_LOG_LEVEL=error", "OMARTY_LOG_FORMAT=json",
		}, nil, func(c *configs.Config) {
			*c = configs.Config{
				HTTP: configs.HTTP{Address: ":65535", BodyLimit: 1024, RequestTimeout: time.Minute,
					ShutdownTimeout: 10 * time.Minute},
				Database: configs.Database{URL: "mysql://u:p=%23@[::1]/n", MaxConnections: 1},
				Auth:     configs.Auth{HS256Secret: goodSecret, PublicKeys: []string{"a.pem", "b.pem"}},
				Log:      configs.Log{Level: slog.LevelError, Format: configs.FormatJSON},
			}
		}},
		{"the environment over the file", "http: {address: 'a:1', body_limit: 2 KiB}\nauth: {public_keys: [a.pem, b.pem]}",
			[]string{"OMARTY_HTTP_ADDRESS=b:2", "OMARTY_AUTH_PUBLIC_KEYS=c.pem"}, nil, func(c *configs.Config) {
				c.HTTP.Address, c.HTTP.BodyLimit, c.Auth.PublicKeys = "b:2", 2048, []string{"c.pem"}
			}},
		{"empty variables", "log: {level: warn}", []string{"OMARTY_LOG_LEVEL=", "OMARTY_LOG_LEVLE=", "OMARTY_DATABASE_URL_FILE="},
			nil, func(c *configs.Config) { c.Log.Level = slog.LevelWarn }},
		{"nobody's variables", "-", []string{"OMARTY_TEST_MYSQL_URL=x", "OMARTY_CONFIG=y", "OMARTY_HTTPS=z", "HTTP_ADDRESS=x",
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
