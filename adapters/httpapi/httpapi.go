// Package httpapi serves the register over HTTP. It holds what every surface of the API shares: the server's connections, request
// ids, the access log, authentication, limits, deadlines and probes. The surfaces are in the packages below: legacy is the
// mobile app's, rest is for everyone else. Each decodes a request into the input of a use case, calls it, and encodes its output, and
// has one table from refusals to answers. They know nothing of each other, and hold no rule of the register and no permission.
package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// Surface is a part of the API that has paths and answers of its own.
type Surface interface {
	// Mount adds the surface's routes. Their handlers return errors, which Refuse answers.
	Mount(e *echo.Echo, s *Server)
	// Owns reports whether the surface answers for a path, be it no route's.
	Owns(path string) bool
	// Code returns the code that an error is answered with. Errors of the router are domain.NotFound and MethodNotAllowed.
	Code(err error) domain.Code
	// Refuse answers an error.
	Refuse(c echo.Context, err error) error
}

// Authenticator checks access tokens.
type Authenticator interface {
	// User returns the user that a token names, or an error that is domain.TokenInvalid or domain.TokenExpired. If the error
	// has a method Reason() string, the log shows what it returns: one of a few fixed texts, with nothing of the token.
	User(token string) (domain.UserID, error)
}

// Bounds of Options.BodyLimit, in bytes (wire contract, check 2).
const (
	DefaultBodyLimit = 64 << 10
	MaxBodyLimit     = 1 << 20
)

// DefaultBodyMemory is Options.BodyMemory where none is set.
const DefaultBodyMemory = 16 << 20

// maxStreams is how many streams a user may read at once.
const maxStreams = 4

// DefaultRequestTimeout is the deadline of a request where Options set none.
const DefaultRequestTimeout = 5 * time.Second

// Options are how requests are served. The zero value is a sound choice.
type Options struct {
	// BodyLimit is the length of the longest body, in bytes: 0 stands for DefaultBodyLimit, and more than MaxBodyLimit for
	// that.
	BodyLimit int64
	// BodyMemory is how many bytes the bodies that are being read may have together, those of up to 4 KiB not counted; 0
	// stands for DefaultBodyMemory. A longer body waits until there is room, for up to RequestTimeout.
	BodyMemory int64
	// RequestTimeout is how long a request may take once its body has been read; 0 stands for DefaultRequestTimeout.
	RequestTimeout time.Duration
	// RateLimit is how many requests to write a second each user may make, and twice as many at once; 0 is any number. It is
	// counted in this process alone. ReadRateLimit is that of other requests.
	RateLimit     int
	ReadRateLimit int
	// FailureLimit is how many tokens a second may fail from each client's address before further failures there are refused
	// as too many; 0 is any number. A genuine token is never refused for others' failures.
	FailureLimit int
	// TrustedProxies are the networks whose X-Forwarded-For names a client's address. Where there are none, the address is the
	// connection's.
	TrustedProxies []netip.Prefix
	// Ready returns an error where requests cannot be answered now, for /readyz; nil is always ready. Anyone may ask: see
	// Remembered.
	Ready func(context.Context) error
	// Draining reports whether the server is about to stop, so that answers end their connections; nil is never.
	Draining func() bool
	// Started and Ended, if they are not nil, are called around each request; endpoint is the operation of a surface that names its
	// operations, else the route's path, empty for none.
	Started func()
	Ended   func(endpoint string, status int, code string, took time.Duration)
	// Trace, if it is not nil, is called before each request that is no probe, with its endpoint. The request goes on with
	// the context that it returns, and end is called after it.
	Trace func(r *http.Request, endpoint string) (ctx context.Context, end func(status int, code string))
	// Logger gets one line a request; nil is none.
	Logger *slog.Logger
}

func (o Options) filled() Options {
	if o.BodyLimit <= 0 {
		o.BodyLimit = DefaultBodyLimit
	}
	o.BodyLimit = min(o.BodyLimit, MaxBodyLimit)
	if o.BodyMemory <= 0 {
		o.BodyMemory = DefaultBodyMemory
	}
	if o.RequestTimeout <= 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	if o.Started == nil {
		o.Started = func() {}
	}
	if o.Ended == nil {
		o.Ended = func(string, int, string, time.Duration) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// New returns the handler of every path. The first surface also answers for paths that are no one's, and for probes. The
// handler's http.Server has to bound how long reading a request takes, and the size of the headers.
func New(auth Authenticator, o Options, surfaces ...Surface) http.Handler {
	o = o.filled()
	s := &Server{
		auth:     auth,
		options:  o,
		surfaces: surfaces,
		users: map[Access]*limiter[domain.UserID]{
			Read:  newLimiter[domain.UserID](o.ReadRateLimit),
			Write: newLimiter[domain.UserID](o.RateLimit),
		},
		failures: newFailures(o.FailureLimit),
		bodies:   newBodies(o),
		streams:  newTurns(maxStreams),
	}
	e := echo.New()
	e.IPExtractor = clientAddress(o.TrustedProxies)
	e.Use(s.answerEvery)
	for _, surface := range surfaces {
		surface.Mount(e, s)
	}
	probe(e, healthPath, healthy)
	probe(e, readyPath, s.ready)
	return e
}

// surfaceOf returns the surface that answers for a path.
func (s *Server) surfaceOf(path string) Surface {
	for _, surface := range s.surfaces {
		if surface.Owns(path) {
			return surface
		}
	}
	return s.surfaces[0]
}

// clientAddress extracts a client's address: the last of X-Forwarded-For that is no trusted proxy's.
func clientAddress(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP:   p.Addr().AsSlice(),
			Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}
