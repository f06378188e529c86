package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
)

func TestProbes(t *testing.T) {
	down := func(context.Context) error { return errors.New("the disk of db-7 is full") }
	up := func(context.Context) error { return nil }
	broken := func(context.Context) error { panic("a bug") }
	const ok, notReady = `{"status":200,"data":"OK"}`, `{"status":503,"message":"Not ready."}`
	const wrongMethod = `{"status":405,"message":"Method not allowed."}`
	for _, c := range []struct {
		name, method, path string
		ready              func(context.Context) error
		status             int
		body               string
	}{
		{"alive", http.MethodGet, "/healthz", up, 200, ok},
		{"alive, though not ready", http.MethodGet, "/healthz", down, 200, ok},
		{"ready", http.MethodGet, "/readyz", up, 200, ok},
		{"ready, where nothing says otherwise", http.MethodHead, "/readyz", nil, 200, ok},
		{"not ready, and not why", http.MethodGet, "/readyz", down, 503, notReady},
		{"a panic is answered, and not why", http.MethodGet, "/readyz", broken, 500, `{"status":500,"message":"Internal error."}`},
		{"POST", http.MethodPost, "/readyz", up, 405, wrongMethod},
		{"OPTIONS", http.MethodOptions, "/healthz", up, 405, wrongMethod},
		{"a method that HTTP has not", "BREW", "/healthz", up, 405, wrongMethod},
	} {
		t.Run(c.name, func(t *testing.T) {
			handler := newHandler(httpapi.Options{Ready: c.ready})
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			if w.Code != c.status || strings.TrimSpace(w.Body.String()) != c.body {
				t.Errorf("HTTP %d %s, want %s", w.Code, w.Body, c.body)
			}
			if allow := w.Header().Get("Allow"); (allow == "GET, HEAD") != (c.status == 405) {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

// However many ask, the check is asked once within the time, and again after it.
func TestRemembered(t *testing.T) {
	asked := 0
	check := func(ctx context.Context) error {
		asked++
		return ctx.Err()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	long := httpapi.Remembered(check, time.Hour)
	for range 3 {
		if err := long(gone); err != nil {
			t.Errorf("one caller who is gone decides for all: %v", err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	never := httpapi.Remembered(check, time.Nanosecond)
	never(t.Context()) //nolint:errcheck // its deadline is over at once
	never(t.Context()) //nolint:errcheck
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
}
