package rest

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// allowOrigin lets a script of an origin that may use the API read the answer, and reports whether it asks before a request of its
// own (a preflight).
func (s *Surface) allowOrigin(c echo.Context) (preflight bool) {
	if len(s.origins) == 0 {
		return false
	}
	asked, h := c.Request().Header, c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderOrigin)
	origin := asked.Get(echo.HeaderOrigin)
	if !slices.Contains(s.origins, origin) {
		return false
	}
	h.Set(echo.HeaderAccessControlAllowOrigin, origin)
	h.Set(echo.HeaderAccessControlExposeHeaders, "ETag, Location, Idempotent-Replayed, Retry-After, X-Request-Id, WWW-Authenticate")
	if asked.Get(echo.HeaderAccessControlRequestMethod) == "" || c.Request().Method != http.MethodOptions {
		return false
	}
	h.Set(echo.HeaderAccessControlAllowMethods, methodsOf(c.Path()))
	h.Set(echo.HeaderAccessControlAllowHeaders, "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id")
	h.Set(echo.HeaderAccessControlMaxAge, "600")
	return true
}
