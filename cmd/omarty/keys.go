package main

import (
	"crypto/sha256"
	"fmt"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// keyRing is what tokens are checked with, and a mark by which to see whether it has changed.
type keyRing struct {
	keys []jwtauth.Key
	mark [sha256.Size]byte
}

// newVerifier returns the verifier of access tokens and the configured keys that it has, or what is wrong with each of them
// as configs.Problems.
func newVerifier(c configs.Auth, now application.Clock) (*jwtauth.Verifier, keyRing, error) {
	ring, err := readKeys(c)
	if err != nil {
		return nil, keyRing{}, err
	}
	verifier, err := jwtauth.NewVerifier(ring.keys, c.RequireExpiry, now, jwtauth.WithIssuer(c.Issuer), jwtauth.WithAudience(c.Audience))
	if err != nil {
		return nil, keyRing{}, configs.Problems{"auth: " + err.Error()}
	}
	return verifier, ring, nil
}

// readKeys reads every configured key. The error is configs.Problems with what is wrong with each.
func readKeys(c configs.Auth) (keyRing, error) {
	var ring keyRing
	var problems configs.Problems
	mark := sha256.New()
	add := func(setting string, text []byte, parse func([]byte) ([]jwtauth.Key, error)) {
		fmt.Fprintf(mark, "%s %d\n%s", setting, len(text), text)
		keys, err := parse(text)
		if err != nil {
			problems = append(problems, setting+": "+err.Error())
		}
		ring.keys = append(ring.keys, keys...)
	}
	addFile := func(setting, path string, parse func([]byte) ([]jwtauth.Key, error)) {
		text, err := configs.ReadSmallFile(path)
		if err != nil {
			problems = append(problems, setting+": "+err.Error())
			return
		}
		add(setting, text, func(text []byte) ([]jwtauth.Key, error) {
			keys, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return keys, nil
		})
	}
	if c.HS256Secret != "" {
		add("auth.hs256_secret", []byte(c.HS256Secret.Reveal()), func(secret []byte) ([]jwtauth.Key, error) {
			key, err := jwtauth.NewSecret(secret)
			return []jwtauth.Key{key}, err
		})
	}
	for _, path := range c.PublicKeys {
		addFile("auth.public_keys", path, jwtauth.ParsePublicKeys)
	}
	if c.JWKSFile != "" {
		addFile("auth.jwks_file", c.JWKSFile, jwtauth.ParseJWKS)
	}
	if len(problems) > 0 {
		return keyRing{}, problems
	}
	ring.mark = [sha256.Size]byte(mark.Sum(nil))
	return ring, nil
}
