package jwtauth_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

// withID puts every key under the one id.
func withID(id string, keys []jwtauth.Key) []jwtauth.Key {
	named := slices.Clone(keys)
	for i := range named {
		named[i] = must(named[i].WithID(id))
	}
	return named
}

func TestWithID(t *testing.T) {
	for _, c := range []struct{ id, errHas string }{
		{"k", ""},
		{" 2026/07 ключ\x00\n", ""},
		{strings.Repeat("k", 256), ""},
		{"", "has 0 bytes: supply 1 to 256"},
		{strings.Repeat("k", 257), "has 257 bytes: supply 1 to 256"},
		{strings.Repeat("é", 129), "has 258 bytes: supply 1 to 256"},
		{"k\xff", "not text in UTF-8"},
		{"k\ufffd", "not text in UTF-8"},
	} {
		key := signers.secret.keys(t)[0]
		named, err := key.WithID(c.id)
		checkKeyError(t, err, c.errHas)
		if _, err := jwtauth.NewVerifier([]jwtauth.Key{named}, true, clock); (err != nil) != (c.errHas != "") {
			t.Errorf("%q: the key returned is usable or not: %v", c.id, err)
		}
		// The key that it was made from is as it was.
		wantUser(t, newVerifier(t, []jwtauth.Key{key}, true), signers.secret.token(t, good), 7077)
	}
}

// The id chooses among keys, in each algorithm by itself.
func TestKeysByID(t *testing.T) {
	const fine, unknown, forged = "", "under its kid", "no configured key verifies"
	v := newVerifier(t, slices.Concat(
		withID("a", signers.secret.keys(t)), withID("b", signers.otherSecret.keys(t)),
		withID("a", signers.ec.keys(t)), withID("A", signers.otherEC.keys(t)), withID("ключ", signers.rsa.keys(t)),
		signers.otherEC.keys(t), signers.ed.keys(t), signers.ed.keys(t),
	), true)
	for _, c := range []struct {
		by    signer
		kid   string // beside alg
		cause string
	}{
		{signers.secret, `,"kid":"a"`, fine},
		{signers.secret, `,"kid":"\u0061"`, fine},
		{signers.otherSecret, `,"kid":"b"`, fine},
		{signers.ec, `,"kid":"a"`, fine},
		{signers.otherEC, `,"kid":"A"`, fine},
		{signers.otherEC, ``, fine},
		{signers.rsa, `,"kid":"ключ"`, fine},
		{signers.rsa, `,"kid":"\u043a\u043b\u044e\u0447"`, fine},
		{signers.ed, ``, fine},
		{signers.secret, `,"kid":"b"`, forged},
		{signers.otherSecret, `,"kid":"a"`, forged},
		{signers.ec, `,"kid":"A"`, forged},
		{signers.ec, ``, forged},
		{signers.secret, ``, unknown},
		{signers.rsa, ``, unknown},
		{signers.rsa, `,"kid":"a"`, unknown},
		{signers.ed, `,"kid":"a"`, unknown},
	} {
		t.Run(c.by.algorithm+c.kid+c.cause, func(t *testing.T) {
			token := c.by.tokenUnder(`{"alg":"`+c.by.algorithm+`"`+c.kid+`}`, good)
			if c.cause == fine {
				wantUser(t, v, token, 7077)
			} else {
				wantRefusal(t, v, token, domain.TokenInvalid, c.cause)
			}
		})
	}
}

// Keys that are refused leave those of before.
func TestKeysRefused(t *testing.T) {
	token := signers.secret.token(t, good)
	v := newVerifier(t, signers.secret.keys(t), true)
	for _, c := range []struct {
		name   string
		keys   []jwtauth.Key
		errHas string
	}{
		{"an empty one", []jwtauth.Key{{}}, "one of the keys is empty: use"},
		{"a good one and an empty one", append(signers.ed.keys(t), jwtauth.Key{}), "one of the keys is empty: use"},
		{"an empty one with an id", withID("a", []jwtauth.Key{{}}), "one of the keys is empty: use"},
		{"an id twice", withID("a", slices.Concat(signers.ec.keys(t), signers.otherEC.keys(t))), `two ES256 keys have the id (kid) "a"`},
		{"a key twice", withID("a", slices.Concat(signers.ec.keys(t), signers.ec.keys(t))), `two ES256 keys have the id (kid) "a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			made, err := jwtauth.NewVerifier(c.keys, true, clock)
			checkKeyError(t, err, c.errHas)
			if made != nil {
				t.Error("a verifier came with the error")
			}
			checkKeyError(t, v.SetKeys(c.keys), c.errHas)
			wantUser(t, v, token, 7077)
			wantRefusal(t, v, signers.ed.token(t, good), domain.TokenInvalid, noKey)
		})
	}
}

// Without a key every token is refused, and with the next one accepted.
func TestWithoutAKey(t *testing.T) {
	token := signers.secret.token(t, good)
	v := newVerifier(t, nil, true)
	wantRefusal(t, v, token, domain.TokenInvalid, "no key is configured")
	for _, keys := range [][]jwtauth.Key{signers.secret.keys(t), must(jwtauth.ParseJWKS([]byte(`{"keys":[]}`)))} {
		if err := v.SetKeys(keys); err != nil {
			t.Fatal(err)
		}
		if len(keys) == 0 {
			wantRefusal(t, v, token, domain.TokenInvalid, "no key is configured")
		} else {
			wantUser(t, v, token, 7077)
		}
	}
}

func TestSetKeys(t *testing.T) {
	v := newVerifier(t, slices.Concat(signers.secret.keys(t), signers.rsa.keys(t)), true)
	given := slices.Concat(signers.ed.keys(t), withID("a", signers.otherSecret.keys(t)))
	if err := v.SetKeys(given); err != nil {
		t.Fatal(err)
	}
	clear(given)
	wantUser(t, v, signers.ed.token(t, good), 7077)
	wantUser(t, v, signers.otherSecret.tokenUnder(`{"alg":"HS256","kid":"a"}`, good), 7077)
	wantRefusal(t, v, signers.secret.token(t, good), domain.TokenInvalid, noSuchKey)
	wantRefusal(t, v, signers.rsa.token(t, good), domain.TokenInvalid, noKey)
}

// Under load each token is judged by one set of keys: one that all sets verify is never refused, one that none does never
// accepted, and refused sets change nothing.
func TestSetKeysUnderLoad(t *testing.T) {
	sets := [][]jwtauth.Key{
		slices.Concat(withID("a", signers.secret.keys(t)), signers.otherSecret.keys(t), signers.ed.keys(t)),
		slices.Concat(signers.otherSecret.keys(t), withID("b", signers.secret.keys(t)), withID("a", signers.secret.keys(t))),
	}
	v := newVerifier(t, sets[0], true)
	always := []string{signers.otherSecret.token(t, good), signers.secret.tokenUnder(`{"alg":"HS256","kid":"a"}`, good)}
	never := []string{signers.secret.token(t, good), signers.otherSecret.tokenUnder(`{"alg":"HS256","kid":"a"}`, good)}
	sometimes := signers.secret.tokenUnder(`{"alg":"HS256","kid":"b"}`, good)
	var wait sync.WaitGroup
	var verified atomic.Int64
	done := make(chan struct{})
	for range 8 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				for i := range always {
					wantUser(t, v, always[i], 7077)
					if user, err := v.User(never[i]); err == nil {
						t.Errorf("accepted as user %d", user)
					}
				}
				_, _ = v.User(sometimes)
				verified.Add(1)
			}
		})
	}
	for i := 0; i < 1000 || verified.Load() < 500; i++ {
		if err := v.SetKeys(sets[i%2]); err != nil {
			t.Error(err)
		}
		if v.SetKeys([]jwtauth.Key{{}}) == nil {
			t.Error("an empty key was taken")
		}
	}
	close(done)
	wait.Wait()
}
