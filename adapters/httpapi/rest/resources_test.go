package rest_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func replaced(text, old, by string) string { return strings.ReplaceAll(text, old, by) }

func contains(text, part string) bool { return strings.Contains(text, part) }

// want wants a status and exactly this JSON.
func want(t *testing.T, got answer, status int, body string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got.body), &a); err != nil || got.status != status || !reflect.DeepEqual(a, b) {
		t.Errorf("HTTP %d %s\nwant %d %s (%v)", got.status, got.body, status, body, err)
	}
}

// Each resource in full.
func TestResources(t *testing.T) {
	store := memstore.New().WithBlock(4, "Palm Tower").WithBlock(5, "Empty").WithManager(manager, 4).WithMember(manager, 5, domain.RoleCashier)
	s := serve(t, store, httpapi.Options{})
	const time = `"2026-01-02T03:04:05.678901Z"`
	want(t, s.send(manager, "GET", "/v1/me", ""), 200, `{"userId":7,"memberships":[
		{"blockId":4,"blockName":"Palm Tower","blockStatus":"active","apartmentId":null,"role":"manager","status":"active",
		 "permissions":["read","readLedger","readLocations","write"]},
		{"blockId":5,"blockName":"Empty","blockStatus":"active","apartmentId":null,"role":"cashier","status":"active","permissions":["read"]}]}`)
	want(t, s.send(nobody, "GET", "/v1/me", ""), 200, `{"userId":14,"memberships":[]}`)
	want(t, s.send(nobody, "GET", "/v1/blocks", ""), 200, `{"items":[],"nextPageToken":null}`)

	created := s.send(manager, "POST", apartments, `{"floor":0,"number":2e0,"location":{"longitude":31.2357,"latitude":30.0444}}`, "X-Request-Id", "a-1")
	apartment := `{"id":1,"blockId":4,"floor":0,"number":2,"status":"registered","registeredBy":7,"registeredAt":` + time + `,"changedAt":` + time + `,"version":1}`
	want(t, created, 201, apartment)
	if h := created.header; h.Get("Location") != "/v1/blocks/4/apartments/1" || h.Get("ETag") != `"v1"` || h.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", h)
	}
	read := s.send(manager, "GET", created.header.Get("Location"), "")
	want(t, read, 200, apartment)
	if h := read.header; h.Get("ETag") != `"v1"` || h.Get("Cache-Control") != "private, no-cache" || h.Get("X-Request-Id") == "" {
		t.Errorf("header %v", h)
	}
	want(t, s.send(manager, "GET", apartments, ""), 200, `{"items":[`+apartment+`],"nextPageToken":null}`)
	want(t, s.send(manager, "GET", "/v1/blocks/4", ""), 200, `{"id":4,"name":"Palm Tower","status":"active","version":1,
		"apartments":{"registered":1,"retired":0},"floors":{"lowest":0,"highest":0},"permissions":["read","readLedger","readLocations","write"]}`)
	want(t, s.send(manager, "GET", "/v1/blocks/5", ""), 200, `{"id":5,"name":"Empty","status":"active","version":0,
		"apartments":{"registered":0,"retired":0},"floors":null,"permissions":["read"]}`)

	set := s.send(manager, "POST", changeSets, `{"changes":[{"kind":"correct","apartmentId":1,"number":3},{"kind":"register","floor":1,"number":2},
		{"kind":"correct","apartmentId":1,"floor":null}]}`)
	id, _ := set.value(t, "changeSetId").(string)
	changes := `"changes":[
		{"index":0,"kind":"correct","apartmentId":1,"before":{"floor":0,"number":2,"status":"registered"},"after":{"floor":0,"number":3,"status":"registered"},"outcome":"done"},
		{"index":1,"kind":"register","apartmentId":2,"before":null,"after":{"floor":1,"number":2,"status":"registered"},"outcome":"done"}`
	want(t, set, 201, `{"changeSetId":"`+id+`","dryRun":false,"version":3,"counts":{"register":1,"correct":1,"retire":0,"restore":0,"unchanged":1},`+changes+`,
		{"index":2,"kind":"correct","apartmentId":1,"before":{"floor":0,"number":3,"status":"registered"},"after":{"floor":0,"number":3,"status":"registered"},"outcome":"unchanged"}]}`)
	told := `{"changeSetId":"` + id + `","dryRun":false,"version":3,"counts":{"register":1,"correct":1,"retire":0,"restore":0,"unchanged":0},` + changes + `]}`
	want(t, s.send(manager, "GET", set.header.Get("Location"), ""), 200, told)
	want(t, s.send(manager, "GET", changeSets+"/"+strings.ToUpper(id), ""), 200, told)

	nothing := s.send(manager, "POST", changeSets, `{"layout":"1: 2"}`)
	if nothing.status != 200 || nothing.value(t, "changeSetId") != nil || nothing.header.Get("Location") != "" {
		t.Errorf("a set that changes nothing: HTTP %d %v %s", nothing.status, nothing.header, nothing.body)
	}
	want(t, s.send(manager, "GET", "/v1/blocks/4/changes?order=desc&after=2", ""), 200, `{"items":[{"sequence":1,
		"changeSetId":"`+s.send(manager, "GET", "/v1/blocks/4/changes", "").value(t, "items", 0, "changeSetId").(string)+`",
		"kind":"register","apartmentId":1,"before":null,"after":{"floor":0,"number":2,"status":"registered"},"by":7,"throughApartmentId":null,"at":`+time+`,
		"location":{"longitude":31.2357,"latitude":30.0444},"source":"api","requestId":"a-1"}],"nextPageToken":null}`)
}

// Whoever asks again with the same key gets the first answer, whatever became of the apartment.
func TestAskingAgain(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	ask := func(path, body string, headers ...string) answer {
		return s.send(manager, "POST", path, body, append(headers, "Idempotency-Key", "k"+path)...)
	}
	again := func(name string, first answer, path, body string, headers ...string) {
		t.Helper()
		got := ask(path, body, headers...)
		if got.status != first.status || got.body != first.body || got.header.Get("Idempotent-Replayed") != "true" ||
			got.header.Get("ETag") != first.header.Get("ETag") || got.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("%s: HTTP %d %v %s\nfirst %d %v %s", name, got.status, got.header, got.body, first.status, first.header, first.body)
		}
		if first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: the first is marked", name)
		}
	}
	created := ask(apartments, `{"floor":3,"number":301}`)
	set := ask(changeSets, `{"layout":"4: 401-403"}`)
	undone := ask(set.header.Get("Location")+"/undo", `{}`)
	s.send(manager, "DELETE", created.header.Get("Location"), "", "If-Match", "*")
	again("an apartment", created, apartments, `{"number":301,"floor":3}`)
	again("a change set", set, changeSets, `{"layout":"4: 401, 402-403"}`)
	again("an undo", undone, set.header.Get("Location")+"/undo", `{"dryRun":false}`)
	restored := ask(created.header.Get("Location")+"/restore", "", "If-Match", "*")
	s.send(manager, "DELETE", created.header.Get("Location"), "", "If-Match", "*")
	again("a restored apartment", restored, created.header.Get("Location")+"/restore", "", "If-Match", "*")
}

// Page after page has each item once, in every order, and each token fits its own query and user alone.
func TestPages(t *testing.T) {
	store := town(t)
	s := serve(t, store, httpapi.Options{})
	s.send(manager, "POST", changeSets, `{"layout":"2: 201-210; 3: 301-305"}`)
	s.send(manager, "DELETE", apartments+"/1", "", "If-Match", "*")
	for path, n := range map[string]int{
		apartments + "?": 16, apartments + "?status=all&orderBy=floor%20desc": 17, apartments + "?status=retired": 1, apartments + "?orderBy=number+desc&floor=2": 10,
		apartments + "?numberPrefix=30&": 5, apartments + "?number=302": 1, "/v1/blocks?": 1,
		"/v1/blocks/4/changes?": 18, "/v1/blocks/4/changes?order=desc&kind=register": 15, "/v1/blocks/4/changes?since=2026-01-02T03:04:05.678901Z&until=2026-01-02T03:04:06%2B00:00": 16,
	} {
		for _, size := range []int{1, 3, 1000} {
			seen := map[any]bool{}
			for token := ""; ; {
				query := path + "&pageSize=" + strconv.Itoa(size) + token
				page := s.send(manager, "GET", query, "")
				items, ok := page.value(t, "items").([]any)
				if !ok || len(items) > size {
					t.Fatalf("%s: %s", query, page.body)
				}
				for _, item := range items {
					id := item.(map[string]any)["sequence"]
					if id == nil {
						id = item.(map[string]any)["id"]
					}
					if seen[id] {
						t.Errorf("%s: %v comes twice", path, id)
					}
					seen[id] = true
				}
				if got := s.send(manager, "GET", query, "", "If-None-Match", `"x", W/`+page.header.Get("ETag")); got.status != 304 || got.body != "" || got.header.Get("ETag") != page.header.Get("ETag") {
					t.Errorf("%s again: HTTP %d", query, got.status)
				}
				next := page.value(t, "nextPageToken")
				if next == nil {
					break
				}
				token = "&pageToken=" + next.(string)
			}
			if len(seen) != n {
				t.Errorf("%s by %d: %d items, want %d", path, size, len(seen), n)
			}
		}
	}

	token, _ := s.send(manager, "GET", apartments+"?pageSize=1", "").value(t, "nextPageToken").(string)
	other := httpapiServer(t, store, "another secret")
	for name, got := range map[string]answer{
		"another query":       s.send(manager, "GET", apartments+"?status=all&pageToken="+token, ""),
		"another list":        s.send(manager, "GET", "/v1/blocks/4/changes?pageToken="+token, ""),
		"another user":        s.send(board, "GET", apartments+"?pageToken="+token, ""),
		"another block":       s.send(stranger, "GET", "/v1/blocks/6/apartments?pageToken="+token, ""),
		"another key":         other.send(manager, "GET", apartments+"?pageToken="+token, ""),
		"another bit":         s.send(manager, "GET", apartments+"?pageToken=A"+token[1:], ""),
		"a part of it":        s.send(manager, "GET", apartments+"?pageToken="+token[:10], ""),
		"another page's size": s.send(manager, "GET", apartments+"?pageSize=2&pageToken="+token, ""),
	} {
		if ok := name == "another page's size"; ok != (got.status == http.StatusOK) {
			t.Errorf("%s: HTTP %d %s", name, got.status, got.body)
		}
	}
}

func httpapiServer(t *testing.T, store application.Store, secret string) server {
	t.Helper()
	return serveSurface(t, rest.New(rest.UseCasesOf(application.New(store)), []byte(secret)), httpapi.Options{})
}

// A list's tag is another once the block has changed, and that of a block when anything that it shows has.
func TestTags(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	for _, path := range []string{"/v1/blocks/4", "/v1/blocks", apartments, apartments + "?floor=9", apartments + "/2", "/v1/blocks/4/changes"} {
		tag := s.send(manager, "GET", path, "").header.Get("ETag")
		if got := s.send(manager, "GET", path, "", "If-None-Match", tag); got.status != 304 || got.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: HTTP %d %v", path, got.status, got.header)
		}
		if got := s.send(manager, "GET", path, "", "If-None-Match", "*"); got.status != 304 {
			t.Errorf("%s, *: HTTP %d", path, got.status)
		}
		s.send(manager, "POST", apartments+"/2/restore", "", "If-Match", "*")
		if got := s.send(manager, "DELETE", apartments+"/2", "", "If-Match", "*"); got.status != 200 {
			t.Fatal(got.body)
		}
		if got := s.send(manager, "GET", path, "", "If-None-Match", tag); got.status != 200 {
			t.Errorf("%s after a change: HTTP %d", path, got.status)
		}
	}
	if got := s.send(manager, "GET", "/v1/blocks/5", "", "If-None-Match", "*"); got.status != 404 {
		t.Errorf("what is not there: HTTP %d", got.status)
	}
}

// Of several who correct the same version of an apartment at once, one wins, and the others get what there is now.
func TestCorrectionsAtOnce(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	for round := range 50 {
		tag := s.send(manager, "GET", apartments+"/1", "").header.Get("ETag")
		var won, refused atomic.Int32
		var all sync.WaitGroup
		for i := range 2 {
			all.Go(func() {
				got := s.send(manager, "PATCH", apartments+"/1", `{"number":`+strconv.Itoa(1000+2*round+i)+`}`, "If-Match", tag, "Content-Type", mergePatch)
				switch {
				case got.status == 200:
					won.Add(1)
				case got.status == 412 && got.value(t, "current", "id") == 1.0:
					refused.Add(1)
				default:
					t.Errorf("HTTP %d %s", got.status, got.body)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || refused.Load() != 1 {
			t.Fatalf("%d won, %d were refused", won.Load(), refused.Load())
		}
	}
}

// A patch that changes nothing leaves the version and the ledger as they are.
func TestPatchOfNothing(t *testing.T) {
	store := town(t)
	s := serve(t, store, httpapi.Options{})
	before := len(store.LedgerEntries())
	for _, body := range []string{`{}`, `{"floor":1}`, `{"number":101,"floor":1e0}`} {
		got := s.send(manager, "PATCH", apartments+"/1", body, "If-Match", `"v9", "v1"`, "Content-Type", mergePatch+"; charset=UTF-8")
		if got.status != 200 || got.header.Get("ETag") != `"v1"` || len(store.LedgerEntries()) != before {
			t.Errorf("%s: HTTP %d %s", body, got.status, got.body)
		}
	}
}

// HEAD is answered as GET is, without the body.
func TestHead(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	for _, path := range []string{
		"/v1/me", "/v1/blocks", "/v1/blocks/4", apartments, apartments + "/1", "/v1/blocks/4/changes", "/v1/openapi.yaml", "/v1/openapi.json", "/v1/blocks/9", "/v1/nothing",
	} {
		get, head := s.send(manager, "GET", path, "", "X-Request-Id", "one"), s.send(manager, "HEAD", path, "", "X-Request-Id", "one")
		get.header.Del("Date")
		head.header.Del("Date")
		if head.status != get.status || head.body != "" || !reflect.DeepEqual(head.header, get.header) {
			t.Errorf("%s: HTTP %d %v, want %d %v", path, head.status, head.header, get.status, get.header)
		}
	}
}

// Pages of origins that are configured may use the API, and no others.
func TestCORS(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{}, rest.WithOrigins("https://a.example", "https://b.example"))
	preflight := []string{"Access-Control-Request-Method", "PATCH", "Origin"}
	got := s.sendAs("", "OPTIONS", apartments+"/1", "", append(preflight, "https://b.example")...)
	if h := got.header; got.status != 204 || h.Get("Access-Control-Allow-Origin") != "https://b.example" ||
		h.Get("Access-Control-Allow-Methods") != "DELETE, GET, HEAD, PATCH" || !contains(h.Get("Access-Control-Allow-Headers"), "If-Match") {
		t.Errorf("HTTP %d %v", got.status, h)
	}
	if got := s.sendAs("", "OPTIONS", apartments, "", append(preflight, "https://c.example")...); got.status != 405 || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: HTTP %d %v", got.status, got.header)
	}
	for origin, allowed := range map[string]string{"https://a.example": "https://a.example", "https://A.example": "", "null": "", "": ""} {
		got := s.send(manager, "GET", "/v1/blocks/9", "", "Origin", origin)
		if got.header.Get("Access-Control-Allow-Origin") != allowed || got.header.Get("Vary") != "Origin" {
			t.Errorf("%q: %v", origin, got.header)
		}
	}
	closed := serve(t, town(t), httpapi.Options{})
	if got := closed.send(manager, "GET", "/v1/me", "", "Origin", "https://a.example"); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without configured origins: %v", got.header)
	}
}
