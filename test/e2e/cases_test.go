package e2e_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// wireCase is a case of testdata/cases.json: steps in turn, from the fixture.
type wireCase struct {
	Name  string
	Steps []step
}

type step struct {
	User     *domain.UserID // null for no token
	Type     string
	Body     string // of a multipart step: form pairs to encode as parts
	Method   string
	Headers  [][2]string
	HTTP     int
	Answer   map[string]any
	Log      *logged // what the newest row of logs must hold
	Rows     *int    // how many apartments number 2 block 4 has
	Replayed bool
}

type logged struct {
	User                domain.UserID
	Block               domain.BlockID
	Apartment           *domain.ApartmentID
	Longitude, Latitude *float64
}

// The wire contract's cases, each from a fresh register, on every store.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []wireCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 30 {
		t.Fatalf("only %d cases", len(cases))
	}
	onEveryStore(t, func(t *testing.T, start func(t *testing.T) service) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				s := start(t)
				for i, step := range c.Steps {
					step.check(t, i+1, s)
				}
			})
		}
	})
}

func (c step) check(t *testing.T, number int, s service) {
	t.Helper()
	before := s.rows(t)
	got := send(t, c.request(t, s))
	if got.status != c.HTTP {
		t.Errorf("step %d: HTTP %d, want %d", number, got.status, c.HTTP)
	}
	want, err := json.Marshal(c.Answer)
	if err != nil {
		t.Fatal(err)
	}
	if !sameJSON(t, got.body, string(want)) {
		t.Errorf("step %d: answer %s, want %s", number, got.body, want)
	}
	if replayed := got.header.Get("Idempotent-Replayed") == "true"; replayed != c.Replayed {
		t.Errorf("step %d: replayed is %v", number, replayed)
	}
	rows := s.rows(t)
	for _, c := range rows.Contradictions() {
		t.Errorf("step %d: %s", number, c)
	}
	registered := c.Answer["data"] != nil && !c.Replayed
	if added := len(rows.Apartments) - len(before.Apartments); (added == 1) != registered || added > 1 {
		t.Errorf("step %d: %d apartments more", number, added)
	}
	if added := len(rows.Logs) - len(before.Logs); (added == 1) != registered || added > 1 {
		t.Errorf("step %d: %d log rows more", number, added)
	}
	if c.Rows != nil {
		n := len(slices.DeleteFunc(slices.Clone(rows.Apartments), func(a storetest.ApartmentRow) bool { return a.Block != 4 || a.Number != 2 }))
		if n != *c.Rows {
			t.Errorf("step %d: %d apartments have number 2 of block 4, want %d", number, n, *c.Rows)
		}
	}
	if c.Log != nil {
		c.Log.check(t, newest(t, before, rows))
	}
}

// newest returns the one row that a step added to the log.
func newest(t *testing.T, before, after storetest.Rows) storetest.LogRow {
	t.Helper()
	for _, row := range after.Logs {
		if !slices.ContainsFunc(before.Logs, func(old storetest.LogRow) bool { return old.Registration == row.Registration }) {
			return row
		}
	}
	t.Fatal("nothing was logged")
	return storetest.LogRow{}
}

func (want *logged) check(t *testing.T, got storetest.LogRow) {
	t.Helper()
	if got.User != want.User || got.Block != want.Block ||
		!same(got.Apartment, want.Apartment) || !same(got.Longitude, want.Longitude) || !same(got.Latitude, want.Latitude) {
		t.Errorf("logged %+v, want %+v", got, *want)
	}
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func (c step) request(t *testing.T, s service) *http.Request {
	t.Helper()
	body, contentType := c.Body, c.Type
	if contentType == "multipart/form-data" {
		body, contentType = asMultipart(t, body)
	}
	method := c.Method
	if method == "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+"/omartyapis/Create/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	if c.User != nil {
		r.Header.Set("Authorization", "Bearer "+token(t, *c.User))
	}
	for _, h := range c.Headers {
		r.Header.Add(h[0], h[1])
	}
	return r
}

// asMultipart encodes the pairs of a form as parts.
func asMultipart(t *testing.T, form string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for pair := range strings.SplitSeq(form, "&") {
		name, escaped, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y map[string]any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	xs, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	ys, err := json.Marshal(y)
	if err != nil {
		t.Fatal(err)
	}
	return string(xs) == string(ys)
}
