package jwtauth

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"omarty.net/registry/domain"
)

// MintWithSet returns a token as Mint does, signed with the secret of a JWK set that has the id. The id is the token's kid.
// It returns the errors of ParseJWKS and Mint, and one where the set has no such secret.
func MintWithSet(set []byte, id string, user domain.UserID, ttl time.Duration, now time.Time) (string, error) {
	jwks, err := readJWKS(set)
	if err != nil {
		return "", err
	}
	var others []string
	for _, jwk := range jwks {
		switch {
		case jwk.algorithm != "HS256":
		case jwk.id != id || id == "":
			others = append(others, strconv.Quote(jwk.id))
		default:
			return mint(jwk.base64URL("k"), id, user, ttl, now)
		}
	}
	if len(others) == 0 {
		return "", errors.New("the JWK set has no secret (kty oct) to sign with")
	}
	return "", fmt.Errorf("the JWK set has no secret (kty oct) with the id (kid) %q: it has %s", id, strings.Join(others, ", "))
}
