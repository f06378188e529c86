package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// plainTokens takes a user's digits for a token.
type plainTokens struct{}

func (plainTokens) User(token string) (domain.UserID, error) {
	n, err := strconv.ParseInt(token, 10, 64)
	switch {
	case token == "expired":
		return 0, domain.TokenExpired
	case err != nil:
		return 0, domain.TokenInvalid
	default:
		return domain.UserID(n), nil
	}
}

// at is the time of every change of these tests.
var at = time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)

// The users of block 4: each has one role there. Nobody belongs to it nowhere, and stranger to block 6 alone.
const (
	manager = iota + 7
	board
	cashier
	resident
	watchman
	pending
	stranger
	nobody
)

// town has block 4 with apartments 1 (floor 1, number 101) and 2 (floor 1, number 102), and block 6 with apartment 3.
func town(t testing.TB) *memstore.Store {
	t.Helper()
	store := memstore.New().
		WithBlock(4, "Palm Tower", memstore.Apartments(1, 101, 102)...).
		WithBlock(6, "Garden", memstore.Apartments(0, 1)...).
		WithManager(manager, 4).WithMember(board, 4, domain.RoleBoardMember).WithMember(cashier, 4, domain.RoleCashier).
		WithMember(resident, 4, domain.RoleResident).WithMember(watchman, 4, domain.RoleWatchman).WithManager(stranger, 6)
	awaited, err := domain.NewMembership(pending, 4, 0, domain.RoleManager, domain.MembershipPending)
	if err != nil {
		t.Fatal(err)
	}
	register := application.Register{Memberships: []domain.Membership{awaited}}
	if _, err := application.NewImportRegister(store, time.Now, application.UUIDv7(time.Now)).Import(t.Context(), register, nil); err != nil {
		t.Fatal(err)
	}
	return store
}

// server is the API over a store, on loopback.
type server struct {
	t   testing.TB
	url string
}

func serve(t testing.TB, store application.Store, o httpapi.Options, options ...rest.Option) server {
	t.Helper()
	return serveUseCases(t, rest.UseCasesOf(application.New(store, application.WithClock(func() time.Time { return at }))), o, options...)
}

func serveUseCases(t testing.TB, use rest.UseCases, o httpapi.Options, options ...rest.Option) server {
	t.Helper()
	return serveSurface(t, rest.New(use, []byte("a secret"), options...), o)
}

func serveSurface(t testing.TB, surface httpapi.Surface, o httpapi.Options) server {
	t.Helper()
	s := httptest.NewServer(httpapi.New(plainTokens{}, o, surface))
	t.Cleanup(s.Close)
	return server{t, s.URL}
}

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// value returns the value at a path of names and indexes in an answer of JSON, nil where there is none.
func (a answer) value(t testing.TB, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("HTTP %d %s: %v", a.status, a.body, err)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			array, _ := v.([]any)
			if step >= len(array) {
				return nil
			}
			v = array[step]
		}
	}
	return v
}

func (a answer) code(t testing.TB) string {
	t.Helper()
	code, _ := a.value(t, "code").(string)
	return code
}

// send sends a request of a user. Headers come in pairs; a body that begins with an object is JSON unless they say otherwise.
func (s server) send(user int, method, path, body string, headers ...string) answer {
	s.t.Helper()
	return s.sendAs(strconv.Itoa(user), method, path, body, headers...)
}

func (s server) sendAs(token, method, path, body string, headers ...string) answer {
	s.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(read)}
}
