package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

type digitTokens struct{}

func (digitTokens) User(token string) (domain.UserID, error) {
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil {
		return 0, domain.TokenInvalid
	}
	return domain.UserID(n), nil
}

// fuzzed serves a register in memory whose block 4 is managed by user 7.
func fuzzed() http.Handler {
	store := memstore.New().WithBlock(4, "Palm Tower", memstore.Apartments(1, 101, 102)...).WithManager(7, 4)
	return httpapi.New(digitTokens{}, httpapi.Options{}, New(UseCasesOf(application.New(store)), []byte("secret")))
}

// Whatever is sent is answered in the form of the contract, and never as an internal error.
func FuzzRequest(f *testing.F) {
	handler := fuzzed()
	for _, seed := range [][5]string{ // method, path and query, content type, If-Match, body
		{"POST", "/v1/blocks/4/apartments", typeJSON, "", `{"floor":1,"number":9,"location":{"longitude":1e-5,"latitude":null},"throughApartmentId":null}`},
		{"PATCH", "/v1/blocks/4/apartments/1", typeMergePatch, `"v1", W/"v2", *`, `{"floor":-20,"number":null}`},
		{"POST", "/v1/blocks/4/changeSets", typeJSON, "", `{"changes":[{"kind":"retire","apartmentId":1,"ifVersion":1},{"kind":"register","floor":1,"number":1}],"dryRun":true,"ifVersion":2}`},
		{"POST", "/v1/blocks/4/changeSets", typeJSON, "", `{"layout":"1: 101-104; x"}`},
		{"POST", "/v1/blocks/4/changeSets", typeJSON, "", `{"layout":{"floors":{"from":0,"to":3},"perFloor":4,"numbering":"running","first":null}}`},
		{"POST", "/v1/blocks/4/changeSets?dryRun=true", typeCSV, "", "\ufefffloor;number\r1;٢\r\n\"1\";\"2"},
		{"DELETE", "/v1/blocks/4/apartments/2", "", `"v`, ""},
		{"GET", "/v1/blocks/4/apartments?orderBy=floor+desc&pageSize=1&pageToken=AAAA&numberPrefix=1", "", "", ""},
		{"GET", "/v1/blocks/4/changes?since=2026-01-01T00:00:00%2B02:00&by=7&kind=import&after=0", "", "", ""},
		{"HEAD", "/v1/blocks/%34", "", "", "x"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], true)
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], false)
	}
	f.Fuzz(func(t *testing.T, method, path, contentType, ifMatch, body string, declared bool) {
		r, err := http.NewRequest(http.MethodGet, "/v1/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Method = method
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		if !declared {
			r.ContentLength = -1
		}
		r.Header = http.Header{"Authorization": {"Bearer 7"}, "Content-Type": {contentType}, "If-Match": {ifMatch}, "If-None-Match": {ifMatch}, "Accept": {contentType}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			return
		}
		switch h := w.Header(); {
		case w.Code >= 500:
			t.Fatalf("HTTP %d %s", w.Code, w.Body)
		case w.Code >= 400:
			var p problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code || p.Type != "urn:omarty:problem:"+string(p.Code) ||
				answers[p.Code].status != w.Code || h.Get("Content-Type") != "application/problem+json" || p.RequestID != h.Get("X-Request-Id") {
				t.Fatalf("HTTP %d %v %s: %v", w.Code, h, w.Body, err)
			}
		case h.Get("Content-Type") == typeJSON && !json.Valid(w.Body.Bytes()):
			t.Fatalf("HTTP %d %s", w.Code, w.Body)
		}
	})
}

// JSON is walked through as encoding/json reads it.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[1,"]}\"",{"c":null}],"a":{"d":"\u0061\ud83d"}}`, ` { } `, `[1 , [ ] , {} ,"x" , -1.5e3 , true ]`, `{"\u0061/~":"\\"}`, `[[[[]]]]`, `{"":{"":""}}`,
		"[1\n,\t2\r]", `"x"`, `1`, `{"a":"\""}`, `[{"a":[{"b":1}]},2]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		text = bytes.TrimSpace(text)
		if !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		switch text[0] {
		case '{':
			decoder := json.NewDecoder(bytes.NewReader(text))
			_, _ = decoder.Token()
			for name, raw := range members(text) {
				want, _ := decoder.Token()
				var value json.RawMessage
				if err := decoder.Decode(&value); err != nil || name != want || !bytes.Equal(raw, value) {
					t.Fatalf("%q: %q, want %q: %q (%v)", name, raw, want, value, err)
				}
			}
			if decoder.More() {
				t.Fatal("members are left out")
			}
		case '[':
			var want []json.RawMessage
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			n := 0
			for i, raw := range elements(text) {
				if i != n || n >= len(want) || !bytes.Equal(raw, want[n]) {
					t.Fatalf("element %d is %q", i, raw)
				}
				n++
			}
			if n != len(want) {
				t.Fatalf("%d elements, want %d", n, len(want))
			}
		}
	})
}

// A sheet that is read has as many changes as rows, or a fault.
func FuzzSheet(f *testing.F) {
	for _, seed := range []string{
		"floor,number\n1,101\n", "\ufefffloor;number\r\n1;101\r\n", "floor\tnumber\r1\t101\r\r\n", "floor,number\n\"1\",\"101", "floor,number\n=1+1,2\n", "floor,number\n٢,٣\n,,,,\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var told faults
		changes, err := told.sheet(body)
		if err != nil {
			if changes != nil || len(told.values) > 0 {
				t.Fatalf("%v beside %v", err, told.values)
			}
			return
		}
		if len(told.values) > 0 {
			return
		}
		for _, c := range changes {
			if c.Kind() != domain.ChangeRegister || c.Floor() == (domain.Floor{}) || c.Number() == (domain.Number{}) {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// A token opens to what was sealed, for its own query alone; what nobody sealed does not open.
func FuzzPageToken(f *testing.F) {
	tokens, others := newPageTokens([]byte("secret")), newPageTokens([]byte("another"))
	f.Add("listApartments\x004\x007\x00floor=1", "AAAA", int64(1), int64(-20))
	f.Add("", "", int64(0), int64(1<<62))
	f.Fuzz(func(t *testing.T, query, forged string, a, b int64) {
		token := tokens.seal(query, a, b)
		if got, err := tokens.open(query, token, 2); err != nil || !slices.Equal(got, []int64{a, b}) {
			t.Fatalf("%v, %v", got, err)
		}
		for name, try := range map[string]func() ([]int64, error){
			"another query": func() ([]int64, error) { return tokens.open(query+"x", token, 2) },
			"another key":   func() ([]int64, error) { return others.open(query, token, 2) },
			"forged":        func() ([]int64, error) { return tokens.open(query, forged, 2) },
			"too long":      func() ([]int64, error) { return tokens.open(query, token, 3) },
		} {
			if got, err := try(); err == nil && !(name == "forged" && forged == token) {
				t.Fatalf("%s: %v", name, got)
			}
		}
		if tokens.seal(query, a, b) != token {
			t.Fatal("the same page has two tokens")
		}
	})
}

// Entity tags are read as they are written, whatever stands around them.
func FuzzConditions(f *testing.F) {
	for _, seed := range []string{`"v1"`, `W/"v1" , "b2-x","y"`, `*`, `"`, `,,"a,b",`, `W/`, `"v9223372036854775808"`, `"v01"`} {
		f.Add(seed, "x")
	}
	e := echo.New()
	f.Fuzz(func(t *testing.T, header, digest string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["If-Match"] = []string{header}
		c := (&request{Context: e.NewContext(r, httptest.NewRecorder())}).conditions("If-Match")
		if !c.given {
			t.Fatal("it is there")
		}
		for _, tag := range c.tags {
			if !strings.HasSuffix(tag, `"`) || !strings.Contains(header, tag) || strings.Count(tag, `"`) != 2 {
				t.Fatalf("%q in %q", tag, header)
			}
		}
		for _, v := range c.versions() {
			if !slices.Contains(c.tags, apartmentTag(v)) {
				t.Fatalf("version %d in %q", v, header)
			}
		}
		if v := c.knownVersion(digest); v != nil && !c.includesWeakly(listTag(*v, digest)) {
			t.Fatalf("version %d in %q", *v, header)
		}
	})
}
