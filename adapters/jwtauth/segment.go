package jwtauth

import (
	"encoding/base64"
	"strings"
)

// strictBase64URL wants the unused bits of the last character to be 0, so that bytes have one spelling.
var strictBase64URL = base64.RawURLEncoding.Strict()

// decodeSegment reads base64url without padding (RFC 7515, section 2), exactly.
func decodeSegment(text string) ([]byte, bool) {
	// The decoder skips line breaks, even the strict one.
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	decoded, err := strictBase64URL.DecodeString(text)
	return decoded, err == nil
}
