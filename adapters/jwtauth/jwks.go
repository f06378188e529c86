package jwtauth

import (
	"errors"
	"fmt"
)

// MaxKeySetLength is the length of the longest JWK set, in bytes.
const MaxKeySetLength = 1 << 20

const wantedKeySet = `supply {"keys":[...]} with a secret, oct of 32 bytes or more (HS256), or a public key, ` +
	goodPublicKeys

// ParseJWKS reads the keys of a JWK set (RFC 7517, section 5) that verify tokens. A key with a kid has it as its id. The keys
// are RSA of MinRSABits to MaxRSABits, EC on P-256, OKP on Ed25519 and oct of MinSecretLength or more. A set may have none:
// that is how the last key is withdrawn.
//
// A key of another type, curve or algorithm, or for another use (use, key_ops), is skipped. Any other fault is an error: a
// text longer than MaxKeySetLength, a private key, a weak key, a point off its curve, inexact base64url, an alg of another
// type of key, two members with one name. The error says what to supply and quotes nothing of the text.
//
// The reader is narrower than go-jose on purpose: it has no private keys, no encryption, no certificates and no HTTP client,
// and it refuses what that library accepts, such as two members with one name.
func ParseJWKS(text []byte) ([]Key, error) {
	jwks, err := readJWKS(text)
	var keys []Key
	for _, jwk := range jwks {
		keys = append(keys, jwk.Key)
	}
	return keys, err
}

// readJWKS reads the keys of a set that verify tokens, with their members.
func readJWKS(text []byte) ([]*jwk, error) {
	entries, err := readKeySet(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, wantedKeySet)
	}
	var jwks []*jwk
	for i, entry := range entries {
		jwk, err := readJWK(entry)
		if err != nil {
			return nil, fmt.Errorf("key %d of the JWK set: %w", i+1, err)
		}
		if jwk.verifies != nil {
			jwks = append(jwks, jwk)
		}
	}
	return jwks, nil
}

// readKeySet returns the keys of a set as they are written.
func readKeySet(text []byte) ([]string, error) {
	if len(text) > MaxKeySetLength {
		return nil, fmt.Errorf("the JWK set is longer than %d bytes", MaxKeySetLength)
	}
	// readObject's errors are about tokens.
	set, err := readObject(text)
	if err != nil {
		return nil, errors.New("the JWK set is not an object in JSON")
	}
	if set.checkNames() != nil {
		return nil, errors.New("a name stands twice in the JWK set")
	}
	entries, isList := readList(set["keys"])
	if !isList {
		return nil, errors.New("the JWK set has no list of keys")
	}
	return entries, nil
}
