package jwtauth_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/adapters/jwtauth"
)

func TestNewSecret(t *testing.T) {
	for _, c := range []struct {
		name   string
		secret []byte
		errHas string
	}{
		{"none", nil, "0 bytes long: supply 32 random bytes"},
		{"one byte short", secret[:31], "31 bytes long: supply 32"},
		{"just long enough", secret[:32], ""},
		{"longer than a hash block", bytes.Repeat([]byte("k"), 100), ""},
		{"a public key", signers.rsa.publicPEM(t), "is a key in PEM"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := jwtauth.NewSecret(c.secret)
			checkKeyError(t, err, c.errHas)
			if err != nil && len(c.secret) > 0 && strings.Contains(err.Error(), string(c.secret)) {
				t.Error("the error quotes the secret")
			}
		})
	}
}

func TestNewSecretCopies(t *testing.T) {
	given := slices.Clone(secret)
	key, err := jwtauth.NewSecret(given)
	if err != nil {
		t.Fatal(err)
	}
	clear(given)
	wantUser(t, newVerifier(t, []jwtauth.Key{key}, true), signers.secret.token(t, good), 7077)
}

func TestParsePublicKeys(t *testing.T) {
	public := func(key any) []byte { return pemBlock("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key))) }
	private := must(x509.MarshalPKCS8PrivateKey(signers.ec.private))
	pkix := signers.ec.publicPEM(t)
	for _, c := range []struct {
		name   string
		text   []byte
		keys   int
		errHas string
	}{
		{"RSA in PKIX", public(signers.rsa.private.Public()), 1, ""},
		{"RSA in PKCS #1", pemBlock("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaOf(2048))), 1, ""},
		{"P-256", pkix, 1, ""},
		{"Ed25519", signers.ed.publicPEM(t), 1, ""},
		{"words around it", slices.Concat([]byte("the key of 2026\n"), pkix, []byte("\n\n")), 1, ""},
		{"two in one text", slices.Concat(pkix, signers.ed.publicPEM(t)), 2, ""},
		{"nothing", nil, 0, "no key in PEM was found: supply"},
		{"garbage", []byte("garbage"), 0, "no key in PEM was found: supply"},
		{"DER", must(x509.MarshalPKIXPublicKey(signers.ec.private.Public())), 0, "no key in PEM was found: supply"},
		{"RSA a bit too small", public(rsaOf(2047)), 0, "has 2047 bits: supply"},
		{"RSA of the most bits", public(rsaOf(8192)), 1, ""},
		{"RSA a bit too large", public(rsaOf(8193)), 0, "has 8193 bits: supply"},
		{"RSA, even modulus", public(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}), 0, "public modulus is even"},
		{"RSA, exponent 1", public(&rsa.PublicKey{N: rsaOf(2048).N, E: 1}), 0, "public exponent too small"},
		{"RSA, even exponent", public(&rsa.PublicKey{N: rsaOf(2048).N, E: 65536}), 0, "public exponent is even"},
		{"RSA, exponent 3", public(&rsa.PublicKey{N: rsaOf(2048).N, E: 3}), 1, ""},
		{"Ed25519, no point", public(ed25519.PublicKey(append([]byte{2}, make([]byte, 31)...))), 0, "no point of the curve"},
		{"Ed25519, the neutral point", public(ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...))), 0, "a weak one"},
		{"Ed25519, zeros", public(ed25519.PublicKey(make([]byte, 32))), 0, "a weak one"},
		{"P-384", public(must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)).Public()), 0, "is on P-384: supply"},
		{"X25519", public(must(ecdh.X25519().GenerateKey(rand.Reader)).Public()), 0, "verifies no token: supply"},
		{"PKCS #8 private key", pemBlock("PRIVATE KEY", private), 0, "private key, which has no place here"},
		{"EC private key", pemBlock("EC PRIVATE KEY", private), 0, "private key, which has no place here"},
		{"RSA private key", pemBlock("RSA PRIVATE KEY", private), 0, "private key, which has no place here"},
		{"certificate", pemBlock("CERTIFICATE", private), 0, "this is a certificate: supply"},
		{"parameters", pemBlock("EC PARAMETERS", private), 0, "is no public key: supply"},
		{"a private key as a public one", pemBlock("PUBLIC KEY", private), 0, "cannot be read"},
		{"RSA PUBLIC KEY in PKIX", pemBlock("RSA PUBLIC KEY", must(x509.MarshalPKIXPublicKey(rsaOf(2048)))), 0, "cannot be read"},
		{"a good one, then a private one", slices.Concat(pkix, pemBlock("PRIVATE KEY", private)), 0, "private key"},
		{"a damaged one, then a good one", slices.Concat(bytes.Replace(pkix, []byte("M"), []byte("*"), 1), pkix), 0,
			"one of the PEM blocks is damaged"},
		{"a good one, then a torn one", slices.Concat(pkix, pkix[:60]), 0, "one of the PEM blocks is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := jwtauth.ParsePublicKeys(c.text)
			checkKeyError(t, err, c.errHas)
			if len(keys) != c.keys {
				t.Errorf("%d keys, want %d", len(keys), c.keys)
			}
		})
	}
}

func TestPrintingShowsNoSecret(t *testing.T) {
	key := must(jwtauth.NewSecret(secret))
	verifier := newVerifier(t, []jwtauth.Key{key}, true)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		shown := fmt.Sprintf(verb, []any{key, []jwtauth.Key{key}, verifier})
		for _, form := range []string{"%s", "%x", "%d", "%#v"} {
			if part := strings.Trim(fmt.Sprintf(form, secret[:8]), "[]byte{}"); strings.Contains(shown, part) {
				t.Errorf("%s shows the secret: %s", verb, shown)
			}
		}
	}
}

// rsaOf returns a key of so many bits, which nobody can sign for.
func rsaOf(bits uint) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
}

func checkKeyError(t *testing.T, err error, has string) {
	t.Helper()
	if (err != nil) != (has != "") || err != nil && !strings.Contains(err.Error(), has) {
		t.Errorf("error %v, want one with %q", err, has)
	}
}

// must is for what cannot fail, outside of what is tested.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func pemBlock(name string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der})
}

func newEd25519() ed25519.PrivateKey {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return must(private, err)
}
