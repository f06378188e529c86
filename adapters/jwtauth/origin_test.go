package jwtauth_test

import (
	"testing"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

func TestOrigin(t *testing.T) {
	from, to := jwtauth.WithIssuer, jwtauth.WithAudience
	for _, c := range []struct {
		name    string
		options []jwtauth.Option
		claims  string // beside id and exp
		cause   string // "" for none
	}{
		{"neither asked, neither there", nil, ``, ""},
		{"neither asked, both odd", nil, `,"iss":7,"aud":[7,{}]`, ""},
		{"empty ones ask nothing", []jwtauth.Option{from(""), to("")}, `,"iss":"a","aud":"b"`, ""},
		{"issuer", []jwtauth.Option{from("a")}, `,"iss":"a"`, ""},
		{"issuer, escaped", []jwtauth.Option{from("a\n")}, `,"iss":"\u0061\n"`, ""},
		{"issuer, whatever the audience", []jwtauth.Option{from("a")}, `,"iss":"a","aud":{}`, ""},
		{"issuer missing", []jwtauth.Option{from("a")}, `,"aud":"a"`, notIssuer},
		{"issuer in the other's place", []jwtauth.Option{from("a"), to("b")}, `,"iss":"b","aud":"a"`, notIssuer},
		{"audience", []jwtauth.Option{to("b")}, `,"aud":"b"`, ""},
		{"audience in a list", []jwtauth.Option{to("b")}, `,"aud":["b"]`, ""},
		{"audience in a longer list", []jwtauth.Option{to("b")}, `,"aud" : [ "x,]}", "b" , "\"c" ] `, ""},
		{"audience, whatever the issuer", []jwtauth.Option{to("b")}, `,"iss":7,"aud":"b"`, ""},
		{"audience missing", []jwtauth.Option{to("b")}, `,"iss":"b"`, notFor},
		{"audience of no Unicode", []jwtauth.Option{to("b")}, `,"aud":"b\ud800"`, notFor},
		{"audience, and no user", []jwtauth.Option{to("b")}, `,"aud":"c","sub":"8"`, notFor},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVerifier(t, allKeys(t), true, c.options...)
			token := signers.secret.token(t, `{"id":7077,"exp":1800000600`+c.claims+`}`)
			if c.cause == "" {
				wantUser(t, v, token, 7077)
			} else {
				wantRefusal(t, v, token, domain.TokenInvalid, c.cause)
			}
			late := signers.secret.token(t, `{"id":7077,"exp":1799999970`+c.claims+`}`)
			wantRefusal(t, v, late, domain.TokenExpired, "")
		})
	}
	for _, option := range []jwtauth.Option{from("a\xff"), to("b\xff"), from("\ufffd")} {
		v, err := jwtauth.NewVerifier(allKeys(t), true, clock, option)
		checkKeyError(t, err, "not text in UTF-8")
		if v != nil {
			t.Error("a verifier came with the error")
		}
	}
}
