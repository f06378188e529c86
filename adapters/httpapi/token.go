package httpapi

import (
	"net/http"
	"strings"
)

// bearerToken returns the token of the one Authorization header (wire contract, check 3; RFC 6750, section 2.1).
func bearerToken(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", tokenMissing
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", tokenMissing
	}
	return token, nil
}
