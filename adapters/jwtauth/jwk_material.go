package jwtauth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// readRSA reads n and e (RFC 7518, section 6.3.1).
func readRSA(jwk object) (Key, error) {
	modulus, err := readUnsigned(jwk, "n")
	if err != nil {
		return Key{}, err
	}
	exponent, err := readUnsigned(jwk, "e")
	if err != nil {
		return Key{}, err
	}
	if exponent.BitLen() > 31 {
		return Key{}, errors.New("its e is above 2147483647")
	}
	return newPublicKey(&rsa.PublicKey{N: modulus, E: int(exponent.Int64())})
}

// readEC reads x and y, each as long as the curve's (RFC 7518, section 6.2.1).
func readEC(jwk object) (Key, error) {
	x, err := readBytes(jwk, "x", 32)
	if err != nil {
		return Key{}, err
	}
	y, err := readBytes(jwk, "y", 32)
	if err != nil {
		return Key{}, err
	}
	// 4 says that a point is not compressed (SEC 1, section 2.3.3).
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		return Key{}, errors.New("its x and y are no point of P-256")
	}
	return newPublicKey(public)
}

// readEd25519 reads x (RFC 8037, section 2).
func readEd25519(jwk object) (Key, error) {
	x, err := readBytes(jwk, "x", ed25519.PublicKeySize)
	if err != nil {
		return Key{}, err
	}
	return newPublicKey(ed25519.PublicKey(x))
}

// readSecret reads k (RFC 7518, section 6.4).
func readSecret(jwk object) (Key, error) {
	secret, err := readBase64URL(jwk, "k")
	if err != nil {
		return Key{}, err
	}
	return NewSecret(secret)
}

// readUnsigned reads a number, which has no leading zeros (RFC 7518, section 2, Base64urlUInt).
func readUnsigned(jwk object, name string) (*big.Int, error) {
	decoded, err := readBase64URL(jwk, name)
	if err != nil {
		return nil, err
	}
	if len(decoded) == 0 || decoded[0] == 0 {
		return nil, fmt.Errorf("its %s is empty or starts with a zero", name)
	}
	return new(big.Int).SetBytes(decoded), nil
}

func readBytes(jwk object, name string, length int) ([]byte, error) {
	decoded, err := readBase64URL(jwk, name)
	if err == nil && len(decoded) != length {
		err = fmt.Errorf("its %s is %d bytes long, not %d", name, len(decoded), length)
	}
	return decoded, err
}

func readBase64URL(jwk object, name string) ([]byte, error) {
	text, found, err := jwk.text(name)
	if !found {
		return nil, fmt.Errorf("it has no %s", name)
	}
	if err != nil {
		return nil, err
	}
	decoded, ok := decodeSegment(text)
	if !ok {
		return nil, fmt.Errorf("its %s is not in base64url without padding", name)
	}
	return decoded, nil
}
