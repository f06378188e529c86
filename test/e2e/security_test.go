package e2e_test

import (
	"bufio"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/application"
)

const (
	issuer, audience = "https://accounts.omarty.net", "register"
	namedSecret      = "the secret whose id is 2026, 32 bytes or more"
)

// guarded is a service on memory that asks of a token all that can be configured: a secret and a public key without an id,
// a secret with one, an issuer and an audience. The private key is returned too.
func guarded(t *testing.T) (service, *rsa.PrivateKey) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := jwtauth.ParsePublicKeys(publicPEM(t, private))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := jwtauth.NewSecret([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	named, err := jwtauth.NewSecret([]byte(namedSecret))
	if err != nil {
		t.Fatal(err)
	}
	if named, err = named.WithID("2026"); err != nil {
		t.Fatal(err)
	}
	verifier, err := jwtauth.NewVerifier(append(keys, plain, named), true, time.Now,
		jwtauth.WithIssuer(issuer), jwtauth.WithAudience(audience))
	if err != nil {
		t.Fatal(err)
	}
	subject := inMemory(t)
	s := serve(t, subject) // brings in the register
	create := application.NewCreateApartment(subject.Store, subject.Store, time.Now, application.UUIDv7(time.Now))
	server := httptest.NewServer(httpapi.New(verifier, httpapi.Options{RequestTimeout: time.Minute}, legacy.New(create.Create)))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s, private
}

func publicPEM(t *testing.T, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// signedBy returns a token signed with HMAC by any key, under any header.
func signedBy(size func() hash.Hash, key, header, claims string) string {
	mac := hmac.New(size, []byte(key))
	unsigned := segment(header) + "." + segment(claims)
	mac.Write([]byte(unsigned))
	return unsigned + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func hs256(key, header, claims string) string { return signedBy(sha256.New, key, header, claims) }

func rs256(t *testing.T, key *rsa.PrivateKey, header, claims string) string {
	t.Helper()
	unsigned := segment(header) + "." + segment(claims)
	sum := sha256.Sum256([]byte(unsigned))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return unsigned + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// claims are good ones of user 7, with other values of those that are named; an empty value leaves one out.
func claims(changes ...string) string {
	values := map[string]string{
		"id": "7", "exp": fmt.Sprint(time.Now().Add(time.Hour).Unix()), "iss": `"` + issuer + `"`, "aud": `["app","` + audience + `"]`,
	}
	for i := 0; i < len(changes); i += 2 {
		values[changes[i]] = changes[i+1]
	}
	var members []string
	for name, value := range values {
		if value != "" {
			members = append(members, `"`+name+`":`+value)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// exchange sends a request as it stands, and reads the answer.
func exchange(t *testing.T, address, request string) answer {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(body), response.Header}
}

// goodRequest is a request that registers apartment 2 of block 4, with these header lines before its own.
func goodRequest(lines string) string {
	return "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nConnection: close\r\n" + lines +
		"Content-Type: " + form + "\r\nContent-Length: " + fmt.Sprint(len(goodForm)) + "\r\n\r\n" + goodForm
}

func bearer(token string) string { return "Authorization: Bearer " + token + "\r\n" }

// tokenAttack is the header lines of a good request but for its token.
type tokenAttack struct{ name, lines string }

// Each attack sends what would register an apartment, and differs in one thing from a token that is accepted: it is
// answered as the contract says, and nothing is written.
func TestTokenAttacks(t *testing.T) {
	s, private := guarded(t)
	address, before := strings.TrimPrefix(s.url, "http://"), s.rows(t)
	for _, group := range []struct {
		message, challenge string // of none, what Go's server refuses by itself
		attacks            []tokenAttack
	}{
		{"Access token is not valid.", `Bearer error="invalid_token"`, slices.Concat(headerAttacks(t, private), signatureAttacks(), claimAttacks())},
		{"Access token has expired.", `Bearer error="invalid_token"`, []tokenAttack{
			{"expired", bearer(hs256(secret, `{"alg":"HS256"}`, claims("exp", fmt.Sprint(time.Now().Add(-time.Minute).Unix()))))},
			{"expired, and of no user", bearer(hs256(secret, `{"alg":"HS256"}`, claims("exp", "1", "id", "")))},
		}},
		{"Access token not found.", "Bearer", transportAttacks()},
		{"", "", []tokenAttack{
			{"a line end in the signature", bearer(strings.Replace(goodToken(), ".", ".\n", 2))},
			{"a NUL in the signature", bearer(goodToken() + "\x00")},
			{"a NUL in the name", strings.Replace(bearer(goodToken()), "Auth", "Auth\x00", 1)},
			{"a space before the colon", strings.Replace(bearer(goodToken()), ":", " :", 1)},
		}},
	} {
		for _, attack := range group.attacks {
			t.Run(attack.name, func(t *testing.T) {
				got := exchange(t, address, goodRequest(attack.lines))
				switch {
				case group.message == "":
					if got.status != http.StatusBadRequest {
						t.Errorf("HTTP %d %s", got.status, got.body)
					}
				case got.status != http.StatusUnauthorized || got.body != message(401, group.message):
					t.Errorf("HTTP %d %s, want %s", got.status, got.body, group.message)
				case got.header.Get("WWW-Authenticate") != group.challenge || got.header.Get("X-Request-Id") == "":
					t.Errorf("headers %v", got.header)
				}
				if after := s.rows(t); !reflect.DeepEqual(after, before) {
					t.Fatal("it changed what is kept")
				}
			})
		}
	}
	for _, c := range []struct{ name, token, answer string }{
		{"the secret without an id", goodToken(), registered},
		{"the secret with an id", hs256(namedSecret, `{"alg":"HS256","kid":"2026"}`, claims()), alreadyRegistered},
		{"the public key, and a user in sub", rs256(t, private, `{"alg":"RS256","jku":"http://127.0.0.1:1/"}`, claims("id", "", "sub", `"7"`)), alreadyRegistered},
		{"a date in leeway", hs256(secret, `{"alg":"HS256"}`, claims("nbf", fmt.Sprint(time.Now().Add(10*time.Second).Unix()))), alreadyRegistered},
	} {
		if got := exchange(t, address, goodRequest(bearer(c.token))); got.body != c.answer {
			t.Errorf("%s: HTTP %d %s", c.name, got.status, got.body)
		}
	}
}

func goodToken() string { return hs256(secret, `{"alg":"HS256","typ":"JWT"}`, claims()) }

func headerAttacks(t *testing.T, private *rsa.PrivateKey) []tokenAttack {
	t.Helper()
	mallory, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(mallory.Public())
	if err != nil {
		t.Fatal(err)
	}
	jwk := `{"kty":"RSA","e":"AQAB","n":"` + segment(string(mallory.N.Bytes())) + `"}`
	attacks := []tokenAttack{
		{"HS384", bearer(signedBy(sha512.New384, secret, `{"alg":"HS384"}`, claims()))},
		{"HS512", bearer(signedBy(sha512.New, secret, `{"alg":"HS512"}`, claims()))},
		{"HS512 said to be HS256", bearer(signedBy(sha512.New, secret, `{"alg":"HS256"}`, claims()))},
		{"RS256 by another key", bearer(rs256(t, mallory, `{"alg":"RS256"}`, claims()))},
		{"PS256", bearer(rs256(t, private, `{"alg":"PS256"}`, claims()))},
		{"key by jwk", bearer(rs256(t, mallory, `{"alg":"RS256","jwk":`+jwk+`}`, claims()))},
		{"key by jku", bearer(rs256(t, mallory, `{"alg":"RS256","jku":"http://127.0.0.1:1/jwks"}`, claims()))},
		{"key by x5u", bearer(rs256(t, mallory, `{"alg":"RS256","x5u":"http://127.0.0.1:1/x"}`, claims()))},
		{"key by x5c", bearer(rs256(t, mallory, `{"alg":"RS256","x5c":["`+base64.StdEncoding.EncodeToString(der)+`"]}`, claims()))},
		{"secret by jwk", bearer(hs256("theirs", `{"alg":"HS256","jwk":{"kty":"oct","k":"dGhlaXJz"}}`, claims()))},
		{"kid left out", bearer(hs256(namedSecret, `{"alg":"HS256"}`, claims()))},
		{"kid of another key", bearer(hs256(secret, `{"alg":"HS256","kid":"2026"}`, claims()))},
		{"kid of another algorithm", bearer(rs256(t, private, `{"alg":"RS256","kid":"2026"}`, claims()))},
		{"header cut short", bearer(hs256(secret, `{"alg":"HS256"`, claims()))},
		{"header a list", bearer(hs256(secret, `["HS256"]`, claims()))},
		{"algorithm twice", bearer(hs256(secret, `{"alg":"none","alg":"HS256"}`, claims()))},
		{"header nested deep", bearer(hs256(secret, `{"alg":"HS256","x":`+strings.Repeat("[", 5000), claims()))},
	}
	for _, algorithm := range []string{`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"hs256"`, `"HS256 "`, `"HS256\u0000"`, `""`, `null`, `256`, `["HS256"]`} {
		header := `{"alg":` + algorithm + `}`
		attacks = append(attacks,
			tokenAttack{"algorithm " + algorithm, bearer(hs256(secret, header, claims()))},
			tokenAttack{"algorithm " + algorithm + ", unsigned", bearer(segment(header) + "." + segment(claims()) + ".")})
	}
	for _, crit := range []string{`["exp"]`, `[]`, `null`, `["b64"],"b64":false`} {
		attacks = append(attacks, tokenAttack{"crit " + crit, bearer(hs256(secret, `{"alg":"HS256","crit":`+crit+`}`, claims()))})
	}
	for _, kid := range []string{`"2025"`, `"2026\n"`, `"../../../dev/null"`, `"x' OR '1'='1"`, `2026`, `null`, `["2026"]`, `""`} {
		attacks = append(attacks, tokenAttack{"kid " + kid, bearer(hs256(namedSecret, `{"alg":"HS256","kid":`+kid+`}`, claims()))})
	}
	// The public key is known to all: it must not do as a secret.
	text := publicPEM(t, private)
	block, _ := pem.Decode(text)
	for as, key := range map[string]string{"PEM": string(text), "PEM trimmed": strings.TrimSpace(string(text)), "DER": string(block.Bytes)} {
		attacks = append(attacks,
			tokenAttack{"HMAC by the public key in " + as, bearer(hs256(key, `{"alg":"HS256"}`, claims()))},
			tokenAttack{"the same, said to be RS256", bearer(hs256(key, `{"alg":"RS256"}`, claims()))})
	}
	return attacks
}

func signatureAttacks() []tokenAttack {
	token := goodToken()
	parts := strings.Split(token, ".")
	unsigned := parts[0] + "." + parts[1]
	altered := []byte(token)
	altered[len(altered)-10] ^= 1
	return []tokenAttack{
		{"empty signature", bearer(unsigned + ".")},
		{"no signature", bearer(unsigned)},
		{"short signature", bearer(token[:len(token)-3])},
		{"longer signature", bearer(token + "AAAA")},
		{"padded signature", bearer(token + "=")},
		{"altered signature", bearer(string(altered))},
		{"signature of zeros", bearer(unsigned + "." + segment(strings.Repeat("\x00", 32)))},
		{"signature of another token", bearer(unsigned + "." + strings.Split(hs256(secret, `{"alg":"HS256"}`, claims("id", "8")), ".")[2])},
		{"other claims", bearer(parts[0] + "." + segment(claims("id", "13")) + "." + parts[2])},
		{"by the empty secret", bearer(hs256("", `{"alg":"HS256"}`, claims()))},
		{"five segments", bearer(token + "." + parts[2] + "." + parts[2])},
		{"a folded line in the signature", bearer(token[:len(token)-5] + "\r\n " + token[len(token)-5:])},
		{"a tab in the signature", bearer(token[:len(token)-5] + "\t" + token[len(token)-5:])},
		{"two tokens in one header", bearer(token + ", Bearer " + token)},
		{"a scheme twice", bearer("Bearer " + token)},
		{"8 KiB and more, genuine", bearer(hs256(secret, `{"alg":"HS256"}`, claims("pad", `"`+strings.Repeat("x", 8<<10)+`"`)))},
		{"100 KiB of dots", bearer(strings.Repeat(".", 100<<10))},
	}
}

func claimAttacks() []tokenAttack {
	in := func(after time.Duration) string { return fmt.Sprint(time.Now().Add(after).Unix()) }
	deep := strings.Repeat("[", 2500) + strings.Repeat("]", 2500)
	all := func(text string) tokenAttack {
		return tokenAttack{"claims " + text, bearer(hs256(secret, `{"alg":"HS256"}`, text))}
	}
	attacks := []tokenAttack{
		all(``), all(`null`), all(`7`), all(`"7"`), all(`[` + claims() + `]`), all(claims() + claims()), all(claims()[1:]),
		all(strings.Repeat("[", 5500)), all(claims("x", strings.Repeat(`{"id":`, 900))),
		all(claims("sub", `"8"`)), all(strings.Replace(claims(), "{", `{"id":8,`, 1)),
	}
	for _, c := range []struct {
		claim  string
		values []string // "" leaves it out
	}{
		{"exp", []string{"", `null`, `"` + in(time.Hour) + `"`, `true`, `[]`, `-1`, `1e400`, in(time.Hour) + "000000000"}},
		{"nbf", []string{in(time.Minute), in(100 * 365 * 24 * time.Hour), `"1"`, `[]`}},
		{"iat", []string{in(time.Minute), `"1"`, `false`}},
		{"iss", []string{"", `null`, `""`, `"` + issuer + `/"`, `"` + strings.ToUpper(issuer) + `"`, `["` + issuer + `"]`}},
		{"aud", []string{"", `null`, `""`, `"Register"`, `[]`, `["app"]`, `[["` + audience + `"]]`, `{"` + audience + `":1}`}},
		{"id", []string{"", `null`, `0`, `-7`, `7.0`, `7.5`, `7e0`, `1e400`, `9223372036854775808`, `18446744073709551623`, `true`, `[7]`, `{"id":7}`,
			`""`, `"0"`, `"-7"`, `"+7"`, `" 7"`, `"7\n"`, `"7.0"`, `"0x7"`, `"٧"`, `"7 OR 1=1"`, deep}},
		{"sub", []string{`0`, `-7`, `7.5`, `true`, `""`, `"seven"`}},
	} {
		for _, v := range c.values {
			attacks = append(attacks, tokenAttack{c.claim + " " + v, bearer(hs256(secret, `{"alg":"HS256"}`, claims(c.claim, v)))})
		}
	}
	return attacks
}

// transportAttacks are requests in which no one token is where it should be.
func transportAttacks() []tokenAttack {
	good := goodToken()
	return []tokenAttack{
		{"none", ""},
		{"empty", "Authorization:\r\n"},
		{"the scheme alone", "Authorization: Bearer\r\n"},
		{"another scheme", "Authorization: Basic " + good + "\r\n"},
		{"a tab after the scheme", "Authorization: Bearer\t" + good + "\r\n"},
		{"the header twice", bearer(good) + bearer(good)},
		{"the header twice, in two cases", bearer(good) + strings.ToLower(bearer(good)[:13]) + bearer(good)[13:]},
		{"the header twice, one of them empty", "Authorization: \r\n" + bearer(good)},
		{"a cookie", "Cookie: access_token=" + good + "\r\n"},
		{"an underscore", "Authorization_: Bearer " + good + "\r\n"},
		{"another header", "Proxy-Authorization: Bearer " + good + "\r\n"},
	}
}

// Headers beyond the program's own bound are refused before anything reads them; a token beyond its own is not valid.
func TestProgramHeaderBounds(t *testing.T) {
	p := newPlace(t, "OMARTY_DATABASE_URL=memory:")
	p.write(t, "register.yaml", fixture(t))
	server := p.serve(t, "--import", "register.yaml")
	address := strings.TrimPrefix(server.url(t), "http://")
	for _, c := range []struct {
		name, lines string
		status      int
	}{
		{"a long token", bearer(strings.Repeat("x", 12<<10)), http.StatusUnauthorized},
		{"a longer token", bearer(strings.Repeat("x", 32<<10)), http.StatusRequestHeaderFieldsTooLarge},
		{"many headers", bearer(token(t, 7)) + strings.Repeat("X: y\r\n", 6<<10), http.StatusRequestHeaderFieldsTooLarge},
		{"a long name", bearer(token(t, 7)) + strings.Repeat("x", 32<<10) + ": y\r\n", http.StatusRequestHeaderFieldsTooLarge},
		{"none of these", bearer(token(t, 7)), http.StatusOK},
	} {
		if got := exchange(t, address, goodRequest(c.lines)); got.status != c.status || c.status == http.StatusOK && got.body != registered {
			t.Errorf("%s: HTTP %d %s, want %d", c.name, got.status, got.body, c.status)
		}
	}
	server.stop(t)
}
