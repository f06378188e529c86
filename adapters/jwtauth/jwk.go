package jwtauth

import (
	"errors"
	"fmt"
	"slices"
)

// keyTypes has the sorts of keys that verify tokens, by kty (RFC 7518, section 6.1; RFC 8037, section 2).
var keyTypes = map[string]struct {
	algorithm string
	curve     string // "" where there is none
	read      func(jwk object) (Key, error)
}{
	"RSA": {"RS256", "", readRSA},
	"EC":  {"ES256", "P-256", readEC},
	"OKP": {"EdDSA", "Ed25519", readEd25519},
	"oct": {"HS256", "", readSecret},
}

// privateMembers are what only private keys have (RFC 7518, sections 6.2.2 and 6.3.2; RFC 8037, section 2).
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "priv"}

// readJWK reads one key of a set. It is not usable where it is of a sort that is not known or is not for verifying.
func readJWK(text string) (key Key, usable bool, err error) {
	jwk, err := readObject([]byte(text))
	if err != nil {
		return Key{}, false, errors.New("it is not an object")
	}
	if jwk.checkNames() != nil {
		return Key{}, false, errors.New("a name stands twice in it")
	}
	for _, name := range privateMembers {
		if _, found := jwk[name]; found {
			return Key{}, false, fmt.Errorf("it has %s: a private key has no place here, supply its public key", name)
		}
	}
	kind, found, err := jwk.text("kty")
	if !found {
		return Key{}, false, errors.New("it has no kty")
	}
	if err != nil {
		return Key{}, false, err
	}
	if usable, err := isUsable(jwk, kind); !usable || err != nil {
		return Key{}, false, err
	}
	if key, err = keyTypes[kind].read(jwk); err != nil {
		return Key{}, false, err
	}
	id, found, err := jwk.text("kid")
	if found && err == nil {
		key, err = key.WithID(id)
	}
	return key, err == nil, err
}

// isUsable reports whether a key is of a known sort, and for verifying signatures (RFC 7517, section 4).
func isUsable(jwk object, kind string) (bool, error) {
	known, isKnown := keyTypes[kind]
	if !isKnown {
		return false, nil
	}
	if known.curve != "" {
		if curve, _, err := jwk.text("crv"); curve != known.curve || err != nil {
			return false, err
		}
	}
	if use, found, err := jwk.text("use"); found && use != "sig" || err != nil {
		return false, err
	}
	if value, found := jwk["key_ops"]; found {
		operations, isTexts := readTexts(value)
		if !isTexts {
			return false, errors.New("its key_ops is not a list of texts")
		}
		if !slices.Contains(operations, "verify") {
			return false, nil
		}
	}
	return hasAlgorithm(jwk, kind)
}

// hasAlgorithm reports whether a key may be used for the algorithm of its sort.
func hasAlgorithm(jwk object, kind string) (bool, error) {
	algorithm, found, err := jwk.text("alg")
	if !found || err != nil {
		return !found, err
	}
	for other, known := range keyTypes {
		if known.algorithm == algorithm && other != kind {
			return false, fmt.Errorf("its kty is %s and its alg is %s, which is for %s", kind, algorithm, other)
		}
	}
	return algorithm == keyTypes[kind].algorithm, nil
}

// text returns a member that is a text. It returns an error for any other.
func (o object) text(name string) (text string, found bool, err error) {
	value, found := o[name]
	if !found {
		return "", false, nil
	}
	text, isText := readText(value)
	if !isText {
		return "", true, fmt.Errorf("its %s is not a text", name)
	}
	return text, true, nil
}
