package httpapi

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// RequestInfo is what the log and metrics say of a request, besides its outcome.
type RequestInfo struct {
	ID    string
	User  domain.UserID
	Block domain.BlockID
	// Operation is the name of what is asked for, "" where the route's path tells it.
	Operation string
	// Registered is the one apartment that a request that succeeded registered, Replayed whether an earlier request had done all.
	Registered domain.Apartment
	Replayed   bool
}

const requestInfoKey = "omarty.request_info"

// InfoOf returns the info of a request.
func InfoOf(c echo.Context) *RequestInfo { return c.Get(requestInfoKey).(*RequestInfo) }

// answerEvery wraps every request, with a known path or not: it gives it an id, turns its error or panic into an answer, and
// logs one line.
func (s *Server) answerEvery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		s.options.Started()
		info := &RequestInfo{ID: requestID(c.Request().Header.Get(echo.HeaderXRequestID))}
		c.Set(requestInfoKey, info)
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, info.ID)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderCacheControl, "no-store")
		c.Response().Before(func() {
			if s.endsConnection(c.Request()) {
				h.Set(echo.HeaderConnection, "close")
			}
		})
		traced := s.trace(c)
		surface := s.surfaceOf(c.Request().URL.Path)
		err := ofRouter(c, recovered(next, c))
		cut := err != nil && c.Response().Committed
		if err != nil && !cut {
			if failed := surface.Refuse(c, err); failed != nil {
				err = fmt.Errorf("%w; its answer could not be sent: %w", err, failed)
			}
		}
		code, took := domain.Code("ok"), time.Since(started)
		if err != nil {
			code = surface.Code(err)
		}
		s.options.Ended(cmp.Or(info.Operation, c.Path()), c.Response().Status, string(code), took)
		traced(c.Response().Status, string(code))
		s.log(c, info, code, took, err)
		if cut {
			panic(http.ErrAbortHandler) // ends the connection, so that the client does not take a part for the whole
		}
		return nil
	}
}

// endsConnection reports whether the answer is the last of its connection: while the server drains, and after a request with
// a Transfer-Encoding. RFC 9112, section 6.3, asks for that where there is a Content-Length too, which net/http does not show.
func (s *Server) endsConnection(r *http.Request) bool {
	return len(r.TransferEncoding) > 0 || s.options.Draining != nil && s.options.Draining()
}

// trace begins the request's trace, if it has one, and returns the function that ends it.
func (s *Server) trace(c echo.Context) (end func(status int, code string)) {
	if s.options.Trace == nil || isProbe(c.Path()) {
		return func(int, string) {}
	}
	ctx, end := s.options.Trace(c.Request(), c.Path())
	c.SetRequest(c.Request().WithContext(ctx))
	return end
}

// recovered turns a panic into an error, with its stack for the log.
func recovered(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return next(c)
}

// ofRouter returns an error with the router's own errors as codes.
func ofRouter(c echo.Context, err error) error {
	fromEcho, ok := errors.AsType[*echo.HTTPError](err)
	switch {
	case ok && fromEcho.Code == http.StatusNotFound:
		return domain.NotFound
	case ok && fromEcho.Code == http.StatusMethodNotAllowed && isProbe(c.Path()): // the router does not know every method
		return ProbeMethod
	case ok && fromEcho.Code == http.StatusMethodNotAllowed:
		return MethodNotAllowed
	default:
		return err
	}
}

// requestID returns the client's id where it is 1 to 64 letters, digits or dashes, else a new one (wire contract).
func requestID(theirs string) string {
	if len(theirs) == 0 || len(theirs) > 64 {
		return rand.Text()
	}
	for i := range len(theirs) {
		b := theirs[i]
		if (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && b != '-' {
			return rand.Text()
		}
	}
	return theirs
}
