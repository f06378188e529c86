package application

import "omarty.net/registry/domain"

// MaxIdempotencyKey is the length of the longest idempotency key, in bytes.
const MaxIdempotencyKey = 255

// IdempotencyKey is a caller's name for one registration, by which the same caller may ask for it again (wire contract,
// Asking again). The zero value is no key.
type IdempotencyKey struct{ text string }

// NewIdempotencyKey returns text as a key, or domain.KeyInvalid where it is not 1 to MaxIdempotencyKey visible ASCII
// characters (wire contract, check 12).
func NewIdempotencyKey(text string) (IdempotencyKey, error) {
	if text == "" || len(text) > MaxIdempotencyKey {
		return IdempotencyKey{}, domain.KeyInvalid
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return IdempotencyKey{}, domain.KeyInvalid
		}
	}
	return IdempotencyKey{text}, nil
}
