package jwtauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

// jwk returns the signer's public key, or its secret, with members added such as `"kid":"a"`.
func (s signer) jwk(more ...string) string {
	members := []string{`"kty":"oct","k":"` + segment(string(s.secret)) + `"`}
	if s.private != nil {
		switch public := s.private.Public().(type) {
		case *rsa.PublicKey:
			members[0] = `"kty":"RSA","n":"` + segment(string(public.N.Bytes())) + `","e":"AQAB"`
		case *ecdsa.PublicKey:
			point := string(must(public.Bytes()))
			members[0] = `"kty":"EC","crv":"P-256","x":"` + segment(point[1:33]) + `","y":"` + segment(point[33:]) + `"`
		case ed25519.PublicKey:
			members[0] = `"kty":"OKP","crv":"Ed25519","x":"` + segment(string(public)) + `"`
		}
	}
	return "{" + strings.Join(append(members, more...), ",") + "}"
}

func keySet(jwks ...string) string { return `{"keys":[` + strings.Join(jwks, ",") + `]}` }

// Keys of a set verify what they should: each algorithm, under its id or none.
func TestKeySetVerifies(t *testing.T) {
	for _, s := range []signer{signers.secret, signers.rsa, signers.ec, signers.ed} {
		for _, c := range []struct{ name, more, kid string }{
			{"bare", `"x5t":"?"`, ""},
			{"with all that fits", `"kid":"a","use":"sig","key_ops":["sign","verify"],"alg":"` + s.algorithm + `"`, "a"},
			{"with the id escaped", `"kid":"\u0061"`, "a"},
			{"with the id in its longest", `"kid":"` + strings.Repeat("k", 256) + `"`, strings.Repeat("k", 256)},
		} {
			t.Run(s.algorithm+" "+c.name, func(t *testing.T) {
				keys, err := jwtauth.ParseJWKS([]byte(" " + keySet(s.jwk(c.more), signers.otherEC.jwk(`"kid":"z"`)) + "\n"))
				if err != nil || len(keys) != 2 {
					t.Fatalf("%d keys, %v, want 2", len(keys), err)
				}
				v := newVerifier(t, keys, true)
				bare, named := s.token(t, good), s.tokenUnder(`{"alg":"`+s.algorithm+`","kid":"`+c.kid+`"}`, good)
				if c.kid == "" {
					wantUser(t, v, bare, 7077)
					wantRefusal(t, v, named, domain.TokenInvalid, badKid)
				} else {
					wantUser(t, v, named, 7077)
					wantRefusal(t, v, bare, domain.TokenInvalid, noSuchKey)
				}
			})
		}
	}
}

// The examples of the RFCs. Their tokens are long expired, or no claims: that is found out only once they are genuine.
func TestKeySetOfTheRFCs(t *testing.T) {
	const joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	keys := must(jwtauth.ParseJWKS([]byte(keySet(
		`{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}`,
		`{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR`+
			`T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2C`+
			`apHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyu`+
			`XpoQ","e":"AQAB"}`,
		`{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`,
		`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
	))))
	v := newVerifier(t, keys, true)
	for _, c := range []struct {
		rfc, token string
		want       domain.Code
		cause      string
	}{
		{"RFC 7515, A.1", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + joe + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
			domain.TokenExpired, ""},
		{"RFC 7515, A.2", "eyJhbGciOiJSUzI1NiJ9." + joe + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4B" +
			"h-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K" +
			"0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy" +
			"wlVmtVrBp0igcN_IoypGlUPQGe77Rw", domain.TokenExpired, ""},
		{"RFC 7515, A.3", "eyJhbGciOiJFUzI1NiJ9." + joe +
			".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", domain.TokenExpired, ""},
		{"RFC 8037, A.4", "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc" +
			".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", domain.TokenInvalid, malformed},
	} {
		t.Run(c.rfc, func(t *testing.T) { wantRefusal(t, v, c.token, c.want, c.cause) })
	}
}

func TestParseJWKS(t *testing.T) {
	ec, ed, oct := signers.ec.jwk(), signers.ed.jwk(), signers.secret.jwk()
	with := signers.ec.jwk
	rsaJWK := func(n, e string) string {
		return keySet(`{"kty":"RSA","n":"` + segment(n) + `","e":"` + segment(e) + `"}`)
	}
	modulus := func(bits uint) string { return string(rsaOf(bits).N.Bytes()) }
	ecJWK := func(x, y string) string {
		return keySet(`{"kty":"EC","crv":"P-256","x":"` + segment(x) + `","y":"` + segment(y) + `"}`)
	}
	edJWK := func(x string) string { return keySet(`{"kty":"OKP","crv":"Ed25519","x":"` + segment(x) + `"}`) }
	point := string(must(signers.ec.private.Public().(*ecdsa.PublicKey).Bytes()))
	x, y := point[1:33], point[33:]
	zeros := strings.Repeat("\x00", 32)
	const none, private = "", "private key has no place here" // none: a set without a key
	for _, c := range []struct {
		name, text string
		keys       int
		errHas     string
	}{
		{"one", keySet(ec), 1, ""},
		{"all sorts", keySet(ec, ed, oct, signers.rsa.jwk()), 4, ""},
		{"other names beside", `{"a":[{"keys":[]}],"keys":[` + ec + `],"z":"\"keys\":[]"}`, 1, ""},
		{"the longest set", keySet(ec) + strings.Repeat(" ", 1<<20-len(keySet(ec))), 1, ""},
		{"a longer set", keySet(ec) + strings.Repeat(" ", 1<<20-len(keySet(ec))+1), 0, "longer than 1048576 bytes: supply"},
		{"nothing", "", 0, "not an object in JSON: supply"},
		{"no JSON", `{"keys":[` + oct + `}`, 0, "not an object in JSON: supply"},
		{"followed by more", keySet(ec) + keySet(ec), 0, "not an object in JSON"},
		{"PEM", string(signers.ec.publicPEM(t)), 0, "not an object in JSON"},
		{"nested deep", strings.Repeat("[", 1<<19) + strings.Repeat("]", 1<<19), 0, "not an object in JSON"},
		{"a list", "[" + ec + "]", 0, "not an object in JSON"},
		{"null", "null", 0, "not an object in JSON"},
		{"a key alone", ec, 0, "has no list of keys"},
		{"keys an object", `{"keys":` + ec + `}`, 0, "has no list of keys"},
		{"keys null", `{"keys":null}`, 0, "has no list of keys"},
		{"keys twice", `{"keys":[` + ec + `],"keys":[` + ec + `]}`, 0, "a name stands twice in the JWK set"},
		{"no keys", `{"keys":[ ]}`, 0, none},
		{"a number for a key", `{"keys":[7]}`, 0, "key 1 of the JWK set: it is not an object"},
		{"null for a key", keySet(ec, "null"), 0, "key 2 of the JWK set: it is not an object"},
		{"a list for a key", keySet("[" + ec + "]"), 0, "it is not an object"},

		{"another sort", keySet(`{"kty":"AKP","alg":"ML-DSA-44","pub":"LEAK"}`, ec), 1, ""},
		{"another sort alone", keySet(`{"kty":"AKP","pub":"LEAK"}`), 0, none},
		{"kty in small letters", keySet(`{"kty":"ec","crv":"P-256"}`), 0, none},
		{"P-384", keySet(`{"kty":"EC","crv":"P-384","x":"LEAK","y":"LEAK"}`), 0, none},
		{"secp256k1", keySet(`{"kty":"EC","crv":"secp256k1","x":"LEAK","y":"LEAK"}`), 0, none},
		{"X25519", keySet(`{"kty":"OKP","crv":"X25519","x":"LEAK"}`), 0, none},
		{"no curve", keySet(`{"kty":"OKP","x":"LEAK"}`), 0, none},
		{"for encryption", keySet(with(`"use":"enc"`), ed), 1, ""},
		{"use unknown", keySet(with(`"use":"SIG"`)), 0, none},
		{"operations without verify", keySet(with(`"key_ops":["sign","deriveKey"]`)), 0, none},
		{"no operations", keySet(with(`"key_ops":[]`)), 0, none},
		{"for signatures, not to verify", keySet(with(`"use":"sig","key_ops":["encrypt"]`)), 0, none},
		{"another algorithm of its sort", keySet(signers.rsa.jwk(`"alg":"PS256"`), ed), 1, ""},
		{"an algorithm of its sort for encryption", keySet(signers.rsa.jwk(`"alg":"RSA-OAEP"`)), 0, none},
		{"an algorithm in small letters", keySet(with(`"alg":"es256"`)), 0, none},
		{"an algorithm of another sort", keySet(with(`"alg":"EdDSA"`)), 0, "its kty is EC and its alg is EdDSA, which is for OKP"},
		{"a public key for HMAC", keySet(signers.rsa.jwk(`"alg":"HS256"`)), 0, "its kty is RSA and its alg is HS256, which is for oct"},
		{"a secret for RSA", keySet(signers.secret.jwk(`"alg":"RS256"`)), 0, "its kty is oct and its alg is RS256, which is for RSA"},

		{"no kty", keySet(`{"k":"LEAK"}`), 0, "key 1 of the JWK set: it has no kty"},
		{"kty null", keySet(`{"kty":null}`), 0, "its kty is not a text"},
		{"kty a number", keySet(`{"kty":7}`), 0, "its kty is not a text"},
		{"crv a list", keySet(`{"kty":"EC","crv":["P-256"]}`), 0, "its crv is not a text"},
		{"use null", keySet(with(`"use":null`)), 0, "its use is not a text"},
		{"alg a list", keySet(with(`"alg":["ES256"]`)), 0, "its alg is not a text"},
		{"key_ops a text", keySet(with(`"key_ops":"verify"`)), 0, "its key_ops is not a list of texts"},
		{"key_ops with a number", keySet(with(`"key_ops":["verify",7]`)), 0, "its key_ops is not a list of texts"},
		{"kid a number", keySet(with(`"kid":7`)), 0, "its kid is not a text"},
		{"kid null", keySet(with(`"kid":null`)), 0, "its kid is not a text"},
		{"kid empty", keySet(with(`"kid":""`)), 0, "has 0 bytes"},
		{"kid too long", keySet(with(`"kid":"` + strings.Repeat("k", 257) + `"`)), 0, "has 257 bytes"},
		{"kid of no Unicode", keySet(with(`"kid":"\ud800"`)), 0, "not text in UTF-8"},
		{"a name twice", keySet(with(`"kid":"a","kid":"a"`)), 0, "a name stands twice in it"},
		{"a name twice, escaped", keySet(with(`"\u0078":"LEAK"`)), 0, "a name stands twice in it"},

		{"private EC", keySet(with(`"d":"LEAK"`)), 0, "key 1 of the JWK set: it has d: a " + private},
		{"private, escaped", keySet(with(`"\u0064":"LEAK"`)), 0, private},
		{"private, for encryption", keySet(ed, with(`"use":"enc","d":"LEAK"`)), 0, "key 2 of the JWK set: it has d"},
		{"private, of another sort", keySet(ed, `{"kty":"AKP","priv":"LEAK"}`), 0, "it has priv"},
		{"private OKP", keySet(signers.ed.jwk(`"d":null`)), 0, private},
		{"factors of RSA", keySet(signers.rsa.jwk(`"p":"LEAK","q":"LEAK"`)), 0, "it has p: a " + private},
		{"one factor of RSA", keySet(signers.rsa.jwk(`"q":"LEAK"`)), 0, private},
		{"more of RSA", keySet(signers.rsa.jwk(`"dp":"LEAK"`)), 0, private},
		{"more of RSA", keySet(signers.rsa.jwk(`"dq":"LEAK"`)), 0, private},
		{"more of RSA", keySet(signers.rsa.jwk(`"qi":"LEAK"`)), 0, private},
		{"more of RSA", keySet(signers.rsa.jwk(`"oth":[]`)), 0, private},

		{"secret of 32 bytes", keySet(`{"kty":"oct","k":"` + segment(string(secret[:32])) + `"}`), 1, ""},
		{"secret of 31 bytes", keySet(`{"kty":"oct","k":"` + segment(string(secret[:31])) + `"}`), 0, "31 bytes long: supply 32"},
		{"secret empty", keySet(`{"kty":"oct","k":""}`), 0, "0 bytes long: supply 32"},
		{"secret missing", keySet(`{"kty":"oct"}`), 0, "it has no k"},
		{"secret a number", keySet(`{"kty":"oct","k":7}`), 0, "its k is not a text"},
		{"secret in PEM", keySet(`{"kty":"oct","k":"` + segment(string(signers.ec.publicPEM(t))) + `"}`), 0, "is a key in PEM"},
		{"secret padded", keySet(`{"kty":"oct","k":"` + base64.URLEncoding.EncodeToString(secret[:32]) + `"}`), 0,
			"its k is not in base64url without padding"},
		{"secret of the other alphabet", keySet(`{"kty":"oct","k":"` + strings.Repeat("+/", 32) + `"}`), 0, "its k is not in base64url"},
		{"secret with a newline", keySet(`{"kty":"oct","k":"` + strings.Repeat("A", 43) + `\n"}`), 0, "its k is not in base64url"},
		{"secret with trailing bits", keySet(`{"kty":"oct","k":"` + strings.Repeat("A", 42) + `B"}`), 0, "its k is not in base64url"},

		{"RSA just large enough", rsaJWK(modulus(2048), "\x01\x00\x01"), 1, ""},
		{"RSA a bit too small", rsaJWK(modulus(2047), "\x01\x00\x01"), 0, "has 2047 bits: supply"},
		{"RSA a bit too large", rsaJWK(modulus(8193), "\x01\x00\x01"), 0, "has 8193 bits: supply"},
		{"RSA, modulus with a zero in front", rsaJWK("\x00"+modulus(2048), "\x01\x00\x01"), 0, "its n is empty or starts with a zero"},
		{"RSA, even modulus", rsaJWK(modulus(2048)[:255]+"\x00", "\x01\x00\x01"), 0, "public modulus is even"},
		{"RSA, modulus empty", rsaJWK("", "\x01\x00\x01"), 0, "its n is empty or starts with a zero"},
		{"RSA, modulus missing", keySet(`{"kty":"RSA","e":"AQAB"}`), 0, "it has no n"},
		{"RSA, exponent 3", rsaJWK(modulus(2048), "\x03"), 1, ""},
		{"RSA, exponent 1", rsaJWK(modulus(2048), "\x01"), 0, "public exponent too small"},
		{"RSA, exponent 2", rsaJWK(modulus(2048), "\x02"), 0, "public exponent is even"},
		{"RSA, even exponent", rsaJWK(modulus(2048), "\x01\x00\x00"), 0, "public exponent is even"},
		{"RSA, exponent 0", rsaJWK(modulus(2048), "\x00"), 0, "its e is empty or starts with a zero"},
		{"RSA, exponent with a zero in front", rsaJWK(modulus(2048), "\x00\x01\x00\x01"), 0, "its e is empty or starts with a zero"},
		{"RSA, largest exponent", rsaJWK(modulus(2048), "\x7f\xff\xff\xff"), 1, ""},
		{"RSA, larger exponent", rsaJWK(modulus(2048), "\x80\x00\x00\x01"), 0, "its e is above 2147483647"},
		{"RSA, exponent beyond 64 bits", rsaJWK(modulus(2048), "\x01"+zeros+"\x03"), 0, "its e is above 2147483647"},
		{"RSA, exponent a number", keySet(`{"kty":"RSA","n":"` + segment(modulus(2048)) + `","e":65537}`), 0, "its e is not a text"},
		{"RSA, exponent missing", keySet(`{"kty":"RSA","n":"` + segment(modulus(2048)) + `"}`), 0, "it has no e"},

		{"EC", ecJWK(x, y), 1, ""},
		{"EC, off the curve", ecJWK(x, y[:31]+string([]byte{y[31] ^ 1})), 0, "no point of P-256"},
		{"EC, nowhere", ecJWK(zeros, zeros), 0, "no point of P-256"},
		{"EC, beyond the field", ecJWK(strings.Repeat("\xff", 32), y), 0, "no point of P-256"},
		{"EC, a zero in front", ecJWK("\x00"+x, y), 0, "its x is 33 bytes long, not 32"},
		{"EC, short", ecJWK(x, y[1:]), 0, "its y is 31 bytes long, not 32"},
		{"EC, compressed", keySet(`{"kty":"EC","crv":"P-256","x":"` + segment(x) + `"}`), 0, "it has no y"},

		{"Ed25519, no point", edJWK("\x02" + zeros[1:]), 0, "no point of the curve"},
		{"Ed25519, the neutral point", edJWK("\x01" + zeros[1:]), 0, "a weak one"},
		{"Ed25519, order 4", edJWK(zeros), 0, "a weak one"},
		{"Ed25519, order 2", edJWK("\xec" + strings.Repeat("\xff", 30) + "\x7f"), 0, "a weak one"},
		{"Ed25519, long", edJWK(zeros + "\x00"), 0, "its x is 33 bytes long, not 32"},
		{"Ed25519, missing", keySet(`{"kty":"OKP","crv":"Ed25519"}`), 0, "it has no x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := jwtauth.ParseJWKS([]byte(c.text))
			checkKeyError(t, err, c.errHas)
			if len(keys) != c.keys {
				t.Errorf("%d keys, want %d", len(keys), c.keys)
			}
			if err != nil && (strings.Contains(err.Error(), "LEAK") || strings.Contains(err.Error(), segment(string(secret))[:8])) {
				t.Errorf("the error quotes the set: %v", err)
			}
		})
	}
}

// Whatever the text, the keys of a set make a verifier, except for an id that two have, and print no secret.
func FuzzParseJWKS(f *testing.F) {
	f.Add([]byte(keySet(signers.secret.jwk(`"kid":"a"`), signers.ed.jwk(`"use":"sig"`), signers.ec.jwk(`"key_ops":["verify"]`))))
	f.Add([]byte(keySet(signers.rsa.jwk(`"alg":"RS256"`), `{"kty":"EC","crv":"P-384"}`, `{"kty":"oct","k":""}`, `null`)))
	f.Add([]byte(` { "x" : "\"}]" , "keys" : [ {"kty" : "OKP" , "crv" : "Ed25519" , "d" : null } ] } `))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQ","e":"AQ"},{"kty":"\ud800","kid":"` + "\xff" + `"}]}`))
	f.Add([]byte(`{"keys":{"keys":[]},"keys":[[]]}`))
	f.Add([]byte(`{"keys":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := jwtauth.ParseJWKS(text)
		if err != nil && len(keys) > 0 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		if err != nil {
			return
		}
		if v, err := jwtauth.NewVerifier(keys, true, clock); err == nil {
			_, _ = v.User(signers.secret.token(t, good))
		} else if !strings.Contains(err.Error(), "have the id (kid)") {
			t.Error(err)
		}
	})
}
