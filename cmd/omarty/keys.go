package main

import (
	"fmt"
	"os"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// newVerifier returns the verifier of access tokens, over the configured keys, or what is wrong
// with each of them as configs.Problems.
func newVerifier(c configs.Auth, now application.Clock) (*jwtauth.Verifier, error) {
	var keys []jwtauth.Key
	var problems configs.Problems
	if c.HS256Secret != "" {
		key, err := jwtauth.NewSecret([]byte(c.HS256Secret.Reveal()))
		if err != nil {
			problems = append(problems, "auth.hs256_secret: "+err.Error())
		}
		keys = append(keys, key)
	}
	for _, path := range c.PublicKeys {
		read, err := readPublicKeys(path)
		if err != nil {
			problems = append(problems, "auth.public_keys: "+err.Error())
		}
		keys = append(keys, read...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return jwtauth.NewVerifier(keys, c.RequireExpiry, now)
}

func readPublicKeys(path string) ([]jwtauth.Key, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, unreadable(path, err)
	}
	keys, err := jwtauth.ParsePublicKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}
