package httpapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// Authenticate returns the user of a request, and notes who it is for the log (wire contract, checks 3 and 4). It applies both
// limits. The token is checked first: others may have exhausted the address's limit of failed tokens, which must not refuse a
// genuine token or hide that one has expired.
func (s *Server) Authenticate(c echo.Context, access Access) (domain.UserID, error) {
	token, err := bearerToken(c.Request().Header)
	var user domain.UserID
	if err == nil {
		user, err = s.auth.User(token)
	}
	switch address := c.RealIP(); {
	case err == nil:
		InfoOf(c).User = user
		if !s.users[access].take(user) {
			return user, Because(TooMany, "requests of the user: "+limitSettings[access])
		}
		return user, nil
	case errors.Is(err, domain.TokenExpired):
		return 0, err
	case s.failures.exhausted(address):
		return 0, Because(TooMany, "failed tokens of the address: http.failure_limit")
	case !errors.Is(err, TokenMissing):
		s.failures.count(address)
	}
	return 0, err
}

// limitSettings name the settings of the limits, for the log.
var limitSettings = map[Access]string{Read: "http.read_rate_limit", Write: "http.rate_limit"}

// bearerToken returns the token of the one Authorization header (wire contract, check 3; RFC 6750, section 2.1).
func bearerToken(h http.Header) (string, error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return "", Because(TokenMissing, "it has no Authorization header")
	case 1:
	default:
		return "", Because(TokenMissing, "it has several Authorization headers")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", Because(TokenMissing, "its Authorization header is not Bearer and a token")
	}
	return token, nil
}
