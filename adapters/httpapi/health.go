package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// The paths that load balancers ask for.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

func isProbe(path string) bool { return path == healthPath || path == readyPath }

// healthy answers healthPath: the process is alive.
func healthy(c echo.Context) error {
	return c.JSONBlob(http.StatusOK, []byte(`{"status":200,"data":"OK"}`))
}

// ready answers readyPath: requests can be answered now. Only the log has the reason why not.
func (s *Server) ready(c echo.Context) error {
	if s.options.Ready == nil {
		return healthy(c)
	}
	if err := s.options.Ready(c.Request().Context()); err != nil {
		return &notReadyError{err}
	}
	return healthy(c)
}

// notReadyError is answered as NotReady, and logged with its cause.
type notReadyError struct{ cause error }

func (e *notReadyError) Error() string { return e.cause.Error() }
func (e *notReadyError) Unwrap() error { return NotReady }

// Remembered returns check with its answer cached for a time: anyone may ask for /readyz, and each check costs the database a
// query.
func Remembered(check func(context.Context) error, within time.Duration) func(context.Context) error {
	var mu sync.Mutex
	var asked time.Time
	var answer error
	return func(ctx context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		if asked.IsZero() || time.Since(asked) >= within {
			// Others wait for this answer, so the caller's context does not end it.
			bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
			answer = check(bounded)
			cancel()
			asked = time.Now()
		}
		return answer
	}
}

// probe routes a path that load balancers ask for.
func probe(e *echo.Echo, path string, handler echo.HandlerFunc) {
	e.Any(path, func(c echo.Context) error {
		if m := c.Request().Method; m != http.MethodGet && m != http.MethodHead {
			return ProbeMethod
		}
		return handler(c)
	})
}
