package main

import (
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claims are those of an access token that the server reads.
type claims struct {
	ID int64 `json:"id"`
	jwt.RegisteredClaims
}

// parser takes HS256 alone.
var parser = jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(30*time.Second))

// user returns whose token it is.
func (h *createApartment) user(authorization string) (int64, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return 0, refusal{401, "Access token not found."}
	}
	var c claims
	_, err := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return h.secret, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return 0, refusal{401, "Access token has expired."}
	case err != nil || c.ID <= 0:
		return 0, refusal{401, "Access token is not valid."}
	default:
		return c.ID, nil
	}
}
