package jwtauth

import (
	"encoding/pem"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// MinSecretLength is the length of the shortest HS256 secret, in bytes: as long as the hash is (RFC 7518, section 3.2).
const MinSecretLength = 32

// Key verifies tokens of one algorithm. NewSecret and ParsePublicKeys make keys; the zero value is none.
type Key struct {
	algorithm string
	// material is a func so that no way of printing a key shows a secret.
	material func() jwt.VerificationKey
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
	return Key{algorithm: method.Alg(), material: func() jwt.VerificationKey { return material }}
}
