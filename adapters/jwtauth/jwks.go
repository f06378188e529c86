package jwtauth

import (
	"errors"
	"fmt"
)

// MaxKeySetLength is the length of the longest JWK set, in bytes.
const MaxKeySetLength = 1 << 20

const wantedKeySet = `supply {"keys":[...]} with a secret, oct of 32 bytes or more (HS256), or a public key, ` +
	goodPublicKeys

// ParseJWKS reads the keys of a JWK set (RFC 7517, section 5) that verify tokens, each under its kid if it has one. A set may
// have none: that is how the last key is withdrawn. They are RSA of MinRSABits to MaxRSABits, EC on P-256, OKP on Ed25519 and
// oct of MinSecretLength or more.
//
// Keys of other sorts, curves and algorithms are passed over, and those that are for another use (use, key_ops). Any
// other fault is an error, which says what to supply and quotes nothing of the text: a text longer than MaxKeySetLength,
// a private key, a key that is weak, off its curve, not in exact base64url or of an alg that another sort of key has, and
// a name that stands twice.
func ParseJWKS(text []byte) ([]Key, error) {
	entries, err := readKeySet(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, wantedKeySet)
	}
	var keys []Key
	for i, entry := range entries {
		key, usable, err := readJWK(entry)
		if err != nil {
			return nil, fmt.Errorf("key %d of the JWK set: %w", i+1, err)
		}
		if usable {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// readKeySet returns the keys of a set as they came.
func readKeySet(text []byte) ([]string, error) {
	if len(text) > MaxKeySetLength {
		return nil, fmt.Errorf("the JWK set is longer than %d bytes", MaxKeySetLength)
	}
	// The errors of an object speak of tokens.
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
