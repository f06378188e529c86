package jwtauth

import (
	"errors"
	"fmt"
)

// keyring has the keys of a verifier by algorithm and id.
type keyring map[keyName][]Key

// keyName is an algorithm and an id, which is "" for keys without one.
type keyName struct{ algorithm, id string }

// newKeyring returns an error for a zero Key, and for two keys of one algorithm with the same id.
func newKeyring(keys []Key) (keyring, error) {
	ring := keyring{}
	for _, key := range keys {
		if key.verifies == nil {
			return nil, errors.New("one of the keys is empty: use NewSecret, ParsePublicKeys or ParseJWKS")
		}
		name := keyName{key.algorithm, key.id}
		if key.id != "" && ring[name] != nil {
			return nil, fmt.Errorf("two %s keys have the id (kid) %q: give each its own", key.algorithm, key.id)
		}
		ring[name] = append(ring[name], key)
	}
	return ring, nil
}

// find returns the keys that may verify a token, at least one, or a reason.
func (r keyring) find(name keyName) ([]Key, error) {
	if keys := r[name]; keys != nil {
		return keys, nil
	}
	if len(r) == 0 {
		return nil, noKeys
	}
	for other := range r {
		if other.algorithm == name.algorithm {
			return nil, noSuchKey
		}
	}
	return nil, unsupported
}
