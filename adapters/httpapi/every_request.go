package httpapi

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// requestInfo is what the log says of a request, besides its outcome.
type requestInfo struct {
	id    string
	user  domain.UserID
	block domain.BlockID
	// registered is what a request that succeeded registered, and replayed whether an earlier one had.
	registered domain.Apartment
	replayed   bool
}

const requestInfoKey = "omarty.request_info"

// infoOf returns the info of a request.
func infoOf(c echo.Context) *requestInfo { return c.Get(requestInfoKey).(*requestInfo) }

// answerEvery wraps every request, with a known path or not: it gives it an id, turns its error or panic into an answer, and
// logs one line.
func (a *api) answerEvery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		a.options.Started()
		info := &requestInfo{id: requestID(c.Request().Header.Get(echo.HeaderXRequestID))}
		c.Set(requestInfoKey, info)
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, info.id)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderCacheControl, "no-store")
		c.Response().Before(func() {
			if a.endsConnection(c.Request()) {
				h.Set(echo.HeaderConnection, "close")
			}
		})
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
		a.log(c, info, code, took, err)
		return nil
	}
}

// endsConnection reports whether the answer is the last of its connection: while the server drains, and after a request with
// a Transfer-Encoding. RFC 9112, section 6.3, asks for that where there is a Content-Length too, which net/http does not show.
func (a *api) endsConnection(r *http.Request) bool {
	return len(r.TransferEncoding) > 0 || a.options.Draining != nil && a.options.Draining()
}

// trace begins the request's trace, if it has one, and returns the function that ends it.
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

// outcome returns the code that a request ended with.
func outcome(err error) domain.Code {
	if err == nil {
		return "ok"
	}
	return codeOf(err)
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
