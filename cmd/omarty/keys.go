package main

import (
	"fmt"
	"os"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// newVerifier returns the verifier of access tokens, over the configured keys.
func newVerifier(c configs.Auth, now application.Clock) (*jwtauth.Verifier, error) {
	var keys []jwtauth.Key
	if c.HS256Secret != "" {
		key, err := jwtauth.NewSecret([]byte(c.HS256Secret.Reveal()))
		if err != nil {
			return nil, configs.Problems{"auth.hs256_secret: " + err.Error()}
		}
		keys = append(keys, key)
	}
	for _, path := range c.PublicKeys {
		text, err := os.ReadFile(path) // #nosec G304 -- the operator names it
		if err != nil {
			return nil, configs.Problems{"auth.public_keys: " + err.Error()}
		}
		parsed, err := jwtauth.ParsePublicKeys(text)
		if err != nil {
			return nil, configs.Problems{fmt.Sprintf("auth.public_keys: %s: %v", path, err)}
		}
		keys = append(keys, parsed...)
	}
	return jwtauth.NewVerifier(keys, c.RequireExpiry, now)
}
