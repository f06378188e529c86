package jwtauth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

func allKeys(t testing.TB) []jwtauth.Key {
	return slices.Concat(signers.secret.keys(t), signers.rsa.keys(t), signers.otherEC.keys(t), signers.ec.keys(t),
		signers.ed.keys(t))
}

// Every algorithm is accepted by its own key and among others, and refused where only others are configured.
func TestAlgorithmsComeFromTheKeys(t *testing.T) {
	all := []signer{signers.secret, signers.rsa, signers.ec, signers.otherEC, signers.ed}
	for _, s := range all {
		token := s.token(t, good)
		wantUser(t, newVerifier(t, s.keys(t), true), token, 7077)
		wantUser(t, newVerifier(t, allKeys(t), true), token, 7077)
		for _, other := range all {
			if other.algorithm != s.algorithm {
				wantRefusal(t, newVerifier(t, other.keys(t), true), token, domain.TokenInvalid, "no key is configured")
				// Signed by one key, said to be of the other's algorithm.
				lying := s.tokenUnder(`{"alg":"`+other.algorithm+`"}`, good)
				wantRefusal(t, newVerifier(t, allKeys(t), true), lying, domain.TokenInvalid, "no configured key verifies")
			}
		}
	}
	wantRefusal(t, newVerifier(t, signers.ec.keys(t), true), signers.otherEC.token(t, good), domain.TokenInvalid,
		"no configured key verifies")
}

// Whatever a header says beside alg, kid and crit changes nothing.
func TestHeadersIgnored(t *testing.T) {
	for _, header := range []string{
		`{"alg":"HS256"}`,
		`{"typ":"at+jwt","alg":"HS256","cty":"JWT"}`,
		` { "alg" : "HS256" , "ALG":"none", "Crit":["exp"] } `,
		`{"alg":"HS256","jwk":{"kty":"oct","k":""},"jku":"http://127.0.0.1:1/","x5c":["!"],"zip":"DEF"}`,
		`{"alg":"\u0048S256","x":{"a":1,"a":2}}`,
		`{"alg":"HS256","x":"\\\",}]:{[","y":1e400,"KID":7,"":[]}`,
	} {
		wantUser(t, newVerifier(t, allKeys(t), true), signers.secret.tokenUnder(header, good), 7077)
	}
}

// A token of 8 KiB to the byte is read, one byte more is not.
func TestLongestToken(t *testing.T) {
	for _, c := range []struct{ claims, token int }{{6095, 8192}, {6096, 8193}} {
		start := strings.Replace(good, "}", `,"pad":"`, 1)
		token := signers.secret.tokenUnder(`{"alg":"HS256"}`, start+strings.Repeat("x", c.claims-len(start)-2)+`"}`)
		if len(token) != c.token {
			t.Fatalf("the token is %d bytes long, want %d", len(token), c.token)
		}
		v := newVerifier(t, allKeys(t), true)
		if c.token == 8192 {
			wantUser(t, v, token, 7077)
		} else {
			wantRefusal(t, v, token, domain.TokenInvalid, "longer than 8 KiB")
		}
	}
}

func TestDates(t *testing.T) {
	const invalid, expired = domain.TokenInvalid, domain.TokenExpired
	const fine = domain.Code("")
	// The clock shows 1800000000.5, the leeway is 30 s.
	for _, c := range []struct {
		claims string // beside id
		want   domain.Code
		cause  string
	}{
		{`"exp":1800000001`, fine, ""},
		{`"exp":1799999971`, fine, ""},
		{`"exp":1799999970.500000001`, fine, ""},
		{`"exp":1799999970.5000000000000000000000000000000000001`, fine, ""},
		{`"exp":1799999970.5`, expired, ""},
		{`"exp":1799999970`, expired, ""},
		{`"exp":1`, expired, ""},
		{`"exp":0`, expired, ""},
		{`"exp":0e20`, expired, ""},
		{`"exp":0e21`, invalid, "exp is not a date"},
		{`"exp":1e-20`, expired, ""},
		{`"exp":1e-21`, invalid, "exp is not a date"},
		{`"exp":1.8000006e9`, fine, ""},
		{`"exp":1.8000006E+9`, fine, ""},
		{`"exp":18000006000e-1`, fine, ""},
		{`"exp" : 253402300799 `, fine, ""},
		{`"exp":253402300799.5`, invalid, "exp is not a date"},
		{`"exp":1800000600000000`, invalid, "exp is not a date"},
		{`"exp":9223372036854775807`, invalid, "exp is not a date"},
		{`"exp":18446744073709551616`, invalid, "exp is not a date"},
		{`"exp":1e20`, invalid, "exp is not a date"},
		{`"exp":1e400`, invalid, "exp is not a date"},
		{`"exp":1e999999999`, invalid, "exp is not a date"},
		{`"exp":1e-999999999`, invalid, "exp is not a date"},
		{`"exp":1e99999999999999999999`, invalid, "exp is not a date"},
		{`"exp":-1`, invalid, "exp is not a date"},
		{`"exp":-1800000600`, invalid, "exp is not a date"},
		{`"exp":"1800000600"`, invalid, "exp is not a date"},
		{`"exp":"NaN"`, invalid, "exp is not a date"},
		{`"exp":""`, invalid, "exp is not a date"},
		{`"exp":true`, invalid, "exp is not a date"},
		{`"exp":false`, invalid, "exp is not a date"},
		{`"exp":[1800000600]`, invalid, "exp is not a date"},
		{`"exp":{}`, invalid, "exp is not a date"},
		{`"exp":null`, invalid, "no exp"},
		{`"EXP":1800000600`, invalid, "no exp"},
		{`"aud":"omarty"`, invalid, "no exp"},
		{`"exp":1800000600,"exp":1800000600`, invalid, "twice"},
		{`"exp":1,"exp":1`, invalid, "twice"},
		{`"exp":1800000600,"\u0065xp":1`, invalid, "twice"},

		{`"exp":1800000600,"nbf":1800000030`, fine, ""},
		{`"exp":1800000600,"nbf":1800000030.5`, fine, ""},
		{`"exp":1800000600,"nbf":1800000030.500000001`, invalid, "nbf is in the future"},
		{`"exp":1800000600,"nbf":1800000031`, invalid, "nbf is in the future"},
		{`"exp":1800000600,"nbf":0`, fine, ""},
		{`"exp":1800000600,"nbf":null`, fine, ""},
		{`"exp":1800000600,"nbf":-1`, invalid, "nbf is not a date"},
		{`"exp":1800000600,"nbf":1e400`, invalid, "nbf is not a date"},
		{`"exp":1800000600,"nbf":"1"`, invalid, "nbf is not a date"},
		{`"exp":1800000600,"nbf":[]`, invalid, "nbf is not a date"},
		{`"exp":1800000600,"nbf":1,"nbf":1`, invalid, "twice"},

		{`"exp":1800000600,"iat":1799990000`, fine, ""},
		{`"exp":1800000600,"iat":1800000030.5`, fine, ""},
		{`"exp":1800000600,"iat":1800000030.500000001`, invalid, "iat is in the future"},
		{`"exp":1800000600,"iat":1800000031`, invalid, "iat is in the future"},
		{`"exp":1800000600,"iat":null`, fine, ""},
		{`"exp":1800000600,"iat":-1`, invalid, "iat is not a date"},
		{`"exp":1800000600,"iat":1e400`, invalid, "iat is not a date"},
		{`"exp":1800000600,"iat":"LEAK"`, invalid, "iat is not a date"},
		{`"exp":1800000600,"iat":true`, invalid, "iat is not a date"},

		// Expired comes first.
		{`"exp":1,"nbf":1900000000`, expired, ""},
		{`"exp":1,"iat":1900000000`, expired, ""},
		{`"exp":1,"nbf":"LEAK"`, expired, ""},
		{`"exp":1,"iat":1e400`, expired, ""},
		{`"exp":1,"sub":8`, expired, ""},
		{`"exp":1,"id":7077`, expired, ""},
		{`"exp":1,"nbf":1,"nbf":2`, expired, ""},
	} {
		t.Run(c.claims, func(t *testing.T) {
			v, token := newVerifier(t, allKeys(t), true), signers.secret.token(t, `{"id":7077,`+c.claims+`}`)
			if c.want == fine {
				wantUser(t, v, token, 7077)
			} else {
				wantRefusal(t, v, token, c.want, c.cause)
			}
		})
	}
}

func TestExpiryNotRequired(t *testing.T) {
	v := newVerifier(t, signers.secret.keys(t), false)
	for _, claims := range []string{`{"id":7077}`, `{"id":7077,"exp":null}`, good} {
		wantUser(t, v, signers.secret.token(t, claims), 7077)
	}
	for claims, want := range map[string]domain.Code{
		`{"id":7077,"exp":1799999970}`:   domain.TokenExpired,
		`{"exp":1799999970}`:             domain.TokenExpired,
		`{"id":7077,"exp":"1800000600"}`: domain.TokenInvalid,
		`{"id":7077,"nbf":1800000031}`:   domain.TokenInvalid,
		`{}`:                             domain.TokenInvalid,
	} {
		wantRefusal(t, v, signers.secret.token(t, claims), want, "")
	}
}

func TestUsers(t *testing.T) {
	for _, c := range []struct {
		claims string // beside exp
		user   domain.UserID
		cause  string
	}{
		{`"id":1`, 1, ""},
		{`"id": 7 `, 7, ""},
		{`"id":"7"`, 7, ""},
		{`"id":"007"`, 7, ""},
		{`"id":"\u0037"`, 7, ""},
		{`"id":9007199254740993`, 9007199254740993, ""},
		{`"id":"9007199254740993"`, 9007199254740993, ""},
		{`"id":9223372036854775807`, 9223372036854775807, ""},
		{`"id":"9223372036854775807"`, 9223372036854775807, ""},
		{`"sub":"7"`, 7, ""},
		{`"sub":7`, 7, ""},
		{`"sub":"9007199254740993"`, 9007199254740993, ""},
		{`"id":null,"sub":"7"`, 7, ""},
		{`"id":7,"sub":null`, 7, ""},
		{`"id":7,"sub":"7"`, 7, ""},
		{`"id":"7","sub":"007"`, 7, ""},
		{`"sub":"7","id":7,"ID":8,"Sub":"9"`, 7, ""},

		{`"name":"LEAK"`, 0, "neither id nor sub"},
		{`"id":null,"sub":null`, 0, "neither id nor sub"},
		{`"ID":7,"Id":7,"SUB":"7"`, 0, "neither id nor sub"},
		{`"id":7,"sub":"8"`, 0, "different users"},
		{`"id":9007199254740993,"sub":"9007199254740992"`, 0, "different users"},
		{`"id":7,"id":7`, 0, "twice"},
		{`"id":7,"id":8`, 0, "twice"},
		{`"id":7,"\u0069d":8`, 0, "twice"},
		{`"id":null,"id":7`, 0, "twice"},
		{`"sub":"7","sub":"7"`, 0, "twice"},
		{`"id":7,"iss":"a","iss":"b"`, 0, "twice"},
		{`"id":0`, 0, notID},
		{`"id":-0`, 0, notID},
		{`"id":-7`, 0, notID},
		{`"id":"0"`, 0, notID},
		{`"id":"-7"`, 0, notID},
		{`"id":"+7"`, 0, notID},
		{`"id":" 7"`, 0, notID},
		{`"id":"7 "`, 0, notID},
		{`"id":"7\n"`, 0, notID},
		{`"id":"7\u0000"`, 0, notID},
		{`"id":"7.0"`, 0, notID},
		{`"id":"7e0"`, 0, notID},
		{`"id":"0x7"`, 0, notID},
		{`"id":"1_0"`, 0, notID},
		{`"id":"7a7"`, 0, notID},
		{`"id":"٧"`, 0, notID},
		{`"id":"７"`, 0, notID},
		{`"id":""`, 0, notID},
		{`"id":"\ud800"`, 0, notID},
		{`"id":7.0`, 0, notID},
		{`"id":7.5`, 0, notID},
		{`"id":7e0`, 0, notID},
		{`"id":1e400`, 0, notID},
		{`"id":1e-400`, 0, notID},
		{`"id":9223372036854775808`, 0, notID},
		{`"id":18446744073709551623`, 0, notID},
		{`"id":"9223372036854775808"`, 0, notID},
		{`"id":` + strings.Repeat("9", 4000), 0, notID},
		{`"id":true,"sub":"7"`, 0, notID},
		{`"id":false,"sub":"7"`, 0, notID},
		{`"id":[7],"sub":"7"`, 0, notID},
		{`"id":{"id":7},"sub":"7"`, 0, notID},
		{`"id":{},"sub":"7"`, 0, notID},
		{`"id":"","sub":"7"`, 0, notID},
		{`"id":0,"sub":"7"`, 0, notID},
		{`"id":"LEAK","sub":"7"`, 0, notID},
		{`"sub":"LEAK"`, 0, notSub},
		{`"sub":0`, 0, notSub},
		{`"sub":[]`, 0, notSub},
		{`"id":7,"sub":"LEAK"`, 0, notSub},
		{`"id":7,"sub":""`, 0, notSub},
		{`"id":7,"sub":-7`, 0, notSub},
		{`"id":7,"sub":true`, 0, notSub},
	} {
		t.Run(fmt.Sprintf("%.40s", c.claims), func(t *testing.T) {
			v, token := newVerifier(t, allKeys(t), true), signers.secret.token(t, `{"exp":1800000600,`+c.claims+`}`)
			if c.user != 0 {
				wantUser(t, v, token, c.user)
			} else {
				wantRefusal(t, v, token, domain.TokenInvalid, c.cause)
			}
			late := signers.secret.token(t, `{"exp":1799999970,`+c.claims+`}`)
			wantRefusal(t, v, late, domain.TokenExpired, "")
		})
	}
}

func TestUserAtOnce(t *testing.T) {
	v := newVerifier(t, allKeys(t), true)
	all := []signer{signers.secret, signers.rsa, signers.ec, signers.ed}
	var wait sync.WaitGroup
	for i := range 32 {
		s := all[i%len(all)]
		claims := fmt.Sprintf(`{"id":%d,"exp":1800000600}`, i+1)
		wait.Go(func() { wantUser(t, v, s.token(t, claims), domain.UserID(i+1)) })
	}
	wait.Wait()
}

func TestMint(t *testing.T) {
	v := newVerifier(t, signers.secret.keys(t), true)
	for _, user := range []domain.UserID{1, 7077, 9007199254740993, 9223372036854775807} {
		token, err := jwtauth.Mint(secret, user, time.Second, now)
		if err != nil {
			t.Fatal(err)
		}
		wantUser(t, v, token, user)
		// To the byte: any reader of tokens finds a number in id, and times in whole seconds.
		want := signers.secret.token(t, fmt.Sprintf(`{"exp":1800000001,"iat":1800000000,"id":%d}`, user))
		if token != want {
			t.Errorf("minted %s, want %s", token, want)
		}
	}
	for _, c := range []struct {
		name   string
		secret []byte
		user   domain.UserID
		ttl    time.Duration
		errHas string
	}{
		{"short secret", secret[:31], 7, time.Hour, "31 bytes"},
		{"no secret", nil, 7, time.Hour, "0 bytes"},
		{"user 0", secret, 0, time.Hour, "user must be above 0"},
		{"user below 0", secret, -7, time.Hour, "user must be above 0"},
		{"no time to live", secret, 7, 0, "a second or longer"},
		{"less than a second to live", secret, 7, time.Second - 1, "a second or longer"},
		{"negative time to live", secret, 7, -time.Hour, "a second or longer"},
	} {
		token, err := jwtauth.Mint(c.secret, c.user, c.ttl, now)
		if token != "" || err == nil || !strings.Contains(err.Error(), c.errHas) {
			t.Errorf("%s: got %q, %v, want an error with %q", c.name, token, err, c.errHas)
		}
	}
}

// FuzzUser tries token as it is, and claims under a good signature.
func FuzzUser(f *testing.F) {
	f.Add(signers.secret.token(f, good), good)
	f.Add(signers.ed.token(f, good), `{"sub":"7","nbf":1,"iat":1.5e9}`)
	f.Add(segment(`{"alg":"none"}`)+"."+segment(good)+".", `{"id":7,"sub":"8"}`)
	f.Add(signers.secret.tokenUnder(`{"alg":"HS256","crit":["exp"]}`, good), `{"exp":1}`)
	f.Add("..", `{"id":9223372036854775808,"exp":1e400}`)
	f.Add("a.b.c\n", `{"id":"\ud800","id":[[[{}]]],"exp":null}`)
	f.Add("", `null`)
	f.Add(signers.otherSecret.tokenUnder(`{"alg":"HS256","kid":"2026"}`, good), `{"id":7,"iss":"\"}]","aud":["omarty",{"a":[]}]}`)
	for _, a := range slices.Concat(headerAttacks(f), kidAttacks(f), signatureAttacks(f), claimAttacks(f)) {
		if len(a.token) <= jwtauth.MaxTokenLength {
			f.Add(a.token, "")
		}
	}
	named := must(must(jwtauth.NewSecret(otherSecret)).WithID("2026"))
	v := newVerifier(f, append(allKeys(f), named), false)
	f.Fuzz(func(t *testing.T, token, claims string) {
		for _, text := range []string{token, signers.secret.token(t, claims)} {
			user, err := v.User(text)
			if err == nil && (user <= 0 || len(text) > jwtauth.MaxTokenLength) {
				t.Errorf("accepted as user %d: %q", user, text)
			}
			if err != nil && (user != 0 || errors.Is(err, domain.TokenInvalid) == errors.Is(err, domain.TokenExpired)) {
				t.Errorf("got %d, %v for %q", user, err, text)
			}
		}
	})
}

// A token costs little, with as many keys as there are and all that a verifier can ask for.
func TestUserAllocatesLittle(t *testing.T) {
	v, token := guarded(t), signers.secret.token(t, claimsBut("", `"nbf":1700000000.5,"iat":1700000000,"sub":"7077"`))
	if allocations := testing.AllocsPerRun(100, func() { wantUser(t, v, token, 7077) }); allocations > 45 {
		t.Errorf("%v allocations, want 45 or fewer", allocations)
	}
}

func BenchmarkUser(b *testing.B) {
	v, token := newVerifier(b, signers.secret.keys(b), true), must(jwtauth.Mint(secret, 7077, time.Hour, now))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.User(token); err != nil {
			b.Fatal(err)
		}
	}
}
