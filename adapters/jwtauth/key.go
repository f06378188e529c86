package jwtauth

import (
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// MinSecretLength is the length of the shortest HS256 secret, in bytes: as long as the hash is (RFC 7518, section 3.2).
const MinSecretLength = 32

// MaxIDLength is the length of the longest id of a key, in bytes.
const MaxIDLength = 256

// Key verifies tokens of one algorithm. A key with an id verifies tokens with that kid; a key without one verifies tokens
// without a kid. NewSecret, ParsePublicKeys and ParseJWKS make keys; the zero value is not a key.
type Key struct {
	algorithm, id string
	// verifies is a func so that no way of printing a key shows a secret.
	verifies func(signed string, signature []byte) bool
}

// NewSecret returns the key of HS256 tokens. It copies the secret and does not decode it. It returns an error for a secret
// shorter than MinSecretLength and for a key in PEM, which is not a secret.
func NewSecret(secret []byte) (Key, error) {
	if len(secret) < MinSecretLength {
		return Key{}, fmt.Errorf("the HS256 secret is %d bytes long: supply %d random bytes or more",
			len(secret), MinSecretLength)
	}
	if block, _ := pem.Decode(secret); block != nil {
		return Key{}, fmt.Errorf("the HS256 secret is a key in PEM: supply %d random bytes or more, "+
			"and a public key as a public key", MinSecretLength)
	}
	return newKey(jwt.SigningMethodHS256, append([]byte(nil), secret...)), nil
}

func newKey(method jwt.SigningMethod, material jwt.VerificationKey) Key {
	return Key{algorithm: method.Alg(), verifies: func(signed string, signature []byte) bool {
		return method.Verify(signed, signature, material) == nil
	}}
}

// WithID returns a copy of the key with an id. The id and a token's kid (RFC 7515, section 4.1.4) are compared byte by byte.
// WithID returns an error for an id that is empty, longer than MaxIDLength, or not text in UTF-8.
func (k Key) WithID(id string) (Key, error) {
	if !isKeyID(id) {
		return Key{}, fmt.Errorf("a key's id (kid) has %d bytes: supply 1 to %d", len(id), MaxIDLength)
	}
	if !isExactText(id) {
		return Key{}, errors.New("a key's id (kid) is not text in UTF-8: supply one that is")
	}
	k.id = id
	return k, nil
}

func isKeyID(text string) bool { return text != "" && len(text) <= MaxIDLength }

// isExactText reports whether a text has no U+FFFD and is valid UTF-8. JSON readers turn every invalid character into U+FFFD, so
// that different strings would be equal to a text with it.
func isExactText(text string) bool { return !strings.ContainsRune(text, utf8.RuneError) }
