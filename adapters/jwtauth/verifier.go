package jwtauth

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"omarty.net/registry/domain"
)

// MaxTokenLength is the length of the longest token, in bytes (wire contract, The token).
const MaxTokenLength = 8 << 10

// Verifier verifies tokens and returns their users. Use NewVerifier. It is safe for concurrent use.
type Verifier struct {
	keys     atomic.Pointer[keyring]
	required required
	now      func() time.Time
}

// required is what a token must have in addition to a user.
type required struct {
	expiry           bool
	issuer, audience string // "" requires nothing
}

// Option is a further requirement of a token.
type Option func(*required)

// WithIssuer requires iss to be this text, byte by byte. An empty text requires nothing.
func WithIssuer(issuer string) Option { return func(r *required) { r.issuer = issuer } }

// WithAudience requires aud to be this text, byte by byte, or a list of texts that has it. An empty text requires nothing.
func WithAudience(audience string) Option { return func(r *required) { r.audience = audience } }

// NewVerifier returns a verifier. SetKeys says which keys it takes. With requireExpiry, a token without exp is not valid. The
// func now must be safe for concurrent use. NewVerifier returns the errors of SetKeys, and one for an issuer or audience that
// is not text in UTF-8.
func NewVerifier(keys []Key, requireExpiry bool, now func() time.Time, options ...Option) (*Verifier, error) {
	v := &Verifier{required: required{expiry: requireExpiry}, now: now}
	for _, option := range options {
		option(&v.required)
	}
	if !isExactText(v.required.issuer) || !isExactText(v.required.audience) {
		return nil, errors.New("the issuer or the audience of tokens is not text in UTF-8: supply one that is")
	}
	if err := v.SetKeys(keys); err != nil {
		return nil, err
	}
	return v, nil
}

// SetKeys replaces all keys at once. It may be called while tokens are verified: each token is verified with either the old
// keys or the new ones. The verifier accepts the algorithms of the keys and no others. A token with a kid is verified with the
// key of its algorithm that has that id. A token without a kid is verified with the keys of its algorithm that have no id.
// Without keys, every token is refused.
//
// SetKeys returns an error, and keeps the keys that it has, for a zero Key and for two keys of one algorithm with the same
// id.
func (v *Verifier) SetKeys(keys []Key) error {
	ring, err := newKeyring(keys)
	if err != nil {
		return err
	}
	v.keys.Store(&ring)
	return nil
}

// User returns the user that a token names (wire contract, The token and check 4). A claim that is null counts as absent.
// Two members with one name, in the header or in the claims, make a token invalid.
//
// It returns domain.TokenExpired for a genuine token that is Leeway or more past its exp, whatever else is wrong with its
// claims. For any other fault it returns domain.TokenInvalid, wrapped in a reason that quotes nothing of the token.
func (v *Verifier) User(token string) (domain.UserID, error) {
	claims, err := v.genuineClaims(token)
	if err != nil {
		return 0, err
	}
	if err := checkDates(claims, v.now(), v.required.expiry); err != nil {
		return 0, err
	}
	if err := claims.checkNames(); err != nil {
		return 0, err
	}
	if err := checkOrigin(claims, v.required); err != nil {
		return 0, err
	}
	return readUser(claims)
}

// genuineClaims returns the claims of a token with a valid signature. It reads the claims after it has checked the signature.
func (v *Verifier) genuineClaims(token string) (object, error) {
	if len(token) > MaxTokenLength {
		return nil, tooLong
	}
	if strings.Count(token, ".") != 2 {
		return nil, malformed
	}
	header, rest, _ := strings.Cut(token, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	name, err := readHeader(header)
	if err != nil {
		return nil, err
	}
	keys, err := v.keys.Load().find(name)
	if err != nil {
		return nil, err
	}
	signatureBytes, ok := decodeSegment(signature)
	if !ok {
		return nil, malformed
	}
	signed := token[:len(header)+1+len(claims)]
	if !slices.ContainsFunc(keys, func(k Key) bool { return k.verifies(signed, signatureBytes) }) {
		return nil, notGenuine
	}
	return readSegment(claims)
}
