package httpapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// authenticate makes checks 3 and 4, and applies both limits. The token is checked first: others may have exhausted the
// address's limit of failed tokens, which must not refuse a genuine token or hide that one has expired.
func (a *api) authenticate(c echo.Context) (domain.UserID, error) {
	token, err := bearerToken(c.Request().Header)
	var user domain.UserID
	if err == nil {
		user, err = a.auth.User(token)
	}
	switch address := c.RealIP(); {
	case err == nil && !a.perUser.take(user):
		return user, because(tooMany, "requests of the user: http.rate_limit")
	case err == nil:
		return user, nil
	case errors.Is(err, domain.TokenExpired):
		return 0, err
	case a.failures.exhausted(address):
		return 0, because(tooMany, "failed tokens of the address: http.failure_limit")
	case !errors.Is(err, tokenMissing):
		a.failures.count(address)
	}
	return 0, err
}

// bearerToken returns the token of the one Authorization header (wire contract, check 3; RFC 6750, section 2.1).
func bearerToken(h http.Header) (string, error) {
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return "", because(tokenMissing, "it has no Authorization header")
	case 1:
	default:
		return "", because(tokenMissing, "it has several Authorization headers")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", because(tokenMissing, "its Authorization header is not Bearer and a token")
	}
	return token, nil
}
