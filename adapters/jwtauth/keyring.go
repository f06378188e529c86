package jwtauth

import (
	"errors"
	"fmt"
)

// keyring has the keys of a verifier by what a token's header names.
type keyring map[keyName][]Key

// keyName is an algorithm and an id, "" for the keys without one.
type keyName struct{ algorithm, id string }

// newKeyring returns an error for a key that no constructor made, and for an id that two keys of an algorithm have.
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

// find returns the keys that a token may be tried against, at least one, or a reason.
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
