package jwtauth_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/jwtauth"
)

// A token that a secret of a set signs passes the keys of that set, under its id alone.
func TestMintWithSet(t *testing.T) {
	k := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	set := fmt.Appendf(nil, `{"keys":[{"kty":"oct","k":%[1]q},{"kty":"oct","kid":"enc","use":"enc","k":%[1]q},{"kty":"oct","kid":"a","k":%[1]q}]}`, k)
	keys, err := jwtauth.ParseJWKS(set)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := jwtauth.NewVerifier(keys[1:], true, time.Now) // without the one that has no id
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwtauth.MintWithSet(set, "a", 7, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if user, err := verifier.User(token); user != 7 || err != nil {
		t.Errorf("user %d, %v", user, err)
	}
	for id, want := range map[string]string{"b": `"b": it has "", "a"`, "": `"": it has "", "a"`, "enc": `"enc": it has "", "a"`} {
		if _, err := jwtauth.MintWithSet(set, id, 7, time.Hour, time.Now()); err == nil || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), k) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, none := range []string{"{", `{"keys":[]}`, `{"keys":[{"kty":"oct","kid":"a","k":"short"}]}`} {
		if _, err := jwtauth.MintWithSet([]byte(none), "a", 7, time.Hour, time.Now()); err == nil {
			t.Errorf("%s: minted", none)
		}
	}
	if _, err := jwtauth.MintWithSet(set, "a", 0, time.Hour, time.Now()); err == nil {
		t.Error("minted for no user")
	}
}
