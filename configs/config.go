package configs

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is how the program is set up. Load reads one; one built by hand is checked by Validate. The ranges of its values
// are those of Settings.
type Config struct {
	HTTP     HTTP
	Database Database
	Auth     Auth
	Admin    Admin
	Tracing  Tracing
	Log      Log
}

// HTTP is how requests are served.
type HTTP struct {
	// Address is the host:port to listen on; port 0 is any free one, no host is every address of the machine.
	Address string
	// BodyLimit is how long a request's body may be, in bytes (wire contract, check 2).
	BodyLimit int64
	// BodyMemory is how many bytes the bodies that are being read may have together, those of up to 4 KiB not counted.
	BodyMemory int64
	// MaxConnections is how many connections there may be at once.
	MaxConnections int
	// RequestTimeout is the deadline of one request.
	RequestTimeout time.Duration
	// ShutdownDelay is how long the program goes on serving once it is told to stop, while /readyz says that it is not ready.
	ShutdownDelay time.Duration
	// ShutdownTimeout is how long the requests in flight may take after that; 0 does not wait.
	ShutdownTimeout time.Duration
	// RateLimit is how many requests to write a second each user may make, ReadRateLimit how many others, FailureLimit how many tokens a second may fail from each
	// client's address; 0 is any number.
	RateLimit     int
	ReadRateLimit int
	FailureLimit  int
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the origins whose pages may use the REST API.
	CORSOrigins []string
}

// Database is where the register is kept.
type Database struct {
	// URL is sqlite://path, mysql://user:password@host:port,host:port/name?options or memory:. Only its scheme and shape are checked
	// here; the store judges the rest. It is empty after a Load that was to read it from a file and did not need it.
	URL Secret
	// MaxConnections is how many connections to MySQL, or readers of SQLite, there may be at once.
	MaxConnections int
	// BatchSize is how many registrations are written in one transaction at most.
	BatchSize int
	// Committers is how many batches may be under way at once on MySQL.
	Committers int
	// EngineCheck refuses a server that speaks MySQL's protocol and is neither MySQL nor MariaDB.
	EngineCheck bool
}

// Auth is how access tokens are checked (wire contract, The token). The keys decide which algorithms are accepted.
type Auth struct {
	// HS256Secret signs and checks HS256 tokens; empty where there is none. It is also empty after a Load that was to read
	// it from a file and did not need it.
	HS256Secret Secret
	// PublicKeys are the paths of PEM files with the keys that check RS256, ES256 and EdDSA tokens.
	PublicKeys []string
	// JWKSFile is the path of a JSON Web Key Set, with keys of any kind; empty where there is none.
	JWKSFile string
	// Issuer and Audience are what a token must be from and for; empty asks nothing.
	Issuer   string
	Audience string
	// RequireExpiry refuses tokens without exp.
	RequireExpiry bool
}

// Admin is what operators alone may reach.
type Admin struct {
	// Address is the host:port that answers /metrics; empty is none.
	Address string
	// Pprof answers /debug/pprof/ there too.
	Pprof bool
	// BackupFolder is where backups are put, to tell how old the newest is; empty is nowhere.
	BackupFolder string
}

// Tracing is where traces of requests are sent.
type Tracing struct {
	// Endpoint is the URL of an OTLP/HTTP collector; empty traces nothing.
	Endpoint string
	// SampleRatio is the part of requests that is traced, from 0 to 1.
	SampleRatio float64
}

// Log is what is logged, and how.
type Log struct {
	// Level is the least level that is logged: slog.LevelDebug, LevelInfo, LevelWarn or LevelError.
	Level slog.Level
	// Format is how an entry is written.
	Format LogFormat
}

// LogFormat is how a log entry is written.
type LogFormat string

// The formats of a log.
const (
	FormatText LogFormat = "text" // key=value pairs, for people
	FormatJSON LogFormat = "json" // one JSON object a line, for machines
)
