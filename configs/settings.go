package configs

import (
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Setting is one setting, as its documentation shows it.
type Setting struct {
	// Key is its name in the file, section and name with a dot between: http.address.
	Key string
	// Env is its environment variable: OMARTY_HTTP_ADDRESS.
	Env string
	// Default is its value where no source gives one, written as in the file; empty where there is none.
	Default string
	// Takes says which values it takes, to stand after "must be".
	Takes string
	// Doc says in whole sentences what it does.
	Doc string
	// Secret marks a value that is never shown.
	Secret bool

	// field is the setting's place in a Config; none for a setting that names a file.
	field
	// holds is the key of the setting whose value stands in the file that this one names.
	holds string
}

// Settings returns every setting, by section, in the order of omarty.yaml.
func Settings() []Setting { return slices.Clone(settings) }

// settings is the table that keys, variables, defaults, checks and documentation come from.
var settings = named([]Setting{
	{Key: "http.address", Default: "127.0.0.1:8080", Takes: "host:port, with a port from 0 to 65535",
		Doc:   "The address to listen on. Port 0 takes a free one; without a host it is every address of the machine.",
		field: at(func(c *Config) *string { return &c.HTTP.Address }, text, isAddress)},
	{Key: "http.body_limit", Default: "64KiB", Takes: "a size from 1KiB to 1MiB, in bytes or with KiB or MiB",
		Doc:   "The length of the longest request body that is read. Longer ones are answered 413.",
		field: at(func(c *Config) *int64 { return &c.HTTP.BodyLimit }, size, within[int64](1<<10, 1<<20))},
	{Key: "http.body_memory", Default: "16MiB", Takes: "a size from 1MiB to 1024MiB, in bytes or with KiB or MiB",
		Doc: "How much the request bodies that are being read may have together; those of up to 4 KiB do not count. Longer " +
			"ones wait for room, until the deadline of a request, and are answered 503 after that.",
		field: at(func(c *Config) *int64 { return &c.HTTP.BodyMemory }, size, within[int64](1<<20, 1<<30))},
	{Key: "http.max_connections", Default: "2048", Takes: "a whole number from 16 to 1000000",
		Doc: "How many connections clients may have at once. A new one then takes the place of the one that has waited for " +
			"its client for longest. 2048 take 96 MiB at most.",
		field: at(func(c *Config) *int { return &c.HTTP.MaxConnections }, wholeNumber, within(16, 1_000_000))},
	{Key: "http.request_timeout", Default: "5s", Takes: "a duration from 100ms to 1m",
		Doc: "The deadline of one request. What the store has not done by then is given up and answered 503.",
		field: at(func(c *Config) *time.Duration { return &c.HTTP.RequestTimeout }, duration,
			within(100*time.Millisecond, time.Minute))},
	{Key: "http.shutdown_delay", Default: "0s", Takes: "a duration from 0s to 5m",
		Doc: "How long the program goes on serving once it is told to stop, while /readyz answers 503, so that a load " +
			"balancer sends new requests elsewhere.",
		field: at(func(c *Config) *time.Duration { return &c.HTTP.ShutdownDelay }, duration, within(0, 5*time.Minute))},
	{Key: "http.shutdown_timeout", Default: "10s", Takes: "a duration from 0s to 10m",
		Doc:   "How long the requests in flight may take after that. 0s does not wait for them.",
		field: at(func(c *Config) *time.Duration { return &c.HTTP.ShutdownTimeout }, duration, within(0, 10*time.Minute))},
	{Key: "http.rate_limit", Default: "20", Takes: "a whole number from 0 to 100000",
		Doc: "How many requests to write a second each user may make, and twice as many at once; others are answered 429. It is " +
			"counted by each process for itself. 0 is any number.",
		field: at(func(c *Config) *int { return &c.HTTP.RateLimit }, wholeNumber, within(0, 100_000))},
	{Key: "http.read_rate_limit", Default: "100", Takes: "a whole number from 0 to 100000",
		Doc:   "The same for requests that only read, by the REST API.",
		field: at(func(c *Config) *int { return &c.HTTP.ReadRateLimit }, wholeNumber, within(0, 100_000))},
	{Key: "http.failure_limit", Default: "0", Takes: "a whole number from 0 to 100000",
		Doc: "How many access tokens a second may fail from each client's address (of IPv6, each /64, and 16 times as many " +
			"from each /48) before what fails there is answered 429 for a while. A genuine token is never refused for it. 0 " +
			"is any number.",
		field: at(func(c *Config) *int { return &c.HTTP.FailureLimit }, wholeNumber, within(0, 100_000))},
	{Key: "http.trusted_proxies", Takes: "a list of networks such as 10.0.0.0/8, in the environment with commas between them",
		Doc:   "The networks of the proxies whose X-Forwarded-For is believed, to tell a client's address.",
		field: listAt(func(c *Config) *[]netip.Prefix { return &c.HTTP.TrustedProxies }, network, netip.Prefix.IsValid)},
	{Key: "http.cors_origins", Takes: "a list of origins such as https://omarty.net, in the environment with commas between them",
		Doc:   "The origins whose pages may use the REST API from a browser. Without it, none may.",
		field: listAt(func(c *Config) *[]string { return &c.HTTP.CORSOrigins }, func(origin string) string { return origin }, isOrigin)},
	{Key: "database.url", Default: "sqlite://omarty.db", Secret: true,
		Takes: "sqlite://relative/path, sqlite:///absolute/path, mysql://user:password@host:port/name?options or memory:",
		Doc: "Where the register is kept: in a file of SQLite, in MySQL or MariaDB, or in memory for as long as the program " +
			"runs. Of a cluster's servers all may be named, host:port,host:port. With a password in it, it is better kept in a file of its own.",
		field: at(func(c *Config) *Secret { return &c.Database.URL }, exactText[Secret], orNone(isDatabaseURL))},
	{Key: "database.url_file", Takes: "the path of a file",
		Doc:   "A file that holds the database's URL, instead of database.url. Line ends after it are not part of it.",
		holds: "database.url"},
	{Key: "database.max_connections", Default: "16", Takes: "a whole number from 1 to 1000",
		Doc:   "How many connections to MySQL, or readers of SQLite, there may be at once.",
		field: at(func(c *Config) *int { return &c.Database.MaxConnections }, wholeNumber, within(1, 1000))},
	{Key: "database.batch_size", Default: "64", Takes: "a whole number from 1 to 500",
		Doc:   "How many registrations that wait at the same time are written in one transaction. 1 gives each its own.",
		field: at(func(c *Config) *int { return &c.Database.BatchSize }, wholeNumber, within(1, 500))},
	{Key: "database.committers", Default: "2", Takes: "a whole number from 1 to 16",
		Doc:   "How many such transactions may be under way at once on MySQL. SQLite has one writer.",
		field: at(func(c *Config) *int { return &c.Database.Committers }, wholeNumber, within(1, 16))},
	{Key: "database.engine_check", Default: "on", Takes: "on or off",
		Doc: "Whether a server is refused that speaks MySQL's protocol and is neither MySQL nor MariaDB, such as TiDB. The " +
			"register has not been proven there.",
		field: wordAt(func(c *Config) *bool { return &c.Database.EngineCheck }, onOrOff)},
	{Key: "auth.hs256_secret", Takes: "a text of 32 bytes or more", Secret: true,
		Doc:   "The secret that signs and checks HS256 tokens. It is better kept in a file of its own.",
		field: at(func(c *Config) *Secret { return &c.Auth.HS256Secret }, exactText[Secret], orNone(isLongEnough))},
	{Key: "auth.hs256_secret_file", Takes: "the path of a file",
		Doc:   "A file that holds the secret, instead of auth.hs256_secret. Line ends after it are not part of it.",
		holds: "auth.hs256_secret"},
	{Key: "auth.public_keys", Takes: "a list of file paths, in the environment with commas between them",
		Doc:   "PEM files with the public keys that check RS256, ES256 and EdDSA tokens.",
		field: listAt(func(c *Config) *[]string { return &c.Auth.PublicKeys }, func(path string) string { return path }, notEmpty)},
	{Key: "auth.jwks_file", Takes: "the path of a file",
		Doc: "A JSON Web Key Set with secrets and public keys of any kind, each chosen by its kid. The files of keys are read " +
			"again on SIGHUP and when they change.",
		field: at(func(c *Config) *string { return &c.Auth.JWKSFile }, exactText[string], anyText)},
	{Key: "auth.issuer", Takes: "a text",
		Doc:   "What the claim iss of a token must be. Without it, any issuer will do.",
		field: at(func(c *Config) *string { return &c.Auth.Issuer }, exactText[string], anyText)},
	{Key: "auth.audience", Takes: "a text",
		Doc:   "What the claim aud of a token must be, or hold. Without it, any audience will do.",
		field: at(func(c *Config) *string { return &c.Auth.Audience }, exactText[string], anyText)},
	{Key: "auth.require_expiry", Default: "true", Takes: "true or false",
		Doc:   "Whether a token must say when it expires. Older Omarty tokens did not.",
		field: wordAt(func(c *Config) *bool { return &c.Auth.RequireExpiry }, trueOrFalse)},
	{Key: "admin.address", Takes: "host:port, with a port from 0 to 65535",
		Doc:   "A second address that answers GET /metrics, for Prometheus. Keep it from strangers. Without it there is none.",
		field: at(func(c *Config) *string { return &c.Admin.Address }, exactText[string], orNone(isAddress))},
	{Key: "admin.pprof", Default: "false", Takes: "true or false",
		Doc:   "Whether that address also answers /debug/pprof/, with profiles of the running program.",
		field: wordAt(func(c *Config) *bool { return &c.Admin.Pprof }, trueOrFalse)},
	{Key: "admin.backup_folder", Takes: "the path of a folder",
		Doc: "Where backups are put, by whatever makes them. The metrics then tell when the newest file there was written. " +
			"Without it they tell nothing of backups.",
		field: at(func(c *Config) *string { return &c.Admin.BackupFolder }, exactText[string], anyText)},
	{Key: "tracing.endpoint", Takes: "an http:// or https:// URL of host, port and path alone",
		Doc: "An OpenTelemetry collector that takes traces of requests by OTLP over HTTP, at /v1/traces where the URL has no " +
			"path. Without it there are no traces.",
		field: at(func(c *Config) *string { return &c.Tracing.Endpoint }, exactText[string], orNone(isCollectorURL))},
	{Key: "tracing.sample_ratio", Default: "1", Takes: "a number from 0 to 1",
		Doc:   "The part of requests that is traced, drawn by lot whatever the client asks for. 0.01 is one in a hundred.",
		field: at(func(c *Config) *float64 { return &c.Tracing.SampleRatio }, number, within[float64](0, 1))},
	{Key: "log.level", Default: "info", Takes: "debug, info, warn or error",
		Doc:   "The least level that is logged.",
		field: wordAt(func(c *Config) *slog.Level { return &c.Log.Level }, levels)},
	{Key: "log.format", Default: "text", Takes: "text or json",
		Doc:   "How log entries are written: key=value pairs for people, or one JSON object a line for machines.",
		field: wordAt(func(c *Config) *LogFormat { return &c.Log.Format }, logFormats)},
})

// named gives every setting its variable.
func named(rows []Setting) []Setting {
	for i := range rows {
		rows[i].Env = variableOf(rows[i].Key)
	}
	return rows
}

// section returns the part of a key before its dot.
func (s Setting) section() string { return strings.Split(s.Key, ".")[0] }

// name returns the part of a key after its dot.
func (s Setting) name() string { return strings.Split(s.Key, ".")[1] }

// sections are the names of the sections.
var sections = slices.Compact(names(Setting.section))

// names returns one name of every setting, in the table's order.
func names(of func(Setting) string) (all []string) {
	for _, s := range settings {
		all = append(all, of(s))
	}
	return all
}

// settingBy returns the setting with that key, false where there is none.
func settingBy(key string) (Setting, bool) {
	i := slices.IndexFunc(settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return settings[i], true
}
