package jwtauth

import (
	"fmt"
	"math/big"
)

// jwk is one key of a set and the members that it is read from. The methods that read members keep the first fault in err;
// what they return with a fault is not used.
type jwk struct {
	Key
	members object
	err     error
}

func (j *jwk) fail(format string, args ...any) {
	if j.err == nil {
		j.err = fmt.Errorf(format, args...)
	}
}

// text reads a member that is a string.
func (j *jwk) text(name string) (text string, found bool) {
	value, found := j.members[name]
	text, isText := readText(value)
	if found && !isText {
		j.fail("its %s is not a text", name)
	}
	return text, found
}

// base64URL reads a member that is bytes in base64url. The member is required.
func (j *jwk) base64URL(name string) []byte {
	text, found := j.text(name)
	if !found {
		j.fail("it has no %s", name)
	}
	decoded, ok := decodeSegment(text)
	if !ok {
		j.fail("its %s is not in base64url without padding", name)
	}
	return decoded
}

// bytes is base64URL for a value of a fixed length.
func (j *jwk) bytes(name string, length int) []byte {
	decoded := j.base64URL(name)
	if len(decoded) != length {
		j.fail("its %s is %d bytes long, not %d", name, len(decoded), length)
	}
	return decoded
}

// unsigned reads a number above 0. Leading zeros are refused (RFC 7518, section 2, Base64urlUInt).
func (j *jwk) unsigned(name string) *big.Int {
	decoded := j.base64URL(name)
	if len(decoded) == 0 || decoded[0] == 0 {
		j.fail("its %s is empty or starts with a zero", name)
	}
	return new(big.Int).SetBytes(decoded)
}
