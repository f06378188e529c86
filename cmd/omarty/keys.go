package main

import (
	"crypto/sha256"
	"fmt"
	"maps"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// keySource is where keys come from: a setting, and the path of a file where it names one.
type keySource struct{ setting, path string }

// sourceKeys are the keys of a source, and a sum by which to see whether it has changed.
type sourceKeys struct {
	keys []jwtauth.Key
	sum  [sha256.Size]byte
}

// keyRing is what tokens are checked with.
type keyRing map[keySource]sourceKeys

func (r keyRing) keys() []jwtauth.Key {
	var all []jwtauth.Key
	for _, from := range r {
		all = append(all, from.keys...)
	}
	return all
}

func (r keyRing) equal(other keyRing) bool {
	return maps.EqualFunc(r, other, func(a, b sourceKeys) bool { return a.sum == b.sum })
}

// newVerifier returns the verifier of access tokens and the configured keys that it has, or what is wrong with each of them
// as configs.Problems. There may be none: then every token is refused.
func newVerifier(c configs.Auth, now application.Clock) (*jwtauth.Verifier, keyRing, error) {
	ring, problems := readKeys(c, nil)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	verifier, err := jwtauth.NewVerifier(ring.keys(), c.RequireExpiry, now, jwtauth.WithIssuer(c.Issuer), jwtauth.WithAudience(c.Audience))
	if err != nil {
		return nil, nil, configs.Problems{"auth: " + err.Error()}
	}
	return verifier, ring, nil
}

// readKeys reads every configured key, and says what is wrong with each source that cannot be used. Such a source keeps the
// keys that it had before, if it had any: the others are not held up by it.
func readKeys(c configs.Auth, before keyRing) (keyRing, configs.Problems) {
	ring := keyRing{}
	var problems configs.Problems
	add := func(from keySource, read func() ([]byte, error), parse func([]byte) ([]jwtauth.Key, error)) {
		text, err := read()
		var keys []jwtauth.Key
		if err == nil {
			keys, err = parse(text)
		}
		if err != nil {
			problems = append(problems, from.setting+": "+err.Error())
			if kept, known := before[from]; known {
				ring[from] = kept
			}
			return
		}
		ring[from] = sourceKeys{keys, sha256.Sum256(text)}
	}
	addFile := func(setting, path string, parse func([]byte) ([]jwtauth.Key, error)) {
		add(keySource{setting, path}, func() ([]byte, error) { return configs.ReadSmallFile(path) }, func(text []byte) ([]jwtauth.Key, error) {
			keys, err := parse(text)
			if err != nil {
				err = fmt.Errorf("%s: %w", path, err)
			}
			return keys, err
		})
	}
	if c.HS256Secret != "" {
		secret := []byte(c.HS256Secret.Reveal())
		add(keySource{setting: "auth.hs256_secret"}, func() ([]byte, error) { return secret, nil }, func(secret []byte) ([]jwtauth.Key, error) {
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
	return ring, problems
}
