package application

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // UUIDv5 is defined by SHA-1; it names, it does not protect
	"fmt"
	"strconv"

	"omarty.net/registry/domain"
)

// UUIDv7 draws registration ids as UUIDs of version 7 (RFC 9562, section 5.7): the clock's milliseconds, then randomness,
// so that ids drawn later sort later and stay together in an index.
func UUIDv7(clock Clock) NewRegistrationID {
	return func() (domain.RegistrationID, error) {
		var id domain.RegistrationID
		if _, err := rand.Read(id[6:]); err != nil {
			return domain.RegistrationID{}, fmt.Errorf("draw a registration id: %w", err)
		}
		millis := clock().UnixMilli()
		for i := range 6 {
			id[i] = byte(millis >> (40 - 8*i))
		}
		return stamped(id, 7), nil
	}
}

// keyNamespace is the UUID namespace of ids that are derived from idempotency keys. It is part of what is stored: with
// another one, no earlier key would be known again.
var keyNamespace = [16]byte{0x6f, 0x6d, 0x61, 0x72, 0x74, 0x79, 0x4e, 0x8b, 0x9d, 0x31, 0x72, 0x65, 0x67, 0x6b, 0x65, 0x79}

// registrationIDFor derives the registration id that a user's idempotency key stands for, a UUID of version 5 (RFC 9562,
// section 5.5) over the user, a NUL and the key. The NUL, which no key has, keeps user 1 with key "2k" apart from user 12
// with key "k".
func registrationIDFor(user domain.UserID, key IdempotencyKey) domain.RegistrationID {
	name := append(keyNamespace[:], strconv.FormatInt(int64(user), 10)...)
	name = append(name, 0)
	name = append(name, key.text...)
	sum := sha1.Sum(name) //nolint:gosec // as above
	return stamped(domain.RegistrationID(sum[:16]), 5)
}

// stamped sets the version and variant bits of a UUID.
func stamped(id domain.RegistrationID, version byte) domain.RegistrationID {
	id[6] = id[6]&0x0f | version<<4
	id[8] = id[8]&0x3f | 0x80
	return id
}
