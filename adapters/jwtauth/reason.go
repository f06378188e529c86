package jwtauth

import "omarty.net/registry/domain"

// reason is an error for the log that says why a token is not valid. It wraps domain.TokenInvalid and quotes nothing of
// the token.
type reason string

const (
	tooLong       reason = "it is longer than 8 KiB"
	malformed     reason = "it is not three segments in base64url, the first two of them JSON"
	noKeys        reason = "no key is configured"
	unsupported   reason = "no key is configured for its algorithm"
	badKeyID      reason = "its kid is not a text of 1 to 256 bytes"
	noSuchKey     reason = "no key of its algorithm is configured under its kid, or without one if it has none"
	notGenuine    reason = "no configured key verifies its signature"
	critical      reason = "its header has crit"
	repeated      reason = "a name stands twice in its header or claims"
	notObject     reason = "its header or claims are not an object"
	noExpiry      reason = "it has no exp"
	otherIssuer   reason = "its iss is not the configured issuer"
	otherAudience reason = "its aud has not the configured audience"
	noUser        reason = "it has neither id nor sub"
	twoUsers      reason = "its id and its sub are different users"
)

// Error says why the token is not valid.
func (r reason) Error() string { return domain.TokenInvalid.Error() + ": " + string(r) }

// Reason says why the token is not valid, in one of a few fixed texts.
func (r reason) Reason() string { return string(r) }

// Unwrap returns domain.TokenInvalid.
func (r reason) Unwrap() error { return domain.TokenInvalid }
