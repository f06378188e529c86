package httpapi

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// authenticate makes checks 3 and 4, with the limits before and after them.
func (a *api) authenticate(c echo.Context) (domain.UserID, error) {
	address := network(c.RealIP())
	if a.failures.exhausted(address) {
		return 0, because(tooMany, "failed tokens of the address: http.failure_limit")
	}
	token, err := bearerToken(c.Request().Header)
	if err != nil {
		return 0, err
	}
	user, err := a.auth.User(token)
	if err != nil {
		a.failures.take(address)
		return 0, err
	}
	if !a.perUser.take(user) {
		return user, because(tooMany, "requests of the user: http.rate_limit")
	}
	return user, nil
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
