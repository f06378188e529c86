package jwtauth

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
)

// keyTypes has the types of key (kty) that verify tokens (RFC 7518, section 6.1; RFC 8037, section 2).
var keyTypes = map[string]struct {
	algorithm string
	curve     string // "" for a type without one
	read      func(*jwk) (Key, error)
}{
	"RSA": {"RS256", "", readRSA},
	"EC":  {"ES256", "P-256", readEC},
	"OKP": {"EdDSA", "Ed25519", readEd25519},
	"oct": {"HS256", "", readSecret},
}

// privateMembers are the members that only private keys have (RFC 7518, sections 6.2.2 and 6.3.2; RFC 8037, section 2).
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "priv"}

// readJWK reads one key of a set. A key that verifies no token here is skipped: its Key is the zero value.
func readJWK(text string) (*jwk, error) {
	members, err := readObject([]byte(text))
	if err != nil {
		return nil, errors.New("it is not an object")
	}
	if members.checkNames() != nil {
		return nil, errors.New("a name stands twice in it")
	}
	for _, name := range privateMembers {
		if _, found := members[name]; found {
			return nil, fmt.Errorf("it has %s: a private key has no place here, supply its public key", name)
		}
	}
	j := &jwk{members: members}
	kind, found := j.text("kty")
	if !found {
		return nil, errors.New("it has no kty")
	}
	if !j.isUsable(kind) || j.err != nil {
		return j, j.err
	}
	key, err := keyTypes[kind].read(j)
	if err := cmp.Or(j.err, err); err != nil {
		return nil, err
	}
	j.Key = key
	if id, found := j.text("kid"); found && j.err == nil {
		j.Key, j.err = key.WithID(id)
	}
	return j, j.err
}

// isUsable reports whether a key is for verifying signatures (RFC 7517, section 4), with the algorithm of its type.
func (j *jwk) isUsable(kind string) bool {
	known, isKnown := keyTypes[kind]
	if !isKnown {
		return false
	}
	if known.curve != "" {
		if curve, _ := j.text("crv"); curve != known.curve {
			return false
		}
	}
	if use, found := j.text("use"); found && use != "sig" {
		return false
	}
	if value, found := j.members["key_ops"]; found {
		operations, isTexts := readTexts(value)
		if !isTexts {
			j.fail("its key_ops is not a list of texts")
		}
		if !slices.Contains(operations, "verify") {
			return false
		}
	}
	algorithm, found := j.text("alg")
	for other, t := range keyTypes {
		if t.algorithm == algorithm && other != kind {
			j.fail("its kty is %s and its alg is %s, which is for %s", kind, algorithm, other)
		}
	}
	return !found || algorithm == known.algorithm
}

// readRSA reads n and e (RFC 7518, section 6.3.1).
func readRSA(j *jwk) (Key, error) {
	modulus, exponent := j.unsigned("n"), j.unsigned("e")
	if exponent.BitLen() > 31 {
		j.fail("its e is above 2147483647")
	}
	return newPublicKey(&rsa.PublicKey{N: modulus, E: int(exponent.Int64())})
}

// readEC reads x and y, each as long as a coordinate of the curve (RFC 7518, section 6.2.1).
func readEC(j *jwk) (Key, error) {
	x, y := j.bytes("x", 32), j.bytes("y", 32)
	// 4 marks an uncompressed point (SEC 1, section 2.3.3).
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return Key{}, errors.New("its x and y are no point of P-256")
	}
	return newPublicKey(public)
}

// readEd25519 reads x (RFC 8037, section 2).
func readEd25519(j *jwk) (Key, error) {
	return newPublicKey(ed25519.PublicKey(j.bytes("x", ed25519.PublicKeySize)))
}

// readSecret reads k (RFC 7518, section 6.4).
func readSecret(j *jwk) (Key, error) {
	return NewSecret(j.base64URL("k"))
}
