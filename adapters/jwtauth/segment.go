package jwtauth

import (
	"encoding/base64"
	"strings"
)

// strictBase64URL requires the unused bits of the last character to be 0, so that bytes have one encoding.
var strictBase64URL = base64.RawURLEncoding.Strict()

// decodeSegment decodes base64url without padding (RFC 7515, section 2), and accepts nothing else.
func decodeSegment(text string) ([]byte, bool) {
	// Even the strict decoder skips line breaks.
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	decoded, err := strictBase64URL.DecodeString(text)
	return decoded, err == nil
}

// readSegment reads a JSON object in base64url, or returns a reason.
func readSegment(segment string) (object, error) {
	text, ok := decodeSegment(segment)
	if !ok {
		return nil, malformed
	}
	return readObject(text)
}
