package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Server is what the handlers of every surface use. New makes it.
type Server struct {
	auth     Authenticator
	options  Options
	surfaces []Surface
	// users and failures limit each client.
	users    map[Access]*limiter[domain.UserID]
	failures *failures
	bodies   *bodies
	// streams are the answers that last for as long as their client reads.
	streams *turns
}

// Access is what a request asks for, by which it is limited.
type Access int

// The kinds of access.
const (
	Read Access = iota
	Write
)

// BodyLimit returns the length of the longest body, in bytes.
func (s *Server) BodyLimit() int64 { return s.options.BodyLimit }

// Call has a use case answer a request, within the deadline. The call is given up when the client is lost, and is then
// answered as ClientGone.
func Call[In, Out any](s *Server, c echo.Context, use func(context.Context, In) (Out, error), in In) (Out, error) {
	ctx, end := work(c.Request().Context(), s.options.RequestTimeout)
	defer end()
	out, err := use(ctx, in)
	if errors.Is(err, domain.StoreUnavailable) && context.Cause(ctx) == ClientGone {
		err = fmt.Errorf("%w: %w", ClientGone, err)
	}
	return out, err
}

// BeginStream notes that a user is answered with a stream, which holds a connection for as long as its client reads, however slowly. It
// returns the function that ends it, or TooMany where the user has as many as one may.
func (s *Server) BeginStream(c echo.Context) (end func(), err error) {
	end, ok := s.streams.take(InfoOf(c).User)
	if !ok {
		return nil, Because(TooMany, "the user reads too many streams at once")
	}
	return end, nil
}

// CheckEncoding returns EncodingUnsupported for a body that is encoded.
func CheckEncoding(h http.Header) error {
	for _, coding := range h.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return EncodingUnsupported
		}
	}
	return nil
}

// IdempotencyKey returns the one Idempotency-Key, the zero key for none, or domain.KeyInvalid.
func IdempotencyKey(h http.Header) (application.IdempotencyKey, error) {
	keys := h.Values("Idempotency-Key")
	switch len(keys) {
	case 0:
		return application.IdempotencyKey{}, nil
	case 1:
		return application.NewIdempotencyKey(keys[0])
	default:
		return application.IdempotencyKey{}, domain.KeyInvalid
	}
}

// MarkReplayed tells the client and the log whether the answer is that of an earlier request with the same key.
func MarkReplayed(c echo.Context, replayed bool) {
	if replayed {
		InfoOf(c).Replayed = true
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
}
