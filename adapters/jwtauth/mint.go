package jwtauth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"omarty.net/registry/domain"
)

// Mint returns an HS256 token for the user, for development. Its claims are id, iat (now) and exp (now and ttl), in whole
// seconds, rounded down. It returns an error for a secret that NewSecret refuses, a user that is not above 0 and a ttl
// shorter than a second.
func Mint(secret []byte, user domain.UserID, ttl time.Duration, now time.Time) (string, error) {
	return mint(secret, "", user, ttl, now)
}

// mint sets kid to the id, unless that is "".
func mint(secret []byte, id string, user domain.UserID, ttl time.Duration, now time.Time) (string, error) {
	if _, err := NewSecret(secret); err != nil {
		return "", err
	}
	if _, err := domain.NewUserID(int64(user)); err != nil {
		return "", err
	}
	if ttl < time.Second {
		return "", errors.New("a token must live for a second or longer")
	}
	claims := jwt.MapClaims{"id": int64(user), "iat": now.Unix(), "exp": now.Add(ttl).Unix()}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	if id != "" {
		unsigned.Header["kid"] = id
	}
	token, err := unsigned.SignedString(secret)
	if err != nil {
		return "", fmt.Errorf("sign the token: %w", err)
	}
	return token, nil
}
