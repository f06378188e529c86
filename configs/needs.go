package configs

import (
	"errors"
	"io/fs"
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
	// NeedsKeySet needs the JSON Web Key Set: to mint a token with one of its secrets.
	NeedsKeySet
)

// makeSecret is the command that makes a secret, the one kind of key that no other party has to provide.
const makeSecret = "(umask 077; head -c 32 /dev/urandom | base64 > omarty.secret)"

var requirements = map[Need]struct {
	// anyOf are the settings of which one has to be there.
	anyOf []string
	unmet string
	// remedy is a command that makes what is missing, if there is one.
	remedy string
}{
	NeedsDatabase: {anyOf: []string{"database.url", "database.url_file"}, unmet: "there is no database"},
	NeedsKeys: {
		anyOf:  []string{"auth.hs256_secret", "auth.hs256_secret_file", "auth.public_keys", "auth.jwks_file"},
		unmet:  "there is no key to check tokens with",
		remedy: "; " + makeSecret + " makes a secret for OMARTY_AUTH_HS256_SECRET_FILE=omarty.secret",
	},
	NeedsSecret: {
		anyOf:  []string{"auth.hs256_secret", "auth.hs256_secret_file"},
		unmet:  "there is no secret to sign tokens with",
		remedy: "; " + makeSecret + " makes one for OMARTY_AUTH_HS256_SECRET_FILE=omarty.secret",
	},
	NeedsKeySet: {anyOf: []string{"auth.jwks_file"}, unmet: "there is no JSON Web Key Set to sign tokens with"},
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

// unmet reports what is needed and not there, and what is set and has no effect. It leaves out what is faulty, which has its
// problem already.
func unmet(c Config, needs []Need, faulty map[string]bool) Problems {
	var problems Problems
	for _, need := range needs {
		r, known := requirements[need]
		isMet := func(key string) bool {
			s, _ := settingBy(key)
			return faulty[key] || s.holds == "" && s.isSet(c)
		}
		if !known || slices.ContainsFunc(r.anyOf, isMet) {
			continue
		}
		var variables []string
		for _, key := range r.anyOf {
			variables = append(variables, variableOf(key))
		}
		problems.add("%s: set %s (or %s)%s", r.unmet, strings.Join(r.anyOf, " or "), strings.Join(variables, ", "), r.remedy)
	}
	if c.Admin.Pprof && c.Admin.Address == "" && !faulty["admin.address"] {
		problems.add("admin.pprof is true, and there is no address to ask for profiles: set admin.address (or OMARTY_ADMIN_ADDRESS)")
	}
	return problems
}

// howToMake says how to make the file of a secret that is not there.
func howToMake(key string, err error) string {
	if key != "auth.hs256_secret" || !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return "; " + makeSecret + " makes one, named omarty.secret"
}

// needed reports whether the value with that key can serve one of the needs.
func needed(key string, needs []Need) bool {
	return slices.ContainsFunc(needs, func(n Need) bool { return slices.Contains(requirements[n].anyOf, key) })
}
