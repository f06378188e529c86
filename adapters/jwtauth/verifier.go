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

// Verifier tells whom a token names. Use NewVerifier; it is safe for concurrent use.
type Verifier struct {
	keys     atomic.Pointer[keyring]
	required required
	now      func() time.Time
}

// required is what a token must have beside a user.
type required struct {
	expiry           bool
	issuer, audience string // "" for any, or none
}

// Option asks more of a token.
type Option func(*required)

// WithIssuer makes tokens invalid whose iss is not this text, byte by byte. An empty one asks nothing.
func WithIssuer(issuer string) Option { return func(r *required) { r.issuer = issuer } }

// WithAudience makes tokens invalid whose aud is neither this text, byte by byte, nor a list of texts with it. An empty
// one asks nothing.
func WithAudience(audience string) Option { return func(r *required) { r.audience = audience } }

// NewVerifier returns a verifier with keys as SetKeys takes them. With requireExpiry a token without exp is not valid. Now
// must be safe for concurrent use. It returns the errors of SetKeys, and one for an issuer or audience that is not text in
// UTF-8.
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

// SetKeys replaces the keys, all at once, while tokens are verified: each token is judged by the old keys or by the new
// ones, never by some of both. The verifier accepts the algorithms of the keys and no others. A token with a kid is tried
// against the key of its algorithm with that id alone, one without against all of its algorithm without an id. Without a key
// it refuses every token.
//
// For a key that no constructor made, or an id that two keys of an algorithm have (which of them would be meant?), it
// returns an error and leaves the keys as they were.
func (v *Verifier) SetKeys(keys []Key) error {
	ring, err := newKeyring(keys)
	if err != nil {
		return err
	}
	v.keys.Store(&ring)
	return nil
}

// User returns the user that a token names (wire contract, The token and check 4). A claim that is null counts as absent;
// a name that stands twice, in the header or in the claims, makes a token invalid.
//
// It returns domain.TokenExpired for a genuine token that is Leeway or more past its exp, whatever else is wrong with its
// claims, and for any other that is refused domain.TokenInvalid, wrapped in a reason that quotes nothing of the token.
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

// genuineClaims returns the claims of a token whose signature is good. Nothing of them is read before that.
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
	text, ok := decodeSegment(claims)
	if !ok {
		return nil, malformed
	}
	return readObject(text)
}
