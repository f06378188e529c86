package jwtauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

// Tokens are signed here without the library that is tested, so that what it makes of them proves something.

// now is the clock of all tests, in the middle of a second.
var now = time.Unix(1_800_000_000, 500_000_000).UTC()

func clock() time.Time { return now }

var (
	secret      = []byte("0123456789-thirty-two-bytes-or-more-9876543210")
	otherSecret = []byte("another secret, of thirty-two bytes or more")
)

// Whom the tokens are from and for, where a verifier asks.
const issuer, audience = "https://id.omarty.net", "omarty"

// good are claims with nothing wrong.
const good = `{"id":7077,"exp":1800000600,"iss":"` + issuer + `","aud":"` + audience + `"}`

// A signer makes tokens of one algorithm.
type signer struct {
	algorithm string
	private   crypto.Signer // nil for HS256
	secret    []byte        // of HS256
	sign      func(text []byte) []byte
}

var signers = struct{ secret, otherSecret, rsa, ec, ed, otherEC signer }{
	secret:      hmacSigner(secret),
	otherSecret: hmacSigner(otherSecret),
	rsa:         rsaSigner(must(rsa.GenerateKey(rand.Reader, 2048))),
	ec:          ecSigner(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))),
	ed:          edSigner(),
	otherEC:     ecSigner(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))),
}

func hmacSigner(key []byte) signer {
	return signer{algorithm: "HS256", secret: key, sign: func(text []byte) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write(text)
		return mac.Sum(nil)
	}}
}

func rsaSigner(key *rsa.PrivateKey) signer {
	return signer{algorithm: "RS256", private: key, sign: func(text []byte) []byte {
		sum := sha256.Sum256(text)
		return must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]))
	}}
}

func ecSigner(key *ecdsa.PrivateKey) signer {
	return signer{algorithm: "ES256", private: key, sign: func(text []byte) []byte {
		sum := sha256.Sum256(text)
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		out := must(make([]byte, 64), err)
		r.FillBytes(out[:32])
		s.FillBytes(out[32:])
		return out
	}}
}

func edSigner() signer {
	key := newEd25519()
	return signer{algorithm: "EdDSA", private: key, sign: func(text []byte) []byte {
		return must(key.Sign(nil, text, crypto.Hash(0)))
	}}
}

func (s signer) publicPEM(t testing.TB) []byte {
	t.Helper()
	return pemBlock("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(s.private.Public())))
}

// keys returns the keys that verify the signer's tokens.
func (s signer) keys(t testing.TB) []jwtauth.Key {
	t.Helper()
	if s.private == nil {
		return []jwtauth.Key{must(jwtauth.NewSecret(s.secret))}
	}
	return must(jwtauth.ParsePublicKeys(s.publicPEM(t)))
}

// token signs claims under an ordinary header.
func (s signer) token(t testing.TB, claims string) string {
	t.Helper()
	return s.tokenUnder(`{"alg":"`+s.algorithm+`","typ":"JWT"}`, claims)
}

// tokenUnder signs claims under any header.
func (s signer) tokenUnder(header, claims string) string {
	return s.signed(segment(header) + "." + segment(claims))
}

// signed puts a signature to the first two segments.
func (s signer) signed(text string) string {
	return text + "." + segment(string(s.sign([]byte(text))))
}

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func newVerifier(t testing.TB, keys []jwtauth.Key, requireExpiry bool, options ...jwtauth.Option) *jwtauth.Verifier {
	t.Helper()
	v, err := jwtauth.NewVerifier(keys, requireExpiry, clock, options...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantUser(t *testing.T, v *jwtauth.Verifier, token string, want domain.UserID) {
	t.Helper()
	if user, err := v.User(token); user != want || err != nil {
		t.Errorf("got %d, %v, want user %d", user, err, want)
	}
}

// wantRefusal wants the one code, no user, and an error that may be logged.
func wantRefusal(t *testing.T, v *jwtauth.Verifier, token string, want domain.Code, causeHas string) {
	t.Helper()
	user, err := v.User(token)
	if user != 0 || !errors.Is(err, want) || !errors.Is(err, domain.Unauthenticated) {
		t.Fatalf("got %d, %v, want %v", user, err, want)
	}
	other := domain.TokenExpired
	if want == other {
		other = domain.TokenInvalid
	}
	if errors.Is(err, other) {
		t.Errorf("%v is both refusals", err)
	}
	if !strings.Contains(err.Error(), causeHas) {
		t.Errorf("the cause is %q, want it to have %q", err, causeHas)
	}
	for _, part := range append(strings.Split(token, "."), "7077", "LEAK", "1e400", string(secret)) {
		if len(part) > 3 && strings.Contains(err.Error(), part) {
			t.Errorf("%q quotes the token or the secret: %q", err, part)
		}
	}
}
