package configs_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/configs"
)

const noKeys = "there is no key to check tokens with: " +
	"set auth.hs256_secret or auth.hs256_secret_file or auth.public_keys or auth.jwks_file " +
	"(or OMARTY_AUTH_HS256_SECRET, OMARTY_AUTH_HS256_SECRET_FILE, OMARTY_AUTH_PUBLIC_KEYS, OMARTY_AUTH_JWKS_FILE); " +
	"(umask 077; head -c 32 /dev/urandom | base64 > omarty.secret) makes a secret for OMARTY_AUTH_HS256_SECRET_FILE=omarty.secret"

const (
	oneIsMade = "; (umask 077; head -c 32 /dev/urandom | base64 > omarty.secret) makes one, named omarty.secret"
	noAdmin   = "admin.pprof is true, and there is no address to ask for profiles: set admin.address (or OMARTY_ADMIN_ADDRESS)"
)

// problemsOf returns what Load refuses, with the file's path written FILE.
func problemsOf(t *testing.T, path string, environ []string, needs ...configs.Need) []string {
	t.Helper()
	_, err := configs.Load(path, environ, needs...)
	problems, ok := errors.AsType[configs.Problems](err)
	if err != nil && !ok {
		t.Fatalf("%T is no Problems: %v", err, err)
	}
	var all []string
	for _, p := range problems {
		if path != "" {
			p = strings.ReplaceAll(p, path, "FILE")
		}
		all = append(all, p)
	}
	if err != nil && strings.ReplaceAll(err.Error(), path, "FILE") != strings.Join(all, "\n") && path != "" {
		t.Errorf("Error() is %q", err)
	}
	return all
}

// not is how a problem ends that shows a value: not one that is long, or that may hold a password as URLs do.
func not(value string) string {
	if len(value) > 64 || strings.ContainsAny(value, "@?#") {
		return ""
	}
	return ", not " + strconv.Quote(value)
}

// Each rule broken, at each edge: as a variable, and the same in the file where it is text there too.
func TestBadValues(t *testing.T) {
	long := strings.Repeat("9", 400)
	noAddresses := []string{"8080", "localhost", "localhost:", "localhost:http", "localhost:65536", "localhost:-1", "localhost:+1",
		"::1:80", "a b:80", "http://localhost:80", "localhost/x:80", "[::1:80", "\x1b[31m:80"}
	for variable, c := range map[string]struct {
		key, must string
		values    []string
	}{
		"OMARTY_HTTP_ADDRESS": {"http.address", "host:port, with a port from 0 to 65535", noAddresses},
		"OMARTY_HTTP_BODY_LIMIT": {"http.body_limit", "a size from 1KiB to 1MiB, in bytes or with KiB or MiB", []string{
			"0", "1023", "1048577", "1025KiB", "2MiB", "-1", "+2048", "64KB", "64kib", "KiB", "64.5KiB", "0x10000", "1e5", "65_536",
			" 2048", long, "18014398509481984KiB"}},
		"OMARTY_HTTP_BODY_MEMORY": {"http.body_memory", "a size from 1MiB to 1024MiB, in bytes or with KiB or MiB", []string{
			"0", "1023KiB", "1025MiB", "1GiB", "-1", long}},
		"OMARTY_HTTP_MAX_CONNECTIONS": {"http.max_connections", "a whole number from 16 to 1000000", []string{
			"0", "15", "1000001", "4k", long}},
		"OMARTY_HTTP_REQUEST_TIMEOUT": {"http.request_timeout", "a duration from 100ms to 1m", []string{
			"99ms", "1m1ms", "0", "-5s", "5", "5 s", "s", "1d", "99999999999h", long}},
		"OMARTY_HTTP_SHUTDOWN_DELAY": {"http.shutdown_delay", "a duration from 0s to 5m", []string{"-1ns", "5m1ns", "10"}},
		"OMARTY_HTTP_SHUTDOWN_TIMEOUT": {"http.shutdown_timeout", "a duration from 0s to 10m", []string{
			"-1ns", "10m1ns", "10"}},
		"OMARTY_HTTP_RATE_LIMIT": {"http.rate_limit", "a whole number from 0 to 100000", []string{
			"-1", "100001", "20.0", "20/s", long}},
		"OMARTY_HTTP_FAILURE_LIMIT": {"http.failure_limit", "a whole number from 0 to 100000", []string{
			"-1", "100001", "0.5", "none", long}},
		"OMARTY_HTTP_READ_RATE_LIMIT": {"http.read_rate_limit", "a whole number from 0 to 100000", []string{
			"-1", "100001", "x"}},
		"OMARTY_HTTP_CORS_ORIGINS": {"http.cors_origins",
			"a list of origins such as https://omarty.net, in the environment with commas between them", []string{
				"*", "null", "omarty.net", "https://omarty.net/", "https://", "ftp://omarty.net", "https://u@omarty.net", "https://Omarty.net",
				"https://omarty.net?", "https://a.example,b", ","}},
		"OMARTY_HTTP_TRUSTED_PROXIES": {"http.trusted_proxies",
			"a list of networks such as 10.0.0.0/8, in the environment with commas between them", []string{
				"10.0.0.1", "::1", "10.0.0.0/", "/8", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8",
				"10.0.0.256/8", "10.0.0.0/255.0.0.0", "fe80::1%eth0/64", "localhost/8", "private", "10.0.0.0/8 ::/0",
				"10.0.0.0/8,10.0.0.1", "10.0.0.1,10.0.0.0/8", "10.0.0.0/8,", "10.0.0.0/8,,::/0", ",", " "}},
		"OMARTY_DATABASE_URL": {"database.url",
			"sqlite://relative/path, sqlite:///absolute/path, mysql://user:password@host:port/name?options or memory:", []string{
				"omarty.db", "sqlite://", "sqlite://?mode=ro", "sqlite:omarty.db", "memory", "memory:x", "postgres://u:p@h/n", "mysql:",
				"mysql://", "mysql://u:p@h", "mysql://u:p@h/", "mysql://h/n", "mysql://u:p@/n", "mysql://u:p@:3306/n", "mysql://:p@h/n",
				"mysql://u:p@h:port/n", "mysql://u:p%@h/n", "mysql://u:p@h/\x00", "MYSQL"}},
		"OMARTY_DATABASE_MAX_CONNECTIONS": {"database.max_connections", "a whole number from 1 to 1000", []string{
			"0", "1001", "-1", "16.0", "many", long}},
		"OMARTY_DATABASE_BATCH_SIZE": {"database.batch_size", "a whole number from 1 to 500", []string{
			"0", "501", "-1", "64.0", long}},
		"OMARTY_DATABASE_COMMITTERS": {"database.committers", "a whole number from 1 to 16", []string{
			"0", "17", "-1", "two", long}},
		"OMARTY_DATABASE_ENGINE_CHECK": {"database.engine_check", "on or off", []string{"true", "false", "1", "ON"}},
		"OMARTY_AUTH_HS256_SECRET": {"auth.hs256_secret", "a text of 32 bytes or more", []string{
			goodSecret[:31], "x"}},
		"OMARTY_AUTH_PUBLIC_KEYS": {"auth.public_keys", "a list of file paths, in the environment with commas between them",
			[]string{",", "a.pem,", "a.pem,,b.pem", " "}},
		"OMARTY_AUTH_REQUIRE_EXPIRY": {"auth.require_expiry", "true or false", []string{"yes", "1", "TRUE", "f"}},
		"OMARTY_ADMIN_ADDRESS":       {"admin.address", "host:port, with a port from 0 to 65535", noAddresses},
		"OMARTY_ADMIN_PPROF":         {"admin.pprof", "true or false", []string{"yes", "1", "TRUE", "f"}},
		"OMARTY_TRACING_ENDPOINT": {"tracing.endpoint", "an http:// or https:// URL of host, port and path alone", []string{
			"collector:4318", "127.0.0.1:4318", "http:", "http://", "http:///v1/traces", "//collector", "grpc://collector:4317",
			"http://user:pw@collector", "http://user@collector", "http://c:port", "http://c:65536", "http://c/?a=b", "http://c/?",
			"http://c/#a", "http://c d", "http://c/\x1b[31m", "http://[::1", "http://c/%zz"}},
		"OMARTY_TRACING_SAMPLE_RATIO": {"tracing.sample_ratio", "a number from 0 to 1", []string{
			"-0.1", "1.1", "1.0000001", "+1", "1e-1", "NaN", "Inf", "0x1p-2", "0,5", "50%", "1/2", ".", "0..1", " 1", long}},
		"OMARTY_LOG_LEVEL":  {"log.level", "debug, info, warn or error", []string{"trace", "INFO", "0", "info "}},
		"OMARTY_LOG_FORMAT": {"log.format", "text or json", []string{"xml", "JSON"}},
	} {
		for _, value := range c.values {
			shown := not(value)
			if c.key == "database.url" || c.key == "auth.hs256_secret" {
				shown = ""
			}
			want := []string{variable + " must be " + c.must + shown}
			if got := problemsOf(t, "", []string{variable + "=" + value}); !slices.Equal(got, want) {
				t.Errorf("%s=%s: got %q, want %q", variable, value, got, want)
			}
			if strings.ContainsAny(value, "\x00\x1b'") {
				continue // not in YAML
			}
			section, name, _ := strings.Cut(c.key, ".")
			path := written(t, "omarty.yaml", section+":\n  "+name+": '"+value+"'\n")
			want = []string{"FILE:2: " + c.key + " must be " + c.must + shown}
			if got := problemsOf(t, path, nil); !slices.Equal(got, want) {
				t.Errorf("%s: %s: got %q, want %q", c.key, value, got, want)
			}
		}
	}
}

func TestFileProblems(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"unknown keys, all", `
http: {adress: "a:1", zzzzzzzz: 1}
htpp: {address: "a:1"}
logg:
foo: 1
auth: {hs256_secret: {a: b}}`, []string{
			"FILE:5: unknown key foo",
			"FILE:3: unknown key htpp.address (did you mean http.address?)",
			"FILE:2: unknown key http.adress (did you mean http.address?)",
			"FILE:2: unknown key http.zzzzzzzz",
			"FILE:4: unknown key logg (did you mean log?)",
			"FILE:6: auth.hs256_secret must be a text of 32 bytes or more, in quotes where YAML would read it as something else"}},
		{"a dotted key", "http.address: 'a:1'", []string{
			"FILE:1: http.address must stand below its section: http: and, indented on the next line, address:"}},
		{"a dotted key in its section", "http: {http.address: 'a:1'}", []string{"FILE:1: unknown key http.http.address"}},
		{"sections that are none", "http: 1\nlog: [level]\nauth: x", []string{
			"FILE:3: auth must be a section, with its settings indented below it",
			"FILE:1: http must be a section, with its settings indented below it",
			"FILE:2: log must be a section, with its settings indented below it"}},
		{"keys that are no text", "http: {1: x, true: y}\n2: z\nauth: {3: [x], ? 'a b' : x}", []string{
			"FILE:2: unknown key 2", "FILE:3: unknown key auth.3", "FILE:3: unknown key auth.a...",
			"FILE:1: unknown key http.1", "FILE:1: unknown key http.true"}},
		{"keys that are missing", "http: {~: x}", []string{"FILE: unknown key http...."}},
		{"by a merge", "log: {<<: {level: loud, levle: x}}", []string{
			"FILE: unknown key log.levle (did you mean log.level?)", "FILE: log.level must be debug, info, warn or error"}},
		{"wrong types", `
http: {address: 8080, body_limit: {a: 1}, body_memory: 1.5MiB, max_connections: [16], request_timeout: [5s], shutdown_delay: true, shutdown_timeout: 1.5,
  rate_limit: 20.0, failure_limit: [1], trusted_proxies: 10.0.0.0/8}
database: {url: 5, url_file: , max_connections: 16.5, batch_size: 1e2, committers: {a: 1}}
auth: {hs256_secret: 12345678901234567890123456789012, public_keys: a.pem, jwks_file: 0644, issuer: [a], audience: 5,
  require_expiry: 1}
admin: {address: 9090, pprof: 1}
tracing: {endpoint: [a], sample_ratio: .nan}
log: {level: true, format: 2026-01-01}`, []string{
			`FILE:2: http.address must be host:port, with a port from 0 to 65535, not "8080"`,
			"FILE:2: http.body_limit must be a size from 1KiB to 1MiB, in bytes or with KiB or MiB",
			`FILE:2: http.body_memory must be a size from 1MiB to 1024MiB, in bytes or with KiB or MiB, not "1.5MiB"`,
			`FILE:2: http.max_connections must be a whole number from 16 to 1000000, not "[16]"`,
			`FILE:2: http.request_timeout must be a duration from 100ms to 1m, not "[5s]"`,
			`FILE:2: http.shutdown_delay must be a duration from 0s to 5m, not "true"`,
			`FILE:2: http.shutdown_timeout must be a duration from 0s to 10m, not "1.5"`,
			`FILE:3: http.rate_limit must be a whole number from 0 to 100000, not "20.0"`,
			`FILE:3: http.failure_limit must be a whole number from 0 to 100000, not "[1]"`,
			`FILE:3: http.trusted_proxies must be a list of networks such as 10.0.0.0/8, in the environment with commas between them, not "10.0.0.0/8"`,
			"FILE:4: database.url must be sqlite://relative/path, sqlite:///absolute/path, " +
				"mysql://user:password@host:port/name?options " +
				"or memory:, in quotes where YAML would read it as something else",
			`FILE:4: database.max_connections must be a whole number from 1 to 1000, not "16.5"`,
			`FILE:4: database.batch_size must be a whole number from 1 to 500, not "1e2"`,
			"FILE:4: database.committers must be a whole number from 1 to 16",
			"FILE:5: auth.hs256_secret must be a text of 32 bytes or more, in quotes where YAML would read it as something else",
			`FILE:5: auth.public_keys must be a list of file paths, in the environment with commas between them, not "a.pem"`,
			`FILE:5: auth.jwks_file must be the path of a file, in quotes where YAML would read it as something else, not "0644"`,
			`FILE:5: auth.issuer must be a text, in quotes where YAML would read it as something else, not "[a]"`,
			`FILE:5: auth.audience must be a text, in quotes where YAML would read it as something else, not "5"`,
			`FILE:6: auth.require_expiry must be true or false, not "1"`,
			`FILE:7: admin.address must be host:port, with a port from 0 to 65535, not "9090"`,
			`FILE:7: admin.pprof must be true or false, not "1"`,
			`FILE:8: tracing.endpoint must be an http:// or https:// URL of host, port and path alone, not "[a]"`,
			`FILE:8: tracing.sample_ratio must be a number from 0 to 1, not ".nan"`,
			`FILE:9: log.level must be debug, info, warn or error, not "true"`,
			`FILE:9: log.format must be text or json, not "2026-01-01"`}},
		{"list items of other types", "http: {trusted_proxies: [10.0.0.0/8, 5]}\nauth: {public_keys: [a.pem, 5]}", []string{
			`FILE:1: http.trusted_proxies must be a list of networks such as 10.0.0.0/8, in the environment with commas between them, not "[10.0.0.0/8, 5]"`,
			`FILE:2: auth.public_keys must be a list of file paths, in the environment with commas between them, not "[a.pem, 5]"`}},
		{"a bare address in a list", "http: {trusted_proxies: [10.0.0.0/8, '::1']}", []string{
			`FILE:1: http.trusted_proxies must be a list of networks such as 10.0.0.0/8, in the environment with commas between them, not "[10.0.0.0/8, ::1]"`}},
		{"commas in a list's item", "http: {trusted_proxies: ['10.0.0.0/8,::/0']}", []string{
			`FILE:1: http.trusted_proxies must be a list of networks such as 10.0.0.0/8, in the environment with commas between them, not "[10.0.0.0/8,::/0]"`}},
		{"empty texts", "http: {address: ''}\nauth: {jwks_file: '', issuer: '', audience: ''}\nadmin: {address: ''}", []string{
			`FILE:1: http.address must be host:port, with a port from 0 to 65535, not ""`,
			`FILE:2: auth.jwks_file must be the path of a file, not ""`,
			`FILE:2: auth.issuer must be a text, not ""`,
			`FILE:2: auth.audience must be a text, not ""`,
			`FILE:3: admin.address must be host:port, with a port from 0 to 65535, not ""`}},
		{"paths that are none", "database: {url_file: 0644}\nauth: {hs256_secret_file: ''}", []string{
			"FILE:1: database.url_file must be the path of a file, in quotes where YAML would read it as something else",
			"FILE:2: auth.hs256_secret_file must be the path of a file"}},
		{"a value and its file", "database: {url: 'memory:', url_file: x}\n" +
			"auth: {hs256_secret_file: x, hs256_secret: " + goodSecret + "}", []string{
			"FILE:1: database.url and FILE:1: database.url_file are both set: keep one",
			"FILE:2: auth.hs256_secret and FILE:2: auth.hs256_secret_file are both set: keep one"}},
		{"duplicates", "http:\n  address: a:1\n  address: b:2\nlog: {}\nhttp: {}\n", []string{
			"FILE:5: the key http stands on line 1 already: keep one"}},
		{"duplicates in a section", "http:\n  address: a:1\n  address: b:2\n  address: c:3\n", []string{
			"FILE:3: the key address stands on line 2 already: keep one",
			"FILE:4: the key address stands on line 2 already: keep one",
			"FILE:4: the key address stands on line 3 already: keep one"}},
		{"no sections", "- a\n", []string{
			"FILE:1: must hold sections, such as http:, with their settings indented below them"}},
		{"a tab", "http:\n\taddress: a:1\n", []string{
			"FILE:2: is not YAML: found character that cannot start any token"}},
		{"cut short", "http: {address: 'a:1'", []string{"FILE:1: is not YAML: did not find expected ',' or '}'"}},
		{"not UTF-8", "log: {level: \"\xff\"}", []string{"FILE: must be text in UTF-8"}},
		{"two documents", "log: {level: warn}\n---\nlog: {level: info}\n", []string{
			"FILE:2: a second document begins here, which would not be read: keep one"}},
		{"two documents, the first empty", "---\r\n--- \r\nlog: {level: info}\r\n", []string{
			"FILE:2: a second document begins here, which would not be read: keep one"}},
		{"more after the end", "log: {level: warn}\n...\n# c\nhttp: {}\n", []string{
			"FILE:4: a second document begins here, which would not be read: keep one"}},
		{"keys that are lists", "auth: {[a]: b}", []string{
			"FILE: a key must be a plain word, and a value that begins with { must stand in quotes"}},
		{"nested deeply", "http: " + strings.Repeat("{a: ", 9000) + strings.Repeat("}", 9000), []string{
			"FILE:1: unknown key http.a"}},
		{"nested without end", strings.Repeat("[", 20000), []string{"FILE: is not YAML: exceeded max depth of 10000"}},
		{"too large", strings.Repeat("#", 64<<10+1), []string{`the configuration file: "FILE" is larger than 64 KiB`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := problemsOf(t, written(t, "omarty.yaml", c.file), nil); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
	if got := problemsOf(t, written(t, "omarty.yaml", strings.Repeat("#", 64<<10)), nil); got != nil {
		t.Errorf("64 KiB: %q", got)
	}
}

func TestEnvironmentProblems(t *testing.T) {
	for _, c := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"unknown variables, all", []string{"OMARTY_LOG_LEVLE=x", "OMARTY_HTTP_=x", "OMARTY_AUTH_SOMETHING=x",
			"OMARTY_DATABASE_URL_FILES=x", "OMARTY_ADMIN_ADRESS=x", "OMARTY_ADMIN_TOKEN=x", "OMARTY_ADMIN_=x",
			"OMARTY_OTHER_THING=x", "OMARTY_HTTP_ADDRESS\x1b[31m=x"}, []string{
			"unknown variable OMARTY_ADMIN_",
			"unknown variable OMARTY_ADMIN_ADRESS (did you mean OMARTY_ADMIN_ADDRESS?)",
			"unknown variable OMARTY_ADMIN_TOKEN",
			"unknown variable OMARTY_AUTH_SOMETHING",
			"unknown variable OMARTY_DATABASE_URL_FILES (did you mean OMARTY_DATABASE_URL_FILE?)",
			"unknown variable OMARTY_HTTP_",
			"unknown variable OMARTY_HTTP_ADDRESS...",
			"unknown variable OMARTY_LOG_LEVLE (did you mean OMARTY_LOG_LEVEL?)"}},
		{"a long name", []string{"OMARTY_LOG_LEVEL" + strings.Repeat("L", 100) + "=x"}, []string{
			"unknown variable OMARTY_LOG_LEVEL" + strings.Repeat("L", 48) + "..."}},
		{"a value and its file", []string{"OMARTY_AUTH_HS256_SECRET_FILE=x", "OMARTY_AUTH_HS256_SECRET=" + goodSecret,
			"OMARTY_DATABASE_URL=memory:", "OMARTY_DATABASE_URL_FILE=x"}, []string{
			"OMARTY_DATABASE_URL and OMARTY_DATABASE_URL_FILE are both set: keep one",
			"OMARTY_AUTH_HS256_SECRET and OMARTY_AUTH_HS256_SECRET_FILE are both set: keep one"}},
	} {
		if got := problemsOf(t, "", c.environ); !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestEverySourceAtOnce(t *testing.T) {
	path := written(t, "omarty.yaml", "http: {address: here, port: 1}\nlog: {level: loud}")
	got := problemsOf(t, path, []string{"OMARTY_LOG_LEVEL=quiet", "OMARTY_LOG_COLOUR=1", "OMARTY_HTTP_ADDRESS=a:1"},
		configs.NeedsKeys)
	want := []string{
		"FILE:1: unknown key http.port",
		`FILE:1: http.address must be host:port, with a port from 0 to 65535, not "here"`,
		`FILE:2: log.level must be debug, info, warn or error, not "loud"`,
		"unknown variable OMARTY_LOG_COLOUR",
		`OMARTY_LOG_LEVEL must be debug, info, warn or error, not "quiet"`,
		noKeys,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNeeds(t *testing.T) {
	const (
		noSecret = "there is no secret to sign tokens with: set auth.hs256_secret or auth.hs256_secret_file " +
			"(or OMARTY_AUTH_HS256_SECRET, OMARTY_AUTH_HS256_SECRET_FILE); " +
			"(umask 077; head -c 32 /dev/urandom | base64 > omarty.secret) makes one for OMARTY_AUTH_HS256_SECRET_FILE=omarty.secret"
		tooShort = " must be a text of 32 bytes or more"
	)
	all := []configs.Need{configs.NeedsDatabase, configs.NeedsKeys, configs.NeedsSecret}
	for _, c := range []struct {
		name    string
		file    string
		environ []string
		needs   []configs.Need
		want    []string
	}{
		{"nothing is needed", "-", nil, nil, nil},
		{"no keys", "-", nil, all, []string{noKeys, noSecret}},
		{"no public keys", "auth: {public_keys: []}", nil, []configs.Need{configs.NeedsKeys}, []string{noKeys}},
		{"public keys don't sign", "-", []string{"OMARTY_AUTH_PUBLIC_KEYS=a.pem"}, all, []string{noSecret}},
		{"a key set doesn't sign", "-", []string{"OMARTY_AUTH_JWKS_FILE=a.json"}, all, []string{noSecret}},
		{"a bad key set is told once", "auth: {jwks_file: ''}", nil, []configs.Need{configs.NeedsKeys},
			[]string{`FILE:1: auth.jwks_file must be the path of a file, not ""`}},
		{"issuer and audience are no keys", "auth: {issuer: a, audience: b}", nil, []configs.Need{configs.NeedsKeys},
			[]string{noKeys}},
		{"a bad secret is told once", "-", []string{"OMARTY_AUTH_HS256_SECRET=short"}, all,
			[]string{"OMARTY_AUTH_HS256_SECRET" + tooShort}},
		{"a bad file is told once", "auth: {hs256_secret_file: /nowhere}", nil, all,
			[]string{`FILE:1: auth.hs256_secret_file: "/nowhere" cannot be read: no such file or directory` + oneIsMade}},
		{"a key set, to sign with", "-", nil, []configs.Need{configs.NeedsKeySet}, []string{
			"there is no JSON Web Key Set to sign tokens with: set auth.jwks_file (or OMARTY_AUTH_JWKS_FILE)"}},
		{"profiles that nobody can ask for", "admin:\n  pprof: true", nil, nil, []string{noAdmin}},
		{"a bad address is told once", "admin: {pprof: true, address: x}", nil, nil, []string{
			`FILE:1: admin.address must be host:port, with a port from 0 to 65535, not "x"`}},
		{"an unread file may hold the keys", "auth: [", nil, all,
			[]string{"FILE:1: is not YAML: did not find expected node content"}},
	} {
		if got := problemsOf(t, written(t, "omarty.yaml", c.file), c.environ, c.needs...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*configs.Config)
		needs []configs.Need
		want  []string
	}{
		{"the defaults", func(*configs.Config) {}, []configs.Need{configs.NeedsDatabase}, nil},
		{"nothing at all", func(c *configs.Config) { *c = configs.Config{} }, []configs.Need{configs.NeedsDatabase}, []string{
			"http.address must be host:port, with a port from 0 to 65535",
			"http.body_limit must be a size from 1KiB to 1MiB, in bytes or with KiB or MiB",
			"http.body_memory must be a size from 1MiB to 1024MiB, in bytes or with KiB or MiB",
			"http.max_connections must be a whole number from 16 to 1000000",
			"http.request_timeout must be a duration from 100ms to 1m",
			"database.max_connections must be a whole number from 1 to 1000",
			"database.batch_size must be a whole number from 1 to 500",
			"database.committers must be a whole number from 1 to 16",
			"log.format must be text or json",
			"there is no database: set database.url or database.url_file (or OMARTY_DATABASE_URL, OMARTY_DATABASE_URL_FILE)"}},
		{"the rest", func(c *configs.Config) {
			c.HTTP.ShutdownTimeout, c.Database.URL, c.Auth.HS256Secret, c.Log.Level = -1, "x", "x", 1
			c.Auth.PublicKeys = []string{"a.pem", ""}
			c.HTTP.ShutdownDelay, c.HTTP.RateLimit, c.HTTP.FailureLimit = 5*time.Minute+1, -1, 100_001
			c.HTTP.TrustedProxies = append(networks("10.0.0.0/8"), netip.Prefix{})
			c.Database.BatchSize, c.Database.Committers, c.Admin.Address = 501, 17, "x"
			c.Tracing = configs.Tracing{Endpoint: "x", SampleRatio: 1.1}
		}, []configs.Need{configs.NeedsKeys, configs.NeedsSecret}, []string{
			"http.shutdown_delay must be a duration from 0s to 5m",
			"http.shutdown_timeout must be a duration from 0s to 10m",
			"http.rate_limit must be a whole number from 0 to 100000",
			"http.failure_limit must be a whole number from 0 to 100000",
			"http.trusted_proxies must be a list of networks such as 10.0.0.0/8, in the environment with commas between them",
			"database.url must be sqlite://relative/path, sqlite:///absolute/path, " +
				"mysql://user:password@host:port/name?options or memory:",
			"database.batch_size must be a whole number from 1 to 500",
			"database.committers must be a whole number from 1 to 16",
			"auth.hs256_secret must be a text of 32 bytes or more",
			"auth.public_keys must be a list of file paths, in the environment with commas between them",
			"admin.address must be host:port, with a port from 0 to 65535",
			"tracing.endpoint must be an http:// or https:// URL of host, port and path alone",
			"tracing.sample_ratio must be a number from 0 to 1",
			"log.level must be debug, info, warn or error"}},
		{"built by hand", func(c *configs.Config) {
			c.HTTP.ShutdownDelay, c.HTTP.RateLimit, c.HTTP.FailureLimit = 5*time.Minute, 0, 100_000
			c.HTTP.TrustedProxies = networks("10.0.0.0/8", "::/0")
			c.Database.BatchSize, c.Database.Committers = 500, 16
			c.Auth.JWKSFile, c.Auth.Issuer, c.Auth.Audience = "a.json", "a", "b"
			c.Admin = configs.Admin{Address: "localhost:0", Pprof: true}
		}, []configs.Need{configs.NeedsDatabase, configs.NeedsKeys}, nil},
		{"no secret", func(c *configs.Config) { c.Auth.PublicKeys = []string{"a.pem"} },
			[]configs.Need{configs.NeedsKeys, configs.NeedsSecret}, []string{
				"there is no secret to sign tokens with: set auth.hs256_secret or auth.hs256_secret_file " +
					"(or OMARTY_AUTH_HS256_SECRET, OMARTY_AUTH_HS256_SECRET_FILE); " +
					"(umask 077; head -c 32 /dev/urandom | base64 > omarty.secret) makes one for OMARTY_AUTH_HS256_SECRET_FILE=omarty.secret"}},
		{"profiles that nobody can ask for", func(c *configs.Config) { c.Admin.Pprof = true }, nil, []string{noAdmin}},
	} {
		config := defaultConfig()
		c.spoil(&config)
		err := config.Validate(c.needs...)
		got, _ := errors.AsType[configs.Problems](err)
		if (err == nil) != (c.want == nil) || !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%v\nwant\n%s", c.name, err, strings.Join(c.want, "\n"))
		}
	}
}

func TestFilesOfSecrets(t *testing.T) {
	folder := t.TempDir()
	good := written(t, "good", goodSecret+"\n")
	link := filepath.Join(folder, "link")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		good: "",
		link: "", // as orchestrators mount secrets
		written(t, "largest", strings.Repeat("x", 64<<10)):     "",
		written(t, "too-large", strings.Repeat("x", 64<<10+1)): "is larger than 64 KiB",
		written(t, "short", goodSecret[:31]+"\n\n"):            "must hold a text of 32 bytes or more",
		written(t, "empty", "\n"):                              "must hold a text of 32 bytes or more",
		filepath.Join(folder, "none"):                          "cannot be read: no such file or directory" + oneIsMade,
		folder:                                                 "is not a regular file",
		os.DevNull:                                             "is not a regular file",
		"a\nb":                                                 "cannot be read: no such file or directory" + oneIsMade,
	} {
		got := problemsOf(t, "", []string{"OMARTY_AUTH_HS256_SECRET_FILE=" + path}, configs.NeedsSecret)
		var problems []string
		if want != "" {
			quoted := `"` + strings.ReplaceAll(path, "\n", `\n`) + `" `
			problems = []string{"OMARTY_AUTH_HS256_SECRET_FILE: " + quoted + want}
		}
		if !slices.Equal(got, problems) {
			t.Errorf("got %q, want %q", got, problems)
		}
	}
	got := problemsOf(t, "", []string{"OMARTY_DATABASE_URL_FILE=" + good}, configs.NeedsDatabase)
	if len(got) != 1 || strings.Contains(got[0], goodSecret) {
		t.Errorf("a secret as the database's URL: %q", got)
	}
	want := []string{`the configuration file: "FILE" is not a regular file`}
	if got := problemsOf(t, folder, nil); !slices.Equal(got, want) {
		t.Errorf("a folder as the configuration file: %q", got)
	}
}
