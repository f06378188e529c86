package configs

import (
	"slices"
	"strings"
)

// Need is a part of the configuration that a command uses and that has to be there.
type Need int

// The parts that not every command needs.
const (
	// NeedsDatabase needs the database's URL: to serve, migrate and import.
	NeedsDatabase Need = iota
	// NeedsKeys needs at least one key that checks tokens, of whatever kind: to serve.
	NeedsKeys
	// NeedsSecret needs the HS256 secret: to mint a token.
	NeedsSecret
)

var requirements = map[Need]struct {
	// anyOf are the settings of which one has to be there.
	anyOf []string
	met   func(Config) bool
	unmet string
}{
	NeedsDatabase: {
		anyOf: []string{"database.url", "database.url_file"},
		met:   func(c Config) bool { return c.Database.URL != "" },
		unmet: "there is no database",
	},
	NeedsKeys: {
		anyOf: []string{"auth.hs256_secret", "auth.hs256_secret_file", "auth.public_keys", "auth.jwks_file"},
		met: func(c Config) bool {
			return c.Auth.HS256Secret != "" || len(c.Auth.PublicKeys) > 0 || c.Auth.JWKSFile != ""
		},
		unmet: "there is no key to check tokens with",
	},
	NeedsSecret: {
		anyOf: []string{"auth.hs256_secret", "auth.hs256_secret_file"},
		met:   func(c Config) bool { return c.Auth.HS256Secret != "" },
		unmet: "there is no secret to sign tokens with",
	},
}

// Validate checks a Config that was built or changed by hand: every value by its setting's rule, and that needs are met.
// The error is Problems. A Config from Load passes for the same needs.
func (c Config) Validate(needs ...Need) error {
	var problems Problems
	for _, s := range settings {
		if s.holds == "" && !s.valid(c) {
			problems.add("%s must be %s", s.Key, s.Takes)
		}
	}
	return append(problems, unmet(c, needs, nil)...).err()
}

// unmet tells what is needed and not there. What is faulty has been told already.
func unmet(c Config, needs []Need, faulty map[string]bool) Problems {
	var problems Problems
	for _, need := range needs {
		r, known := requirements[need]
		if !known || r.met(c) || slices.ContainsFunc(r.anyOf, func(key string) bool { return faulty[key] }) {
			continue
		}
		var variables []string
		for _, key := range r.anyOf {
			s, _ := settingBy(key)
			variables = append(variables, s.Env)
		}
		problems.add("%s: set %s (or %s)", r.unmet, strings.Join(r.anyOf, " or "), strings.Join(variables, ", "))
	}
	return problems
}

// needed reports whether the value with that key can serve one of the needs.
func needed(key string, needs []Need) bool {
	return slices.ContainsFunc(needs, func(n Need) bool { return slices.Contains(requirements[n].anyOf, key) })
}
