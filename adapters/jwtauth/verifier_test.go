package jwtauth_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
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

func TestForgedTokens(t *testing.T) {
	rsaPEM := signers.rsa.publicPEM(t)
	hs := signers.secret
	header := `{"alg":"HS256"}`
	token := hs.token(t, good)
	parts := strings.Split(token, ".")
	unsigned := parts[0] + "." + parts[1]
	// The last of 43 characters has two bits that no byte needs.
	last := strings.IndexByte(base64URL, token[len(token)-1])
	trailingBits := token[:len(token)-1] + string(base64URL[last|1])
	longer := strings.Replace(good, "}", `,"pad":"`+strings.Repeat("x", 8192)+`"}`, 1)
	expired := `{"id":7077,"exp":1}`
	for _, c := range []struct{ name, token, cause string }{
		{"empty", "", "not three segments"},
		{"one segment", parts[0], "not three segments"},
		{"two segments", unsigned, "not three segments"},
		{"four segments", token + ".", "not three segments"},
		{"five segments, as encrypted ones have", token + "." + parts[2] + "." + parts[2], "not three segments"},
		{"a scheme in front", "Bearer " + token, "not three segments"},
		{"none", segment(`{"alg":"none"}`) + "." + parts[1] + ".", "no key is configured"},
		{"none, signed", hs.tokenUnder(`{"alg":"none"}`, good), "no key is configured"},
		{"None", hs.tokenUnder(`{"alg":"None"}`, good), "no key is configured"},
		{"NONE", hs.tokenUnder(`{"alg":"NONE"}`, good), "no key is configured"},
		{"algorithm in small letters", hs.tokenUnder(`{"alg":"hs256"}`, good), "no key is configured"},
		{"algorithm with a space", hs.tokenUnder(`{"alg":"HS256 "}`, good), "no key is configured"},
		{"Alg for alg", hs.tokenUnder(`{"Alg":"HS256"}`, good), "no key is configured"},
		{"no algorithm", hs.tokenUnder(`{"typ":"JWT"}`, good), "no key is configured"},
		{"algorithm null", hs.tokenUnder(`{"alg":null}`, good), "no key is configured"},
		{"algorithm in a list", hs.tokenUnder(`{"alg":["HS256"]}`, good), "no key is configured"},
		{"HS512", unsignedWith("HS512") + "." + segment(hs512(unsignedWith("HS512"))), "no key is configured"},
		{"HS384", hs.tokenUnder(`{"alg":"HS384"}`, good), "no key is configured"},
		{"PS256", signers.rsa.tokenUnder(`{"alg":"PS256"}`, good), "no key is configured"},
		{"ES384", signers.ec.tokenUnder(`{"alg":"ES384"}`, good), "no key is configured"},
		{"public key as the secret", hmacSigner(rsaPEM).token(t, good), "no configured key verifies"},
		{"public key as the secret, trimmed", hmacSigner(bytes.TrimSpace(rsaPEM)).token(t, good), "no configured key verifies"},
		{"empty secret", hmacSigner(nil).token(t, good), "no configured key verifies"},
		{"key in the header", hmacSigner([]byte("theirs")).tokenUnder(
			`{"alg":"HS256","jwk":{"kty":"oct","k":"dGhlaXJz"},"jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/",`+
				`"kid":"../../../dev/null"}`, good), "no configured key verifies"},
		{"empty signature", unsigned + ".", "no configured key verifies"},
		{"short signature", token[:len(token)-3], "no configured key verifies"},
		{"longer signature", token + "AAAA", "no configured key verifies"},
		{"other signature", unsigned + "." + segment(strings.Repeat("\x00", 32)), "no configured key verifies"},
		{"ES256 signature of zeros", segment(`{"alg":"ES256"}`) + "." + parts[1] + "." + segment(strings.Repeat("\x00", 64)),
			"no configured key verifies"},
		{"other claims", parts[0] + "." + segment(`{"id":8,"exp":1800000600}`) + "." + parts[2], "no configured key verifies"},
		{"other header", segment(`{"alg":"HS256","typ":"jwt"}`) + "." + parts[1] + "." + parts[2],
			"no configured key verifies"},
		{"expired, and not genuine", hmacSigner(rsaPEM).token(t, expired), "no configured key verifies"},
		{"expired, unsigned", segment(`{"alg":"none"}`) + "." + segment(expired) + ".", "no key is configured"},
		{"padding in the signature", token + "=", "not three segments"},
		{"padding, signed over", hs.signed(segment(`{"alg":"HS256"} `) + "=." + parts[1]), "not three segments"},
		{"newline at the end", token + "\n", "not three segments"},
		{"newline in the signature", token[:len(token)-5] + "\r\n" + token[len(token)-5:], "not three segments"},
		{"newline, signed over", hs.signed(parts[0] + "." + parts[1][:8] + "\n" + parts[1][8:]), "not three segments"},
		{"spaces around it", " " + token + " ", "not three segments"},
		{"trailing bits", trailingBits, "not three segments"},
		{"base64 of the other alphabet", hs.signed(parts[0] + "." + segment(good[:len(good)-1]) + "+/"), "not three segments"},
		{"a NUL", token + "\x00", "not three segments"},
		{"crit", hs.tokenUnder(`{"alg":"HS256","crit":["exp"]}`, good), "crit"},
		{"crit empty", hs.tokenUnder(`{"alg":"HS256","crit":[]}`, good), "crit"},
		{"crit null", hs.tokenUnder(`{"alg":"HS256","crit":null}`, good), "crit"},
		{"crit b64", hs.tokenUnder(`{"alg":"HS256","b64":false,"crit":["b64"]}`, good), "crit"},
		{"algorithm twice", hs.tokenUnder(`{"alg":"none","alg":"HS256"}`, good), "twice"},
		{"algorithm twice, escaped", hs.tokenUnder(`{"alg":"HS256","\u0061lg":"HS256"}`, good), "twice"},
		{"kid twice", hs.tokenUnder(`{"alg":"HS256","kid":"a","kid":"b"}`, good), "twice"},
		{"header cut short", hs.tokenUnder(`{"alg":"HS256"`, good), "not three segments"},
		{"header empty", hs.tokenUnder(``, good), "not three segments"},
		{"header null", hs.tokenUnder(`null`, good), "no key is configured"},
		{"header a list", hs.tokenUnder(`["HS256"]`, good), "not three segments"},
		{"header with a number beyond all", hs.tokenUnder(`{"alg":"HS256","LEAK":1e400}`, good), "not three segments"},
		{"claims cut short", hs.tokenUnder(header, `{"id":7077,`), "not three segments"},
		{"claims followed by more", hs.tokenUnder(header, good+good), "not three segments"},
		{"claims empty", hs.tokenUnder(header, ``), "not three segments"},
		{"claims in single quotes", hs.tokenUnder(header, `{'id':7077}`), "not three segments"},
		{"claims null", hs.tokenUnder(header, `null`), "not an object"},
		{"claims a list", hs.tokenUnder(header, `[{"id":7077,"exp":1800000600}]`), "not an object"},
		{"claims a text", hs.tokenUnder(header, `"LEAK"`), "not an object"},
		{"claims a number", hs.tokenUnder(header, `7077`), "not an object"},
		{"claims nested deep", hs.tokenUnder(header, strings.Repeat("[", 6000)), "not three segments"},
		{"claims nested deep and closed", hs.tokenUnder(header,
			`{"id":7077,"exp":1800000600,"id":`+strings.Repeat("[", 2500)+strings.Repeat("]", 2500)+`}`), "twice"},
		{"over 8 KiB, genuine", hs.tokenUnder(header, longer), "longer than 8 KiB"},
		{"a megabyte of dots", strings.Repeat(".", 1<<20), "longer than 8 KiB"},
		{"8 KiB of dots", strings.Repeat(".", 8192), "not three segments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRefusal(t, newVerifier(t, allKeys(t), true), c.token, domain.TokenInvalid, c.cause)
		})
	}
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func unsignedWith(algorithm string) string {
	return segment(`{"alg":"`+algorithm+`"}`) + "." + segment(good)
}

func hs512(text string) string {
	mac := hmac.New(sha512.New, secret)
	mac.Write([]byte(text))
	return string(mac.Sum(nil))
}

// Whatever a header says beside alg and crit changes nothing.
func TestHeadersIgnored(t *testing.T) {
	for _, header := range []string{
		`{"alg":"HS256"}`,
		`{"typ":"at+jwt","alg":"HS256","cty":"JWT"}`,
		` { "alg" : "HS256" , "ALG":"none", "Crit":["exp"] } `,
		`{"alg":"HS256","kid":"x'; DROP TABLE","jwk":{"kty":"oct","k":""},"jku":"http://127.0.0.1:1/","x5c":["!"],"zip":"DEF"}`,
		`{"alg":"\u0048S256","x":{"a":1,"a":2}}`,
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
	const notID, notSub = "its id is not a user's id", "its sub is not a user's id"
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
	v := newVerifier(f, allKeys(f), false)
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

func BenchmarkUser(b *testing.B) {
	v, token := newVerifier(b, signers.secret.keys(b), true), must(jwtauth.Mint(secret, 7077, time.Hour, now))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.User(token); err != nil {
			b.Fatal(err)
		}
	}
}
