package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

const (
	apartments = "/v1/blocks/4/apartments"
	changeSets = "/v1/blocks/4/changeSets"
	mergePatch = "application/merge-patch+json"
)

// statuses are the codes of the contract with their statuses (REST v1, Manners), and those of layouts' texts.
var statuses = map[string]int{
	"body_unreadable": 400, "unknown_parameter": 400, "page_token_invalid": 400, "key_invalid": 400,
	"token_missing": 401, "token_invalid": 401, "token_expired": 401,
	"not_permitted": 403, "not_found": 404, "method_not_allowed": 405,
	"number_taken": 409, "already_retired": 409, "not_retired": 409, "change_refused": 409, "undo_refused": 409,
	"version_mismatch": 412, "request_too_large": 413, "content_type_unsupported": 415, "content_encoding_unsupported": 415,
	"missing": 422, "out_of_range": 422, "not_whole": 422, "not_positive": 422, "not_known": 422, "too_long": 422, "key_reused": 422,
	"unreadable": 422, "repeated": 422,
	"precondition_required": 428, "too_many_requests": 429, "internal": 500, "store_unavailable": 503,
}

// problem is a request and the refusal that it gets.
type problem struct {
	user                     string
	method, path, body, code string
	// fields are those of errors with their codes, "" where there is no errors.
	fields  string
	headers []string
}

var problems = []problem{
	{"7", "GET", "/v1/blocks/4?x=1", "", "unknown_parameter", "x not_known", nil},
	{"7", "GET", "/v1/me?x=1&a=2&%zz=", "", "unknown_parameter", " unreadable", nil},
	{"7", "GET", apartments + "?floor=1&floor=2&pagesize=1", "", "unknown_parameter", "floor repeated, pagesize not_known", nil},
	{"7", "GET", apartments + "?pageToken=x", "", "page_token_invalid", "", nil},
	{"7", "GET", apartments + "?pageToken=", "", "page_token_invalid", "", nil},
	{"7", "GET", apartments + "?pageToken=" + strings.Repeat("A", 5000), "", "page_token_invalid", "", nil},
	{"7", "GET", apartments + "?pageSize=0&floor=301&number=x&status=sold&numberPrefix=01.&orderBy=asc", "", "not_known",
		"status not_known, orderBy not_known, pageSize out_of_range, floor out_of_range, number not_whole, numberPrefix not_whole", nil},
	{"7", "GET", apartments + "?pageSize=99999999999999999999", "", "out_of_range", "pageSize out_of_range", nil},
	{"7", "GET", apartments + "?pageSize=", "", "not_whole", "pageSize not_whole", nil},
	{"7", "GET", "/v1/blocks/4/changes?by=0&apartmentId=-1&kind=sell&since=now&order=up&after=-1", "", "not_known",
		"order not_known, apartmentId not_positive, by not_positive, since unreadable, after out_of_range, kind not_known", nil},
	{"7", "GET", "/v1/blocks/4/changes?by=0", "", "not_positive", "by not_positive", nil},
	{"7", "GET", "/v1/blocks/4/changes?until=0001-01-01T00:00:00Z", "", "unreadable", "until unreadable", nil},
	{"7", "GET", "/v1/blocks/4/changes?pageSize=1", "", "unknown_parameter", "pageSize not_known", []string{"Accept", "text/csv"}},
	{"", "GET", "/v1/me", "", "token_missing", "", nil},
	{"7", "GET", "/v1/me", "", "token_missing", "", []string{"Authorization", "Basic 7"}},
	{"x", "GET", "/v1/me", "", "token_invalid", "", nil},
	{"expired", "GET", "/v1/me", "", "token_expired", "", nil},
	{"10", "POST", apartments, `{"floor":1,"number":9}`, "not_permitted", "", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9,"throughApartmentId":1}`, "not_permitted", "", nil},
	{"13", "POST", apartments, `{"floor":1,"number":9}`, "not_found", "", nil},
	{"7", "GET", "/v1/blocks/5", "", "not_found", "", nil},
	{"7", "GET", "/v1/blocks/04", "", "not_found", "", nil},
	{"7", "GET", "/v1/blocks/99999999999999999999", "", "not_found", "", nil},
	{"7", "GET", apartments + "/3", "", "not_found", "", nil},
	{"7", "GET", changeSets + "/x", "", "not_found", "", nil},
	{"7", "POST", changeSets + "/00000000-0000-0000-0000-000000000000/undo", "{}", "not_found", "", nil},
	{"7", "PATCH", apartments + "/99", `{"floor":1}`, "not_found", "", []string{"Content-Type", mergePatch, "If-Match", "*"}},
	{"7", "GET", "/v1/", "", "not_found", "", nil},
	{"7", "GET", "/v1/blocks/4/", "", "not_found", "", nil},
	{"7", "PUT", "/v1/blocks/4", "", "method_not_allowed", "", nil},
	{"7", "OPTIONS", apartments, "", "method_not_allowed", "", nil},
	{"", "BREW", "/v1/me", "", "method_not_allowed", "", nil},
	{"7", "POST", apartments, `{"floor":2,"number":102}`, "number_taken", "", nil},
	{"7", "PATCH", apartments + "/1", `{"number":102}`, "number_taken", "", []string{"Content-Type", mergePatch, "If-Match", `"v1"`}},
	{"7", "PATCH", apartments + "/1", `{"number":109}`, "version_mismatch", "", []string{"Content-Type", mergePatch, "If-Match", `"v1"x`}},
	{"7", "POST", apartments, "\u00a0{\"floor\":1,\"number\":9}", "body_unreadable", "", nil},
	{"7", "POST", apartments + "/1/restore", "", "not_retired", "", []string{"If-Match", "*"}},
	{"7", "PATCH", apartments + "/1", `{"number":9}`, "version_mismatch", "", []string{"Content-Type", mergePatch, "If-Match", `"v2"`}},
	{"7", "DELETE", apartments + "/1", "", "version_mismatch", "", []string{"If-Match", `W/"v1", "v7", "b1", "v01", nonsense`}},
	{"7", "DELETE", apartments + "/1", "", "version_mismatch", "", []string{"If-Match", `"v7", "v8"`}},
	{"10", "DELETE", apartments + "/1", "", "not_permitted", "", []string{"If-Match", `"b7"`}},
	{"7", "POST", apartments + "/1/restore", "", "version_mismatch", "", []string{"If-Match", ``}},
	{"7", "DELETE", apartments + "/1", "", "precondition_required", "", nil},
	{"7", "PATCH", apartments + "/1", "{}", "precondition_required", "", []string{"Content-Type", mergePatch}},
	{"7", "POST", apartments, `{"floor":1,"number":9,"x":"` + strings.Repeat("x", 64<<10) + `"}`, "request_too_large", "", nil},
	{"", "POST", apartments, strings.Repeat(" ", 65<<10), "request_too_large", "", nil},
	{"7", "POST", apartments, "floor=1", "content_type_unsupported", "", []string{"Content-Type", "application/x-www-form-urlencoded"}},
	{"7", "POST", apartments, `{"floor":1}`, "content_type_unsupported", "", []string{"Content-Type", "application/json; charset=utf-16"}},
	{"7", "POST", apartments, `{"floor":1}`, "content_type_unsupported", "", []string{"Content-Type", ""}},
	{"7", "PATCH", apartments + "/1", `{"floor":1}`, "content_type_unsupported", "", []string{"If-Match", "*"}},
	{"7", "POST", apartments, `{"floor":1}`, "content_encoding_unsupported", "", []string{"Content-Encoding", "gzip"}},
	{"7", "POST", apartments, `{`, "body_unreadable", "", nil},
	{"7", "POST", apartments, ` `, "body_unreadable", "", nil},
	{"7", "POST", apartments, `[]`, "body_unreadable", "", nil},
	{"7", "POST", apartments, "{\"floor\":1,\"number\":9,\"x\":\"\xff\"}", "body_unreadable", "", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9} {}`, "body_unreadable", "", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9} // one`, "body_unreadable", "", nil},
	{"7", "POST", apartments, `{"floor":1,"\u0066loor":1,"x":2,"number":9}`, "body_unreadable", "/floor repeated", nil},
	{"7", "POST", apartments, strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000), "request_too_large", "", nil},
	{"7", "POST", apartments, strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), "not_known", "/a not_known, /floor missing, /number missing", nil},
	{"7", "POST", apartments, `{"floor":` + strings.Repeat("9", 60_000) + `,"number":-1e308}`, "out_of_range", "/floor out_of_range, /number out_of_range", nil},
	{"7", "POST", apartments, `{"floor":1.5,"number":"9"}`, "not_whole", "/floor not_whole, /number not_whole", nil},
	{"7", "POST", apartments, `{"floor":1.00000000000000000001,"number":1e400}`, "not_whole", "/floor not_whole, /number not_whole", nil},
	{"7", "POST", apartments, `{"floor":null,"a/~b":1}`, "not_known", "/a~1~0b not_known, /floor missing, /number missing", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9,"throughApartmentId":0,"location":{"longitude":180.00000000000000000001,"latitude":"1","x":1}}`, "not_known",
		"/location/x not_known, /location/latitude unreadable, /location/longitude out_of_range, /throughApartmentId not_positive", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9,"throughApartmentId":9007199254740992,"location":{}}`, "missing",
		"/location/longitude missing, /location/latitude missing, /throughApartmentId out_of_range", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9,"location":[]}`, "unreadable",
		"/location unreadable, /location/longitude missing, /location/latitude missing", nil},
	{"7", "POST", apartments, `{"floor":1,"number":9}`, "key_invalid", "", []string{"Idempotency-Key", "a b"}},
	{"7", "POST", apartments, `{"floor":1,"number":9}`, "key_invalid", "", []string{"Idempotency-Key", strings.Repeat("k", 256)}},
	{"7", "POST", apartments + "/1/restore", "", "key_invalid", "", []string{"If-Match", "*", "Idempotency-Key", ""}},
	{"7", "PATCH", apartments + "/1", `{"number":null}`, "missing", "/number missing", []string{"Content-Type", mergePatch, "If-Match", "*"}},
	{"7", "POST", changeSets, `{}`, "missing", "/changes missing", nil},
	{"7", "POST", changeSets, `{"changes":[]}`, "missing", "/changes missing", nil},
	{"7", "POST", changeSets, `{"changes":{}}`, "unreadable", "/changes unreadable", nil},
	{"7", "POST", changeSets, `{"changes":[],"layout":"1: 1"}`, "repeated", "/layout repeated", nil},
	{"7", "POST", changeSets, `{"changes":[1,{},{"kind":1},{"kind":"import"},{"kind":"retire"},{"kind":"retire","apartmentId":1,"floor":1,"ifVersion":0},
		{"kind":"correct","apartmentId":1,"floor":-21}],"dryRun":"yes","ifVersion":-1}`, "unreadable",
		"/changes/0 unreadable, /changes/1/kind missing, /changes/2/kind unreadable, /changes/3/kind not_known, /changes/4/apartmentId missing, " +
			"/changes/5/floor not_known, /changes/5/ifVersion out_of_range, /changes/6/floor out_of_range, /dryRun unreadable, /ifVersion out_of_range", nil},
	{"7", "POST", changeSets, `{"changes":[` + strings.Repeat(`{"kind":"register","floor":1,"number":9},`, 10_000) + `1]}`, "too_long", "/changes too_long", nil},
	{"7", "POST", changeSets, `{"layout":"1: x; 2: 1-2, 2"}`, "unreadable", "/layout unreadable, /layout repeated", nil},
	{"7", "POST", changeSets, `{"layout":1}`, "unreadable", "/layout unreadable", nil},
	{"7", "POST", changeSets, `{"layout":{"floors":{"from":-1,"to":400},"x":1}}`, "not_known",
		"/layout/x not_known, /layout/perFloor missing, /layout/numbering missing, /layout/floors/to out_of_range", nil},
	{"7", "POST", changeSets, `{"layout":{"floors":{"from":-1,"to":3},"perFloor":100,"numbering":"floor","first":2}}`, "out_of_range",
		"/layout/floors/from out_of_range, /layout/perFloor out_of_range, /layout/first out_of_range", nil},
	{"7", "POST", changeSets, `{"changes":[{"kind":"retire","apartmentId":3},{"kind":"register","floor":1,"number":101}]}`, "change_refused",
		"/changes/0 not_found, /changes/1 number_taken", nil},
	{"7", "POST", changeSets, `{"dryRun":true,"changes":[{"kind":"restore","apartmentId":1},{"kind":"retire","apartmentId":2,"ifVersion":1}]}`, "change_refused",
		"/changes/0 not_retired, /changes/1 version_mismatch", nil},
	{"7", "POST", changeSets, `{"ifVersion":1,"layout":"1: 1"}`, "version_mismatch", "", nil},
	{"7", "POST", changeSets + "?dryRun=true", `{"layout":"1: 1"}`, "unknown_parameter", "dryRun not_known", nil},
	{"7", "POST", changeSets + "?dryRun=1&ifVersion=-1", "floor,number\n1,1", "not_known", "dryRun not_known, ifVersion out_of_range", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "number,floor\n1,1", "body_unreadable", "", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "\n\n", "body_unreadable", "", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "floor,number\n\xff,1", "body_unreadable", "", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "floor,number\n", "missing", "/changes missing", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "floor,number\n1\n1,2,3\n\"1,2\n=1+1,\n1.5,1000000\n301,1\n" + strings.Repeat(",", 100_000), "unreadable",
		"/changes/0 unreadable, /changes/1 unreadable, /changes/2/floor not_whole, /changes/3/floor not_whole, /changes/3/number missing, " +
			"/changes/4/floor not_whole, /changes/5/floor out_of_range, /changes/6 unreadable", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "floor,number\n" + strings.Repeat("1,1\n", 10_001), "too_long", "/changes too_long", []string{"Content-Type", "text/csv"}},
	{"7", "POST", changeSets, "floor,number\n" + strings.Repeat("1,1\n", 3<<20), "request_too_large", "", []string{"Content-Type", "text/csv"}},
}

// fieldsOf returns the fields of a refusal's errors with their codes.
func fieldsOf(t *testing.T, a answer) string {
	t.Helper()
	var fields []string
	all, _ := a.value(t, "errors").([]any)
	for _, one := range all {
		one := one.(map[string]any)
		fields = append(fields, fmt.Sprint(one["field"], " ", one["code"]))
		if one["detail"] == "" {
			t.Errorf("no detail in %v", one)
		}
	}
	return strings.Join(fields, ", ")
}

// Each code is answered with its status, with all faults at once, and leaves everything as it was.
func TestProblems(t *testing.T) {
	store := town(t)
	s := serve(t, store, httpapi.Options{})
	seen := map[string]bool{}
	before := len(store.LedgerEntries())
	for _, c := range problems {
		t.Run(c.code, func(t *testing.T) {
			s.t = t
			got := s.sendAs(c.user, c.method, c.path, c.body, c.headers...)
			wantProblem(t, got, c.code)
			if fields := fieldsOf(t, got); fields != c.fields {
				t.Errorf("%s %s %.200s:\ngot  %s\nwant %s", c.method, c.path, c.body, fields, c.fields)
			}
			seen[c.code] = true
		})
	}
	if now := len(store.LedgerEntries()); now != before {
		t.Errorf("%d changes were made", now-before)
	}
	for _, code := range []string{"already_retired", "undo_refused", "key_reused", "too_many_requests", "internal", "store_unavailable"} {
		seen[code] = true // in tests of their own
	}
	for code := range statuses {
		if !seen[code] {
			t.Errorf("%s was not seen", code)
		}
	}
}

// wantProblem wants a refusal with a code, in the form of all refusals.
func wantProblem(t *testing.T, got answer, code string) {
	t.Helper()
	status := statuses[code]
	if got.status != status || got.code(t) != code {
		t.Errorf("HTTP %d %.300s, want %d %s", got.status, got.body, status, code)
	}
	h := got.header
	for name, want := range map[string]any{
		"type": "urn:omarty:problem:" + code, "status": float64(status), "code": code, "requestId": h.Get("X-Request-Id"),
	} {
		if got.value(t, name) != want {
			t.Errorf("%s is %v, want %v", name, got.value(t, name), want)
		}
	}
	if got.value(t, "title") == "" || got.value(t, "detail") == "" {
		t.Errorf("no title or detail: %s", got.body)
	}
	if h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" || h.Get("ETag") != "" {
		t.Errorf("header %v", h)
	}
	for name, of := range map[string]bool{
		"WWW-Authenticate": status == 401, "Allow": status == 405, "Retry-After": status == 429 || status == 503,
	} {
		if (h.Get(name) != "") != of {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
	switch code {
	case "number_taken":
		if got.value(t, "existing", "id") != 2.0 {
			t.Errorf("existing: %s", got.body)
		}
	case "version_mismatch":
		if id := got.value(t, "current", "id"); id != 1.0 && id != 4.0 {
			t.Errorf("current: %s", got.body)
		}
	}
}

// Refusals that depend on what was done before.
func TestProblemsAfterChanges(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	set := s.send(manager, "POST", changeSets, `{"layout":"2: 201"}`)
	s.send(manager, "DELETE", apartments+"/1", "", "If-Match", "*")
	s.send(manager, "DELETE", apartments+"/4", "", "If-Match", "*")
	wantProblem(t, s.send(manager, "DELETE", apartments+"/1", "", "If-Match", "*"), "already_retired")
	wantProblem(t, s.send(manager, "PATCH", apartments+"/1", `{"floor":1}`, "If-Match", "*", "Content-Type", mergePatch), "already_retired")
	undo := s.send(manager, "POST", set.header.Get("Location")+"/undo", `{}`)
	if wantProblem(t, undo, "undo_refused"); undo.value(t, "changed", 0, "id") != 4.0 || undo.value(t, "changed", 0, "status") != "retired" {
		t.Errorf("changed: %s", undo.body)
	}
	s.send(manager, "POST", apartments, `{"floor":9,"number":901}`, "Idempotency-Key", "k")
	for _, c := range [][2]string{{apartments, `{"floor":9,"number":902}`}, {changeSets, `{"layout":"1: 7, 8"}`}} {
		wantProblem(t, s.send(manager, "POST", c[0], c[1], "Idempotency-Key", "k"), "key_reused")
	}
}

// What fails inside is answered without a word of it.
func TestFailures(t *testing.T) {
	const secret = "/var/lib/omarty.db"
	for _, c := range []struct {
		name, code string
		fail       func() error
	}{
		{"an unknown error", "internal", func() error { return errors.New(secret) }},
		{"a panic", "internal", func() error { panic(secret) }},
		{"a store that is down", "store_unavailable", func() error { return fmt.Errorf("%w: %s", domain.StoreUnavailable, secret) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveUseCases(t, rest.UseCases{
				GetBlock: func(context.Context, application.GetBlockInput) (application.BlockOutput, error) {
					return application.BlockOutput{}, c.fail()
				},
			}, httpapi.Options{})
			got := s.send(manager, "GET", "/v1/blocks/4", "")
			if wantProblem(t, got, c.code); strings.Contains(got.body, secret) {
				t.Error(got.body)
			}
		})
	}
}

// Reads and writes have limits of their own.
func TestRateLimits(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{RateLimit: 1, ReadRateLimit: 2})
	count := func(method, path string) (refused int) {
		for range 10 {
			if got := s.send(manager, method, path, ""); got.status == http.StatusTooManyRequests {
				refused++
				wantProblem(t, got, "too_many_requests")
			}
		}
		return refused
	}
	if reads, writes := count("GET", "/v1/me"), count("DELETE", apartments+"/9"); reads < 1 || reads > 6 || writes < 1 || writes > 8 {
		t.Errorf("%d of 10 reads and %d of 10 writes were refused", reads, writes)
	}
	if got := s.sendAs("", "GET", "/v1/openapi.json", ""); got.status != http.StatusOK {
		t.Errorf("the document: HTTP %d", got.status)
	}
}

// What a stranger may not see is answered as what is not there, byte for byte.
func TestNotFoundIsOneAnswer(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	var bodies []string
	for _, path := range []string{
		"/v1/blocks/4", "/v1/blocks/5", "/v1/blocks/x", "/v1/nothing", apartments, apartments + "/1", apartments + "/99", "/v1/blocks/5/apartments/1",
		"/v1/blocks/6/apartments/1", changeSets + "/x", "/v1/blocks/4/changes", "/v1/blocks/5/changes", "/v1",
	} {
		got := s.send(stranger, "GET", path, "", "X-Request-Id", "one")
		got.header.Del("Date")
		got.header.Del("Vary")
		bodies = append(bodies, fmt.Sprint(got.status, got.header, got.body))
		if bodies[0] != bodies[len(bodies)-1] {
			t.Errorf("%s: %s, want %s", path, bodies[len(bodies)-1], bodies[0])
		}
	}
}
