package e2e_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
	"omarty.net/registry/test/tables/inmemory"
)

const secret = "a secret for these tests alone, 32 bytes or more"

// service is a server on loopback over a store that holds the register of the fixture.
type service struct {
	url  string
	rows func(t testing.TB) storetest.Rows
}

// onEveryStore runs a test against a fresh service on each store.
func onEveryStore(t *testing.T, test func(t *testing.T, start func(t *testing.T) service)) {
	for _, store := range []struct {
		name string
		open func(t *testing.T) storetest.Subject
	}{
		{"memory", inMemory},
		{"SQLite", inSQLite},
		{"MariaDB", inServer(databases.MariaDB)},
		{"MySQL", inServer(databases.MySQL)},
	} {
		t.Run(store.name, func(t *testing.T) {
			test(t, func(t *testing.T) service { return serve(t, store.open(t)) })
		})
	}
}

func inMemory(*testing.T) storetest.Subject {
	store := memstore.New()
	return storetest.Subject{Store: store, Rows: func(testing.TB) storetest.Rows { return inmemory.Rows(store) }}
}

func inSQLite(t *testing.T) storetest.Subject {
	path := filepath.Join(t.TempDir(), "omarty.db")
	return inSQL(t, "sqlite://"+path)
}

func inServer(engine *databases.Engine) func(t *testing.T) storetest.Subject {
	return func(t *testing.T) storetest.Subject { return inSQL(t, engine.NewDatabase(t)) }
}

func inSQL(t *testing.T, url string) storetest.Subject {
	store, err := sqlstore.Open(t.Context(), url, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return storetest.Subject{Store: store, Rows: func(t testing.TB) storetest.Rows { return tables.At(t, url) }}
}

// serve imports the fixture into the store and serves it.
func serve(t *testing.T, s storetest.Subject) service {
	t.Helper()
	fixture, err := os.Open("testdata/fixture.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer fixture.Close()
	file, err := registerfile.Read(fixture)
	if err != nil {
		t.Fatal(err)
	}
	use := application.New(s.Store)
	if _, err := file.Import(t.Context(), use.ImportRegister, nil); err != nil {
		t.Fatal(err)
	}
	key, err := jwtauth.NewSecret([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := jwtauth.NewVerifier([]jwtauth.Key{key}, true, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(httpapi.New(verifier, httpapi.Options{RequestTimeout: time.Minute}, legacy.New(use.CreateApartment.Create)))
	t.Cleanup(server.Close)
	return service{url: server.URL, rows: s.Rows}
}

// answer is what a client gets.
type answer struct {
	status int
	body   string
	header http.Header
}

// send sends a request and reads its answer.
func send(t testing.TB, r *http.Request) answer {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
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

// request is a POST of a form by a user.
func (s service) request(ctx context.Context, t testing.TB, user domain.UserID, form string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/omartyapis/Create/", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token(t, user))
	return r
}

func token(t testing.TB, user domain.UserID) string {
	t.Helper()
	token, err := jwtauth.Mint([]byte(secret), user, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}
