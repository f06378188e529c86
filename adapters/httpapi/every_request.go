package httpapi

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// request is what the log says of a request, besides how it ended.
type request struct {
	id    string
	user  domain.UserID
	block domain.BlockID
}

const requestKey = "omarty.request"

// about returns what is known of the request.
func about(c echo.Context) *request { return c.Get(requestKey).(*request) }

// answerEvery is around every request, known path or not: it gives it an id, turns its error or its panic into an answer,
// and logs one line.
func (a *api) answerEvery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		a.options.Started()
		r := &request{id: requestID(c.Request().Header.Get(echo.HeaderXRequestID))}
		c.Set(requestKey, r)
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, r.id)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderCacheControl, "no-store")
		traced := a.trace(c)
		err := recovered(next, c)
		if err != nil && codeOf(err) == methodNotAllowed && isProbe(c.Path()) { // by Echo, which does not know every method
			err = probeMethod
		}
		if err != nil && !c.Response().Committed {
			if failed := refuse(c, err); failed != nil {
				err = fmt.Errorf("%w; its answer could not be sent: %w", err, failed)
			}
		}
		code, took := outcome(err), time.Since(started)
		a.options.Ended(c.Path(), c.Response().Status, string(code), took)
		traced(c.Response().Status, string(code))
		a.log(c, r, code, took, err)
		return nil
	}
}

// trace begins the request's trace, if it has one, and returns what ends it.
func (a *api) trace(c echo.Context) (end func(status int, code string)) {
	if a.options.Trace == nil || isProbe(c.Path()) {
		return func(int, string) {}
	}
	ctx, end := a.options.Trace(c.Request(), c.Path())
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

// outcome is the code that a request ended with.
func outcome(err error) domain.Code {
	if err == nil {
		return "ok"
	}
	return codeOf(err)
}

// loud are the codes that the operator has something to do about. The others are the client's affair.
var loud = map[domain.Code]slog.Level{
	internal:                slog.LevelError,
	domain.StoreUnavailable: slog.LevelWarn,
	notReady:                slog.LevelWarn,
}

// log writes the request's line, with the cause where it is loud. Probes that pass are left to debugging.
func (a *api) log(c echo.Context, r *request, code domain.Code, took time.Duration, err error) {
	level := slog.LevelInfo
	if err == nil && isProbe(c.Path()) {
		level = slog.LevelDebug
	}
	attributes := []slog.Attr{
		slog.String("id", r.id),
		slog.String("method", method(c.Request().Method)),
		slog.String("path", c.Path()),
		slog.Int("status", c.Response().Status),
		slog.String("code", string(code)),
		slog.Int64("user", int64(r.user)),
		slog.Int64("block", int64(r.block)),
		slog.Duration("took", took),
	}
	if l, isLoud := loud[code]; isLoud {
		level = l
		attributes = append(attributes, slog.Any("cause", err))
	}
	a.options.Logger.LogAttrs(c.Request().Context(), level, "request", attributes...)
}

// method bounds what a client can put into the log.
func method(name string) string {
	if len(name) > 16 {
		return name[:16]
	}
	return name
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
