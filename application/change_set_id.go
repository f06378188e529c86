package application

import (
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- UUIDv5 is defined by SHA-1; it names, it does not protect
	"strconv"

	"omarty.net/registry/domain"
)

// UUIDv7 draws change set ids as UUIDs of version 7 (RFC 9562, section 5.7): the clock's milliseconds, then randomness,
// so that ids of a later millisecond sort later, and ids of one time stand together in an index.
func UUIDv7(clock Clock) NewChangeSetID {
	return func() domain.ChangeSetID {
		var id domain.ChangeSetID
		_, _ = rand.Read(id[6:]) // never fails: without randomness it ends the program
		millis := clock().UnixMilli()
		for i := range 6 {
			id[i] = byte(millis >> (40 - 8*i)) // #nosec G115 -- one byte of it is what is wanted
		}
		return stamped(id, 7)
	}
}

// keyNamespace is the UUID namespace of ids that are derived from idempotency keys. It is part of what is stored: with
// another one, no earlier key would be known again.
const keyNamespace = "omartyN\x8b\x9d1regkey"

// changeSetIDFor derives the change set id that a user's idempotency key stands for, a UUID of version 5 (RFC 9562,
// section 5.5) over the user, a NUL and the key. The NUL, which no key has, keeps user 1 with key "2k" apart from user 12
// with key "k".
func changeSetIDFor(user domain.UserID, key IdempotencyKey) domain.ChangeSetID {
	name := strconv.FormatInt(int64(user), 10) + "\x00" + key.text
	sum := sha1.Sum([]byte(keyNamespace + name)) // #nosec G401 -- as above
	return stamped(domain.ChangeSetID(sum[:16]), 5)
}

// stamped sets the version and variant bits of a UUID.
func stamped(id domain.ChangeSetID, version byte) domain.ChangeSetID {
	id[6] = id[6]&0x0f | version<<4
	id[8] = id[8]&0x3f | 0x80
	return id
}
