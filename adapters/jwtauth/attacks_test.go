package jwtauth_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"hash"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

// An attack is a token that must be found invalid, and what the log must say of it.
type attack struct{ name, token, cause string }

// What the log says, in part.
const (
	malformed  = "not three segments"
	noKey      = "no key is configured"
	noSuchKey  = "under its kid"
	badKid     = "its kid is not a text"
	notGenuine = "no configured key verifies"
	notAllowed = "its header has crit"
	repeated   = "a name stands twice"
	notObject  = "not an object"
	noUser     = "neither id nor sub"
	notID      = "its id is not a user's id"
	notSub     = "its sub is not a user's id"
	notIssuer  = "not the configured issuer"
	notFor     = "not the configured audience"
)

// Each attack differs in one thing from a token that the same verifier accepts.
func TestAttacks(t *testing.T) {
	v := guarded(t)
	for _, s := range []signer{signers.secret, signers.rsa, signers.ec, signers.ed} {
		wantUser(t, v, s.token(t, good), 7077)
	}
	wantUser(t, v, signers.otherSecret.tokenUnder(`{"alg":"HS256","kid":"2026"}`, good), 7077)
	for _, a := range slices.Concat(headerAttacks(t), kidAttacks(t), signatureAttacks(t), claimAttacks(t)) {
		t.Run(a.name, func(t *testing.T) {
			wantRefusal(t, v, a.token, domain.TokenInvalid, a.cause)
		})
	}
}

// guarded returns a verifier that asks for all there is: keys of each algorithm without an id, and one with.
func guarded(t testing.TB) *jwtauth.Verifier {
	t.Helper()
	named := must(must(jwtauth.NewSecret(otherSecret)).WithID("2026"))
	return newVerifier(t, append(allKeys(t), named), true, jwtauth.WithIssuer(issuer), jwtauth.WithAudience(audience))
}

func headerAttacks(t testing.TB) []attack {
	hs := signers.secret
	header := `{"alg":"HS256"}`
	mallory := rsaSigner(must(rsa.GenerateKey(rand.Reader, 2048)))
	theirs := mallory.private.Public().(*rsa.PublicKey)
	jwk := `{"kty":"RSA","e":"AQAB","n":"` + segment(string(theirs.N.Bytes())) + `"}`
	x5c := base64.StdEncoding.EncodeToString(must(x509.MarshalPKIXPublicKey(theirs)))
	attacks := []attack{
		{"no algorithm", hs.tokenUnder(`{"typ":"JWT"}`, good), noKey},
		{"Alg for alg", hs.tokenUnder(`{"Alg":"HS256"}`, good), noKey},
		{"other HS: HS384", sizedHMAC(sha512.New384, "HS384"), noKey},
		{"other HS: HS512", sizedHMAC(sha512.New, "HS512"), noKey},
		{"PS256", signers.rsa.tokenUnder(`{"alg":"PS256"}`, good), noKey},
		{"RS512", signers.rsa.tokenUnder(`{"alg":"RS512"}`, good), noKey},
		{"ES384", signers.ec.tokenUnder(`{"alg":"ES384"}`, good), noKey},
		{"Ed25519 for EdDSA", signers.ed.tokenUnder(`{"alg":"Ed25519"}`, good), noKey},
		{"expired, unsigned", segment(`{"alg":"none"}`) + "." + segment(claimsBut("exp", "1")) + ".", noKey},
		{"key by jwk", mallory.tokenUnder(`{"alg":"RS256","jwk":`+jwk+`}`, good), notGenuine},
		{"key by jku", mallory.tokenUnder(`{"alg":"RS256","jku":"http://127.0.0.1:1/jwks"}`, good), notGenuine},
		{"key by x5u", mallory.tokenUnder(`{"alg":"RS256","x5u":"http://127.0.0.1:1/x"}`, good), notGenuine},
		{"key by x5c", mallory.tokenUnder(`{"alg":"RS256","x5c":["`+x5c+`"]}`, good), notGenuine},
		{"secret by jwk", hmacSigner([]byte("theirs")).tokenUnder(
			`{"alg":"HS256","jwk":{"kty":"oct","k":"dGhlaXJz"}}`, good), notGenuine},
		{"crit", hs.tokenUnder(`{"alg":"HS256","crit":["exp"]}`, good), notAllowed},
		{"crit empty", hs.tokenUnder(`{"alg":"HS256","crit":[]}`, good), notAllowed},
		{"crit null", hs.tokenUnder(`{"alg":"HS256","crit":null}`, good), notAllowed},
		{"crit escaped", hs.tokenUnder(`{"alg":"HS256","\u0063rit":["exp"]}`, good), notAllowed},
		{"crit b64", hs.tokenUnder(`{"alg":"HS256","b64":false,"crit":["b64"]}`, good), notAllowed},
		{"algorithm twice", hs.tokenUnder(`{"alg":"none","alg":"HS256"}`, good), repeated},
		{"algorithm twice, escaped", hs.tokenUnder(`{"alg":"HS256","\u0061lg":"HS256"}`, good), repeated},
		{"algorithm thrice", hs.tokenUnder(`{"alg":"HS256","alg":"HS256","alg":"HS256"}`, good), repeated},
		{"another name twice", hs.tokenUnder(`{"typ":"JWT","alg":"HS256","typ":"JWT"}`, good), repeated},
		{"a name twice, in bytes that are no UTF-8", hs.tokenUnder("{\"alg\":\"HS256\",\"\xff\":1,\"\xfe\":1}", good), repeated},
		{"header cut short", hs.tokenUnder(`{"alg":"HS256"`, good), malformed},
		{"header empty", hs.tokenUnder(``, good), malformed},
		{"header followed by more", hs.tokenUnder(header+header, good), malformed},
		{"header null", hs.tokenUnder(`null`, good), notObject},
		{"header a list", hs.tokenUnder(`["HS256"]`, good), notObject},
		{"header a text", hs.tokenUnder(`"{\"alg\":\"HS256\"}"`, good), notObject},
		{"header with a trailing comma", hs.tokenUnder(`{"alg":"HS256",}`, good), malformed},
		{"header with a comment", hs.tokenUnder(`{"alg":"HS256"/**/}`, good), malformed},
		{"header after a byte order mark", hs.tokenUnder("\ufeff"+header, good), malformed},
		{"header nested deep", hs.tokenUnder(strings.Repeat(`{"alg":`, 800), good), malformed},
		{"header nested deep and closed", hs.tokenUnder(`{"alg":`+strings.Repeat("[", 2500)+strings.Repeat("]", 2500)+`}`, good),
			noKey},
	}
	for _, algorithm := range []string{`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"hs256"`, `"Hs256"`, `"HS256 "`, `"HS256\u0000"`,
		`"HS-256"`, `"HMAC"`, `""`, `null`, `true`, `256`, `["HS256"]`, `{"HS256":1}`} {
		header := segment(`{"alg":` + algorithm + `}`)
		attacks = append(attacks,
			attack{"algorithm " + algorithm, hs.signed(header + "." + segment(good)), noKey},
			attack{"algorithm " + algorithm + ", unsigned", header + "." + segment(good) + ".", noKey})
	}
	// The public key of an algorithm is known to all: it must not do as the secret of another.
	for _, s := range []signer{signers.rsa, signers.ec, signers.ed} {
		text := s.publicPEM(t)
		block, _ := pem.Decode(text)
		for form, key := range map[string][]byte{"PEM": text, "PEM trimmed": bytes.TrimSpace(text), "DER": block.Bytes} {
			forger := hmacSigner(key)
			attacks = append(attacks,
				attack{"HMAC by the " + s.algorithm + " key in " + form, forger.token(t, good), notGenuine},
				attack{"the same, said to be " + s.algorithm, forger.tokenUnder(`{"alg":"`+s.algorithm+`"}`, good), notGenuine})
		}
	}
	return attacks
}

func kidAttacks(t testing.TB) []attack {
	named, unnamed := signers.otherSecret, signers.secret
	under := func(kid string) string { return `{"alg":"HS256","kid":` + kid + `}` }
	attacks := []attack{
		{"kid of another key", unnamed.tokenUnder(under(`"2026"`), good), notGenuine},
		{"kid left out", named.token(t, good), notGenuine},
		{"kid of another algorithm", signers.rsa.tokenUnder(`{"alg":"RS256","kid":"2026"}`, good), noSuchKey},
		{"kid twice", named.tokenUnder(`{"alg":"HS256","kid":"2026","kid":"2026"}`, good), repeated},
		{"kid of 256 bytes", named.tokenUnder(under(`"`+strings.Repeat("k", 256)+`"`), good), noSuchKey},
		{"kid of 257 bytes", named.tokenUnder(under(`"`+strings.Repeat("k", 257)+`"`), good), badKid},
		{"kid of 258 bytes in 129 letters", named.tokenUnder(under(`"`+strings.Repeat("\u00e9", 129)+`"`), good), badKid},
	}
	for _, kid := range []string{`2026`, `null`, `true`, `["2026"]`, `{"2026":1}`, `""`} {
		attacks = append(attacks, attack{"kid " + kid, named.tokenUnder(under(kid), good), badKid})
	}
	for _, kid := range []string{`"2025"`, `" 2026"`, `"2026 "`, `"2026\u0000"`, `"2026\n"`, `"٢٠٢٦"`, `"*"`, `"../../../dev/null"`,
		`"x' OR '1'='1"`, `"\ud800"`} {
		attacks = append(attacks, attack{"kid " + kid, named.tokenUnder(under(kid), good), noSuchKey})
	}
	return attacks
}

func signatureAttacks(t testing.TB) []attack {
	hs := signers.secret
	token := hs.token(t, good)
	parts := strings.Split(token, ".")
	unsigned := parts[0] + "." + parts[1]
	zeros := func(n int) string { return segment(strings.Repeat("\x00", n)) }
	// The last of 43 characters has two bits that no byte needs.
	last := strings.IndexByte(base64URL, token[len(token)-1])
	trailingBits := token[:len(token)-1] + string(base64URL[last|1])
	longer := strings.Replace(good, "}", `,"pad":"`+strings.Repeat("x", 8192)+`"}`, 1)
	flipped := must(base64.RawURLEncoding.DecodeString(parts[2]))
	flipped[0] ^= 1
	attacks := []attack{
		{"empty", "", malformed},
		{"one segment", parts[0], malformed},
		{"two segments", unsigned, malformed},
		{"four segments", token + ".", malformed},
		{"five segments, as encrypted ones have", token + "." + parts[2] + "." + parts[2], malformed},
		{"a scheme in front", "Bearer " + token, malformed},
		{"empty secret", hmacSigner(nil).token(t, good), notGenuine},
		{"empty signature", unsigned + ".", notGenuine},
		{"short signature", token[:len(token)-3], notGenuine},
		{"longer signature", token + "AAAA", notGenuine},
		{"one bit of the signature", unsigned + "." + segment(string(flipped)), notGenuine},
		{"signature of zeros", unsigned + "." + zeros(32), notGenuine},
		{"ES256 signature of zeros", segment(`{"alg":"ES256"}`) + "." + parts[1] + "." + zeros(64), notGenuine},
		{"RS256 signature of zeros", segment(`{"alg":"RS256"}`) + "." + parts[1] + "." + zeros(256), notGenuine},
		{"EdDSA signature of zeros", segment(`{"alg":"EdDSA"}`) + "." + parts[1] + "." + zeros(64), notGenuine},
		{"signature of another token", unsigned + "." + strings.Split(hs.token(t, `{"id":8}`), ".")[2], notGenuine},
		{"other claims", parts[0] + "." + segment(claimsBut("id", "8")) + "." + parts[2], notGenuine},
		{"other header", segment(`{"alg":"HS256","typ":"jwt"}`) + "." + parts[1] + "." + parts[2], notGenuine},
		{"expired, and not genuine", hmacSigner(otherSecret).token(t, claimsBut("exp", "1")), notGenuine},
		{"padding in the signature", token + "=", malformed},
		{"padding, signed over", hs.signed(segment(`{"alg":"HS256"} `) + "=." + parts[1]), malformed},
		{"newline at the end", token + "\n", malformed},
		{"newline in the signature", token[:len(token)-5] + "\r\n" + token[len(token)-5:], malformed},
		{"newline in the header, signed over", hs.signed(parts[0][:8] + "\n" + parts[0][8:] + "." + parts[1]), malformed},
		{"newline in the claims, signed over", hs.signed(parts[0] + "." + parts[1][:8] + "\n" + parts[1][8:]), malformed},
		{"spaces around it", " " + token + " ", malformed},
		{"trailing bits", trailingBits, malformed},
		{"base64 of the other alphabet", hs.signed(parts[0] + "." + segment(good[:len(good)-1]) + "+/"), malformed},
		{"a NUL", token + "\x00", malformed},
		{"over 8 KiB, genuine", hs.token(t, longer), "longer than 8 KiB"},
		{"a megabyte of dots", strings.Repeat(".", 1<<20), "longer than 8 KiB"},
		{"8 KiB of dots", strings.Repeat(".", 8192), malformed},
	}
	return attacks
}

func claimAttacks(t testing.TB) []attack {
	hs := signers.secret
	attacks := []attack{
		{"claims cut short", hs.token(t, `{"id":7077,`), malformed},
		{"claims followed by more", hs.token(t, good+good), malformed},
		{"claims empty", hs.token(t, ``), malformed},
		{"claims in single quotes", hs.token(t, `{'id':7077}`), malformed},
		{"claims null", hs.token(t, `null`), notObject},
		{"claims a list", hs.token(t, `[`+good+`]`), notObject},
		{"claims a text", hs.token(t, `"LEAK"`), notObject},
		{"claims a number", hs.token(t, `7077`), notObject},
		{"claims nested deep", hs.token(t, strings.Repeat("[", 5900)), malformed},
		{"claims nested deep and closed", hs.token(t, claimsBut("id", strings.Repeat("[", 2500)+strings.Repeat("]", 2500))), notID},
		{"claims of objects nested deep", hs.token(t, claimsBut("id", strings.Repeat(`{"id":`, 800)+"7"+strings.Repeat("}", 800))),
			notID},
		{"nbf twice", hs.token(t, claimsBut("", `"nbf":1,"nbf":1`)), repeated},
		{"id twice", hs.token(t, claimsBut("", `"id":7077`)), repeated},
		{"iss twice", hs.token(t, claimsBut("", `"iss":"`+issuer+`"`)), repeated},
		{"aud twice, escaped", hs.token(t, claimsBut("", `"\u0061ud":"`+audience+`"`)), repeated},
		{"id and sub differ", hs.token(t, claimsBut("", `"sub":"8"`)), "different users"},
	}
	for _, c := range []struct {
		claim  string
		values []string // "": left out
		cause  string
	}{
		{"exp", []string{``, `null`}, "no exp"},
		{"exp", []string{`"1800000600"`, `"LEAK"`, `true`, `[1800000600]`, `{}`, `-1`, `1800000600000`, `1e400`, `1e-400`},
			"exp is not a date"},
		{"nbf", []string{`1800000031`, `1.800000031e9`, `253402300799`}, "nbf is in the future"},
		{"nbf", []string{`"1"`, `[]`, `1e400`, `-1`}, "nbf is not a date"},
		{"iat", []string{`1800000031`, `18000000310e-1`}, "iat is in the future"},
		{"iat", []string{`"LEAK"`, `false`, `1e400`}, "iat is not a date"},
		{"iss", []string{``, `null`, `""`, `"LEAK"`, `"` + issuer + `/"`, `"https://id.omarty.ne"`, `"HTTPS://ID.OMARTY.NET"`,
			`" ` + issuer + `"`, `"` + issuer + `\u0000"`, `["` + issuer + `"]`, `{"` + issuer + `":1}`, `7`, `true`}, notIssuer},
		{"aud", []string{``, `null`, `""`, `"LEAK"`, `"Omarty"`, `"omarty "`, `"omart"`, `[]`, `["LEAK"]`, `[["omarty"]]`,
			`["omarty",7]`, `["omarty",null]`, `{"omarty":"omarty"}`, `7`, `true`}, notFor},
		{"id", []string{``, `null`}, noUser},
		{"id", []string{`0`, `-0`, `-7`, `7.0`, `7.5`, `7e0`, `1e400`, `9223372036854775808`, `18446744073709551623`, `true`, `false`,
			`[7]`, `{"id":7}`, `""`, `"0"`, `"-7"`, `"+7"`, `" 7"`, `"7\n"`, `"7.0"`, `"0x7"`, `"1_0"`, `"٧"`, `"LEAK"`, `"\ud800"`,
			`"9223372036854775808"`, `"7077 OR 1=1"`}, notID},
		{"sub", []string{`0`, `-7`, `7.5`, `true`, `[7077]`, `{}`, `""`, `"LEAK"`}, notSub},
	} {
		for _, value := range c.values {
			attacks = append(attacks, attack{c.claim + " " + value, hs.token(t, claimsBut(c.claim, value)), c.cause})
		}
	}
	return attacks
}

// claimsBut returns good claims with another value of one claim, without the claim for an empty value, and for an empty
// claim with members added.
func claimsBut(claim, value string) string {
	var members []string
	for _, m := range []struct{ name, value string }{
		{"id", "7077"}, {"exp", "1800000600"}, {"iss", `"` + issuer + `"`}, {"aud", `"` + audience + `"`},
	} {
		if m.name != claim {
			members = append(members, `"`+m.name+`":`+m.value)
		}
	}
	switch {
	case claim == "":
		members = append(members, value)
	case value != "":
		members = append(members, `"`+claim+`":`+value)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// sizedHMAC is a good token of another size of HMAC, under the configured secret.
func sizedHMAC(size func() hash.Hash, algorithm string) string {
	return signer{algorithm: algorithm, sign: func(text []byte) []byte {
		mac := hmac.New(size, secret)
		mac.Write(text)
		return mac.Sum(nil)
	}}.tokenUnder(`{"alg":"`+algorithm+`"}`, good)
}

const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
