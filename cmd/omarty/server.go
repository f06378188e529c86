package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/configs"
)

// What a client may take of the server's time and memory.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
)

// lastRequests is how long kept connections stay open after the listener is closed: a client that is busy has sent its next
// request by then, whose answer tells it to close.
const lastRequests = 500 * time.Millisecond

func newHandler(surfaces []httpapi.Surface, auth httpapi.Authenticator, ready *readiness, m *telemetry.Metrics, t *telemetry.Tracing, c configs.HTTP, logger *slog.Logger) http.Handler {
	options := httpapi.Options{
		BodyLimit:      c.BodyLimit,
		BodyMemory:     c.BodyMemory,
		RequestTimeout: c.RequestTimeout,
		RateLimit:      c.RateLimit,
		ReadRateLimit:  c.ReadRateLimit,
		FailureLimit:   c.FailureLimit,
		TrustedProxies: c.TrustedProxies,
		Ready:          ready.check,
		Draining:       ready.draining.Load,
		Started:        m.RequestStarted,
		Ended:          m.RequestEnded,
		Logger:         logger,
	}
	if t != nil {
		options.Trace = t.Request
	}
	return httpapi.New(auth, options, surfaces...)
}

// newSurfaces returns the surfaces of the API. The app's is the first: it answers for what is no one's.
func newSurfaces(create legacy.CreateApartment, use rest.UseCases, secret pageSecret, c configs.HTTP) []httpapi.Surface {
	return []httpapi.Surface{legacy.New(create), rest.New(use, secret, rest.WithOrigins(c.CORSOrigins...))}
}

// pageSecret seals page tokens.
type pageSecret []byte

// newPageSecret derives the secret from that of HS256, which all servers of one register share. Where there is none, each process draws
// its own: its page tokens end with it, and other servers refuse them.
func newPageSecret(c configs.Auth) pageSecret {
	if secret := c.HS256Secret.Reveal(); secret != "" {
		key := sha256.Sum256([]byte("omarty pages\x00" + secret))
		return key[:]
	}
	return []byte(rand.Text())
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:                      handler,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            readHeaderTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

func newConnections(c configs.HTTP) *httpapi.Connections {
	return httpapi.NewConnections(c.MaxConnections)
}

// serveUntil serves on the listener until ctx is done. It then goes on for the delay, not ready, and lets what is in flight
// after that finish for as long as the timeout. From ctx's end on each answer is the last of its connection.
func serveUntil(ctx context.Context, s *service, listener net.Listener, c configs.HTTP, logger *slog.Logger) error {
	ended := make(chan error, 1)
	go func() { ended <- s.connections.Serve(s.server, listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.ready.draining.Store(true)
	logger.Info("stopping", "delay", c.ShutdownDelay, "grace", c.ShutdownTimeout)
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(c.ShutdownDelay):
	}
	s.connections.Drain(min(lastRequests, c.ShutdownTimeout))
	<-ended // its listener is closed: Shutdown must not close it again
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownTimeout)
	defer cancel()
	err := s.server.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests in flight were cut off: they did not end within %s (http.shutdown_timeout)", c.ShutdownTimeout), s.server.Close())
	}
	return err
}
