package openapi_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"omarty.net/resttest/openapi"
)

// answer is what a server that is not there answers. Headers are "Name: value", one a line.
type answer struct {
	status  int
	headers string
	body    string
}

// RoundTrip implements http.RoundTripper.
func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	h := http.Header{}
	for line := range strings.Lines(a.headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h.Add(name, value)
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// ask is a request.
type ask struct {
	method, path, headers, body string
}

const (
	id       = "X-Request-Id: r1\n"
	tagged   = id + "ETag: \"v1\"\nContent-Type: application/json\n"
	problem  = id + "Content-Type: application/problem+json\n"
	bearer   = "Authorization: Bearer t\n"
	jsonBody = bearer + "Content-Type: application/json\n"

	apartment = `{"id":1,"blockId":4,"floor":1,"number":1,"status":"registered","registeredBy":null,` +
		`"registeredAt":"2026-11-28T09:00:00.000000Z","changedAt":"2026-11-28T09:00:00.000000Z","version":1}`
	one    = "/v1/blocks/4/apartments/1"
	list   = "/v1/blocks/4/apartments"
	layout = `{"layout":"2: 201"}`
	made   = `{"changeSetId":"555afa90-08ae-5326-b368-a5df3f3758df","dryRun":false,"version":3,` +
		`"counts":{"register":1,"correct":0,"retire":0,"restore":0,"unchanged":0},"changes":[` +
		`{"index":0,"kind":"register","apartmentId":6,"before":null,"after":{"floor":2,"number":201,"status":"registered"},"outcome":"done"}]}`
)

// refusal returns problem details.
func refusal(status int, code, more string) string {
	return `{"type":"urn:omarty:problem:` + code + `","title":"t","status":` + strconv.Itoa(status) +
		`,"detail":"d","code":"` + code + `","requestId":"r1"` + more + `}`
}

func newChecker(t *testing.T) *openapi.Checker {
	t.Helper()
	document, err := os.ReadFile("../../../adapters/httpapi/rest/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := openapi.New(document)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// exchange sends a request, and returns what the checker says to its answer.
func exchange(t *testing.T, c *openapi.Checker, q ask, a answer) string {
	t.Helper()
	var said []error
	r, err := http.NewRequestWithContext(t.Context(), q.method, "http://127.0.0.1:1"+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(q.headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		r.Header.Add(name, value)
	}
	got, err := c.Transport(a, func(err error) { said = append(said, err) }).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(got.Body); err != nil || string(body) != a.body {
		t.Errorf("the answer is handed on as %q, %v", body, err)
	}
	if err := errors.Join(said...); err != nil {
		return err.Error()
	}
	return ""
}

func TestExchanges(t *testing.T) {
	c := newChecker(t)
	for _, tt := range []struct {
		name string
		ask  ask
		got  answer
		want string // part of what is said, "" for nothing
	}{
		{"as it should be", ask{"GET", one, bearer, ""}, answer{200, tagged, apartment}, ""},
		{"HEAD", ask{"HEAD", one, bearer, ""}, answer{200, tagged, ""}, ""},
		{"not modified", ask{"GET", one, bearer + "If-None-Match: \"v1\"", ""}, answer{304, id + `ETag: "v1"`, ""}, ""},
		{"a list", ask{"GET", list + "?status=all&orderBy=floor%20desc", bearer, ""},
			answer{200, tagged, `{"items":[` + apartment + `],"nextPageToken":null}`}, ""},
		{"a merge patch", ask{"PATCH", one, bearer + "If-Match: *\nContent-Type: application/merge-patch+json", `{"floor":1}`},
			answer{200, tagged, apartment}, ""},
		{"a change set", ask{"POST", "/v1/blocks/4/changeSets", jsonBody, layout},
			answer{201, tagged + "Location: /v1/blocks/4/changeSets/555afa90-08ae-5326-b368-a5df3f3758df", made}, ""},
		{"a sheet", ask{"POST", "/v1/blocks/4/changeSets?dryRun=false", bearer + "Content-Type: text/csv; charset=utf-8", "\ufefffloor;number\r2;201"},
			answer{201, tagged + "Location: /v1/blocks/4/changeSets/555afa90-08ae-5326-b368-a5df3f3758df", made}, ""},
		{"a sheet of loose quotes", ask{"POST", "/v1/blocks/4/changeSets", bearer + "Content-Type: text/csv", "floor,number\n 2 , \"201\""},
			answer{201, tagged + "Location: /v1/blocks/4/changeSets/555afa90-08ae-5326-b368-a5df3f3758df", made}, ""},
		{"the ledger as CSV", ask{"GET", "/v1/blocks/4/changes", bearer + "Accept: text/csv", ""},
			answer{200, id + "Content-Type: text/csv; charset=utf-8", "\ufeffsequence\r\n1\r\n"}, ""},
		{"a refusal", ask{"GET", one, "", ""}, answer{401, problem + "WWW-Authenticate: Bearer", refusal(401, "token_missing", "")}, ""},
		{"a fault", ask{"POST", list, jsonBody, `{"floor":1}`}, answer{422, problem,
			refusal(422, "missing", `,"errors":[{"field":"/number","code":"missing","detail":"d"}]`)}, ""},
		{"a number that is taken", ask{"POST", list, jsonBody, `{"floor":1,"number":1}`}, answer{409, problem,
			refusal(409, "number_taken", `,"existing":`+apartment)}, ""},
		{"a body that is passed over", ask{"POST", one + "/restore", jsonBody + "If-Match: *", `{}`}, answer{200, tagged, apartment}, ""},
		{"no such path", ask{"GET", "/v1/flats", "", ""}, answer{404, problem, refusal(404, "not_found", "")}, ""},
		{"no such method", ask{"PUT", one, "", ""}, answer{405, problem + "Allow: GET, HEAD\nAllow: PATCH, DELETE", refusal(405, "method_not_allowed", "")}, ""},
		{"CORS", ask{"OPTIONS", one, "Access-Control-Request-Method: GET", ""}, answer{204, "", ""}, ""},
		{"not the API's", ask{"GET", "/healthz", "", ""}, answer{200, "", "OK"}, ""},

		{"a sheet where none is taken", ask{"POST", list, bearer + "Content-Type: text/csv", "floor,number\n2,201"},
			answer{201, tagged + "Location: /v1", apartment}, "does not allow the request"},
		{"a field too many", ask{"GET", one, bearer, ""}, answer{200, tagged, strings.Replace(apartment, `{`, `{"colour":1,`, 1)}, "colour"},
		{"a field too few", ask{"GET", one, bearer, ""}, answer{200, tagged, strings.Replace(apartment, `"floor":1,`, ``, 1)}, "floor"},
		{"a field too many below", ask{"GET", list, bearer, ""},
			answer{200, tagged, `{"items":[` + strings.Replace(apartment, `{`, `{"colour":1,`, 1) + `],"nextPageToken":null}`}, "colour"},
		{"another type", ask{"GET", one, bearer, ""}, answer{200, tagged, strings.Replace(apartment, `"floor":1`, `"floor":"1"`, 1)}, "integer"},
		{"another time", ask{"GET", one, bearer, ""}, answer{200, tagged, strings.Replace(apartment, `.000000Z`, `Z`, 1)}, "registeredAt"},
		{"no entity tag", ask{"GET", one, bearer, ""}, answer{200, id + "Content-Type: application/json", apartment}, "ETag"},
		{"a weak tag", ask{"GET", one, bearer, ""}, answer{200, id + "ETag: W/\"v1\"\nContent-Type: application/json", apartment}, "ETag"},
		{"no tag with 304", ask{"GET", one, bearer, ""}, answer{304, id, ""}, "ETag"},
		{"a body with HEAD", ask{"HEAD", one, bearer, ""}, answer{200, tagged, apartment}, "there is a body"},
		{"no tag with HEAD", ask{"HEAD", one, bearer, ""}, answer{200, id, ""}, "ETag"},
		{"no request id", ask{"GET", one, bearer, ""}, answer{200, strings.TrimPrefix(tagged, id), apartment}, "X-Request-Id"},
		{"another media type", ask{"GET", one, bearer, ""}, answer{200, id + "ETag: \"v1\"\nContent-Type: text/html", apartment}, "Content-Type"},
		{"another status", ask{"GET", one, bearer, ""}, answer{202, tagged, apartment}, "does not have this status"},
		{"another code", ask{"GET", one, bearer, ""}, answer{404, problem, refusal(404, "not_permitted", "")}, "not_found"},
		{"another status in the body", ask{"GET", one, bearer, ""}, answer{404, problem, refusal(403, "not_found", "")}, "404"},
		{"another request id in the body", ask{"GET", one, bearer, ""}, answer{404, problem,
			strings.Replace(refusal(404, "not_found", ""), "r1", "r2", 1)}, "r2"},
		{"another type of problem", ask{"GET", one, bearer, ""}, answer{404, problem,
			strings.Replace(refusal(404, "not_found", ""), "problem:not_found", "problem:gone", 1)}, "gone"},
		{"no problem details", ask{"GET", one, bearer, ""}, answer{404, id + "Content-Type: application/json", refusal(404, "not_found", "")}, "Content-Type"},
		{"not the first fault's code", ask{"POST", list, jsonBody, `{}`}, answer{422, problem,
			refusal(422, "out_of_range", `,"errors":[{"field":"/number","code":"missing","detail":"d"}]`)}, "first fault"},
		{"nobody who has the number", ask{"POST", list, jsonBody, `{"floor":1,"number":1}`}, answer{409, problem, refusal(409, "number_taken", "")}, "existing"},
		{"no challenge", ask{"GET", one, "", ""}, answer{401, problem, refusal(401, "token_missing", "")}, "WWW-Authenticate"},
		{"no Retry-After", ask{"GET", one, bearer, ""}, answer{503, problem, refusal(503, "store_unavailable", "")}, "Retry-After"},

		{"no token", ask{"GET", one, "", ""}, answer{200, tagged, apartment}, "does not allow the request"},
		{"an unknown parameter", ask{"GET", one + "?colour=1", bearer, ""}, answer{200, tagged, apartment}, `"colour"`},
		{"a parameter twice", ask{"GET", list + "?floor=1&floor=2", bearer, ""}, answer{200, tagged, `{"items":[],"nextPageToken":null}`}, `"floor" comes 2 times`},
		{"a value out of range", ask{"GET", list + "?pageSize=0", bearer, ""}, answer{200, tagged, `{"items":[],"nextPageToken":null}`}, "pageSize"},
		{"an id that is none", ask{"GET", list + "/x", bearer, ""}, answer{200, tagged, apartment}, "apartmentId"},
		{"no condition", ask{"DELETE", one, bearer, ""}, answer{200, tagged, apartment}, "If-Match"},
		{"a key that is none", ask{"POST", "/v1/blocks/4/changeSets", jsonBody + "Idempotency-Key: a b", layout},
			answer{201, tagged + "Location: /v1", made}, "Idempotency-Key"},
		{"an unknown field", ask{"POST", "/v1/blocks/4/changeSets", jsonBody, `{"layout":"2: 201","colour":1}`},
			answer{201, tagged + "Location: /v1", made}, "does not allow the request"},
		{"changes and a layout", ask{"POST", "/v1/blocks/4/changeSets", jsonBody, `{"layout":"2: 201","changes":[{"kind":"retire","apartmentId":1}]}`},
			answer{201, tagged + "Location: /v1", made}, "does not allow the request"},

		{"a path too many", ask{"GET", "/v1/flats", bearer, ""}, answer{200, tagged, apartment}, "no operation"},
		{"a method too many", ask{"PUT", one, bearer, ""}, answer{200, tagged, apartment}, "no operation"},
		{"a method too few", ask{"PUT", one, bearer, ""}, answer{405, problem + "Allow: GET, HEAD, PATCH", refusal(405, "method_not_allowed", "")}, "DELETE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			said := exchange(t, c, tt.ask, tt.got)
			if tt.want == "" && said != "" || !strings.Contains(said, tt.want) {
				t.Errorf("the checker says %q, want %q", said, tt.want)
			}
		})
	}
}

func TestUnseen(t *testing.T) {
	c := newChecker(t)
	before := c.Unseen()
	for _, want := range []string{
		"getMe: 200 application/json", "getBlock: 304", "listChanges: 200 text/csv", "applyChangeSet: takes text/csv",
		"registerApartment: 409 application/problem+json", "registerApartment: 422 code key_reused",
		"Unauthenticated: 401 code token_expired", "no operation: 404 not_found", "no operation: 405 method_not_allowed",
	} {
		if !slices.Contains(before, want) {
			t.Errorf("%s is not asked for", want)
		}
	}
	for _, step := range []struct {
		ask  ask
		got  answer
		seen []string
	}{
		{ask{"GET", one, bearer, ""}, answer{200, tagged, apartment}, []string{"getApartment: 200 application/json"}},
		{ask{"GET", one, bearer, ""}, answer{304, tagged, ""}, []string{"getApartment: 304"}},
		{ask{"GET", one, bearer, ""}, answer{404, problem, refusal(404, "not_found", "")},
			[]string{"NotFound: 404 code not_found", "getApartment: 404 application/problem+json"}},
		{ask{"GET", "/v1", bearer, ""}, answer{404, problem, refusal(404, "not_found", "")}, []string{"no operation: 404 not_found"}},
		{ask{"POST", "/v1/blocks/4/changeSets", bearer + "Content-Type: text/csv", "floor,number"},
			answer{201, tagged + "Location: /v1", made}, []string{"applyChangeSet: 201 application/json", "applyChangeSet: takes text/csv"}},
		{ask{"GET", one, bearer, ""}, answer{403, problem, refusal(403, "not_permitted", "")}, nil}, // which is a fault
	} {
		exchange(t, c, step.ask, step.got)
		after := c.Unseen()
		seen := slices.DeleteFunc(slices.Clone(before), func(key string) bool { return slices.Contains(after, key) })
		if !slices.Equal(seen, step.seen) {
			t.Errorf("%s %s with %d has shown %q, want %q", step.ask.method, step.ask.path, step.got.status, seen, step.seen)
		}
		before = after
	}
}

func TestDocumentsThatAreNone(t *testing.T) {
	for _, text := range []string{"", "a: [", "openapi: 3.0.0\ninfo: {title: t, version: v}\npaths: {}", "openapi: 3.1.0\npaths: {}"} {
		if _, err := openapi.New([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func BenchmarkExchange(b *testing.B) {
	document, err := os.ReadFile("../../../adapters/httpapi/rest/openapi.yaml")
	if err != nil {
		b.Fatal(err)
	}
	c, err := openapi.New(document)
	if err != nil {
		b.Fatal(err)
	}
	t := c.Transport(answer{200, tagged, apartment}, func(err error) { b.Error(err) })
	for b.Loop() {
		r, _ := http.NewRequest("GET", "http://127.0.0.1:1"+one, nil)
		r.Header.Set("Authorization", "Bearer t")
		if _, err := t.RoundTrip(r); err != nil {
			b.Fatal(err)
		}
	}
}
