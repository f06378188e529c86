package jwtauth

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"omarty.net/registry/domain"
)

// MaxTokenLength is the length of the longest token, in bytes (wire contract, The token).
const MaxTokenLength = 8 << 10

// Verifier tells whom a token names. Use NewVerifier; it is safe for concurrent use.
type Verifier struct {
	parser *jwt.Parser
	// keysOf returns the keys of an algorithm. It is a func so that no way of printing a verifier shows a secret.
	keysOf        func(algorithm string) (set jwt.VerificationKeySet, configured bool)
	requireExpiry bool
	now           func() time.Time
}

// NewVerifier returns a verifier that accepts the algorithms of the keys and no others. A token is genuine if any key of
// its algorithm verifies it. With requireExpiry a token without exp is not valid. Now must be safe for concurrent use.
// It returns an error where there is no key, and for one that no constructor made.
func NewVerifier(keys []Key, requireExpiry bool, now func() time.Time) (*Verifier, error) {
	if len(keys) == 0 {
		return nil, errors.New("no key to verify tokens with: supply an HS256 secret or a public key")
	}
	sets := map[string]jwt.VerificationKeySet{}
	for _, key := range keys {
		if key.material == nil {
			return nil, errors.New("one of the keys is empty: use NewSecret or ParsePublicKeys")
		}
		set := sets[key.algorithm]
		set.Keys = append(set.Keys, key.material())
		sets[key.algorithm] = set
	}
	return &Verifier{
		// The claims are judged by checkDates and readUser, see the package's comment.
		parser: jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()),
		keysOf: func(algorithm string) (jwt.VerificationKeySet, bool) {
			set, configured := sets[algorithm]
			return set, configured
		},
		requireExpiry: requireExpiry,
		now:           now,
	}, nil
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
	if err := checkDates(claims, v.now(), v.requireExpiry); err != nil {
		return 0, err
	}
	if err := claims.checkNames(); err != nil {
		return 0, err
	}
	return readUser(claims)
}

// genuineClaims returns the claims of a token whose signature is good. Nothing of them is read before that.
func (v *Verifier) genuineClaims(token string) (object, error) {
	if len(token) > MaxTokenLength {
		return nil, tooLong
	}
	// The base64 decoder skips line breaks, even the strict one.
	if strings.ContainsAny(token, "\r\n") {
		return nil, malformed
	}
	var claims claimsText
	if _, err := v.parser.ParseWithClaims(token, &claims, v.judgeHeader); err != nil {
		return nil, reasonOf(err)
	}
	return readObject(claims.text)
}

// judgeHeader returns the keys that may verify a token, by its header.
func (v *Verifier) judgeHeader(token *jwt.Token) (any, error) {
	set, configured := v.keysOf(token.Method.Alg())
	if !configured {
		return nil, unsupported
	}
	segment, _, _ := strings.Cut(token.Raw, ".")
	text, err := v.parser.DecodeSegment(segment)
	if err != nil {
		return nil, malformed
	}
	header, err := readObject(text)
	if err != nil {
		return nil, err
	}
	// No extension is understood here, so none may be critical (RFC 7515, section 4.1.11).
	if _, found := header["crit"]; found {
		return nil, critical
	}
	if err := header.checkNames(); err != nil {
		return nil, err
	}
	return set, nil
}

// reasonOf turns the parser's error into a reason: its own words may quote the token.
func reasonOf(err error) reason {
	if own, ok := errors.AsType[reason](err); ok {
		return own
	}
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return notGenuine
	case errors.Is(err, jwt.ErrTokenUnverifiable):
		return unsupported
	}
	return malformed
}

// claimsText takes a token's claims from the parser as they came.
type claimsText struct {
	jwt.RegisteredClaims // makes it the parser's sort of claims; stays empty
	text                 []byte
}

// UnmarshalJSON keeps the text.
func (c *claimsText) UnmarshalJSON(text []byte) error {
	c.text = bytes.Clone(text)
	return nil
}
