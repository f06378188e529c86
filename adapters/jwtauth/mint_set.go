package jwtauth

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"omarty.net/registry/domain"
)

// MintWithSet returns a token as Mint does, signed with the secret that a JWK set has under the id, which the token names
// as its kid. It returns the errors of ParseJWKS and Mint, and one where the set has no such secret.
func MintWithSet(set []byte, id string, user domain.UserID, ttl time.Duration, now time.Time) (string, error) {
	if _, err := ParseJWKS(set); err != nil {
		return "", err
	}
	entries, err := readKeySet(set)
	if err != nil {
		return "", err
	}
	var others []string
	for _, entry := range entries {
		key, usable, err := readJWK(entry)
		if err != nil {
			return "", err
		}
		if !usable || key.algorithm != "HS256" {
			continue
		}
		if key.id != id || id == "" {
			others = append(others, strconv.Quote(key.id))
			continue
		}
		jwk, err := readObject([]byte(entry))
		if err != nil {
			return "", err
		}
		secret, err := readBase64URL(jwk, "k")
		if err != nil {
			return "", err
		}
		return mint(secret, id, user, ttl, now)
	}
	if len(others) == 0 {
		return "", errors.New("the JWK set has no secret (kty oct) to sign with")
	}
	return "", fmt.Errorf("the JWK set has no secret (kty oct) with the id (kid) %q: it has %s", id, strings.Join(others, ", "))
}
