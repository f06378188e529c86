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

// Key verifies tokens of one algorithm, with an id those that name it (kid), without one those that name none. NewSecret,
// ParsePublicKeys and ParseJWKS make keys; the zero value is none.
type Key struct {
	algorithm, id string
	// verifies is a func so that no way of printing a key shows a secret.
	verifies func(signed string, signature []byte) bool
}

// NewSecret returns the key of HS256 tokens. The secret's bytes are used as they are and copied. It returns an error for a
// secret shorter than MinSecretLength and for a key in PEM, which is no secret.
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

// WithID returns the key under an id, compared byte by byte with the kid of a token's header (RFC 7515, section 4.1.4). It
// returns an error for an id that is empty, longer than MaxIDLength, or not text.
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

// isExactText reports whether a text in JSON can be compared with it: whatever is no Unicode there is read as U+FFFD.
func isExactText(text string) bool { return !strings.ContainsRune(text, utf8.RuneError) }
