package jwtauth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"filippo.io/edwards25519"
	"github.com/golang-jwt/jwt/v5"
)

// The sizes of the smallest RSA key (RFC 7518, section 3.3) and of the largest. Larger keys verify slowly.
const (
	MinRSABits = 2048
	MaxRSABits = 8192
)

const (
	goodPublicKeys  = "RSA of 2048 to 8192 bits (RS256), ECDSA on P-256 (ES256) or Ed25519 (EdDSA)"
	wantedPublicKey = "supply a public key in PEM, " + goodPublicKeys
)

// ParsePublicKeys reads all public keys of a PEM text, at least one, in blocks named "PUBLIC KEY" (PKIX) or "RSA PUBLIC
// KEY" (PKCS #1). An RSA key of MinRSABits to MaxRSABits verifies RS256 tokens, an ECDSA key on P-256 ES256 tokens and an
// Ed25519 key EdDSA tokens. Any other key is an error: one that anybody could sign for, a private key, a certificate, a
// damaged block. The error says what to supply and quotes nothing of the text.
func ParsePublicKeys(text []byte) ([]Key, error) {
	var keys []Key
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		key, err := parsePublicKey(block)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("no key in PEM was found: " + wantedPublicKey)
	}
	// pem.Decode skips a damaged block. Without this check, the key would be missing without notice.
	if bytes.Count(text, []byte("-----BEGIN")) != len(keys) {
		return nil, errors.New("one of the PEM blocks is damaged: " + wantedPublicKey)
	}
	return keys, nil
}

func parsePublicKey(block *pem.Block) (Key, error) {
	var public any
	var err error
	switch {
	case block.Type == "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return Key{}, errors.New("this is a private key, which has no place here: supply its public key " +
			"(openssl pkey -in FILE -pubout)")
	case block.Type == "CERTIFICATE":
		return Key{}, errors.New("this is a certificate: supply its public key (openssl x509 -in FILE -noout -pubkey)")
	default:
		return Key{}, errors.New("this PEM block is no public key: " + wantedPublicKey)
	}
	if err != nil {
		return Key{}, fmt.Errorf("the public key cannot be read: %w: %s", err, wantedPublicKey)
	}
	return newPublicKey(public)
}

func newPublicKey(public any) (Key, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < MinRSABits || bits > MaxRSABits {
			return Key{}, fmt.Errorf("the RSA key has %d bits: supply %s", bits, goodPublicKeys)
		}
		// crypto/rsa checks the key before the signature: it refuses an even modulus, and an exponent that is even or 1.
		if err := jwt.SigningMethodRS256.Verify("", nil, public); !errors.Is(err, rsa.ErrVerification) {
			return Key{}, fmt.Errorf("the RSA key cannot be used: %w: supply %s", err, goodPublicKeys)
		}
		return newKey(jwt.SigningMethodRS256, public), nil
	case *ecdsa.PublicKey:
		if public.Curve != elliptic.P256() {
			return Key{}, fmt.Errorf("the ECDSA key is on %s: supply %s", public.Curve.Params().Name, goodPublicKeys)
		}
		return newKey(jwt.SigningMethodES256, public), nil
	case ed25519.PublicKey:
		if !isStrongEd25519(public) {
			return Key{}, errors.New("the Ed25519 key is no point of the curve, or a weak one: supply " + goodPublicKeys)
		}
		return newKey(jwt.SigningMethodEdDSA, public), nil
	}
	return Key{}, errors.New("a key of this sort verifies no token: supply " + goodPublicKeys)
}

// isStrongEd25519 reports whether a key is a point, and not one of the few of small order, for which anybody can make
// signatures. crypto/ed25519 accepts those.
func isStrongEd25519(public ed25519.PublicKey) bool {
	point, err := new(edwards25519.Point).SetBytes(public)
	return err == nil && point.MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 0
}
