package rest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/application"
)

// A user who sends long change sets slowly, and many at once, leaves room for others.
func TestLongBodiesOfOneUser(t *testing.T) {
	handler := httpapi.New(plainTokens{}, httpapi.Options{}, rest.New(rest.UseCasesOf(application.New(town(t))), []byte("a secret")))
	post := func(user int, body io.Reader, length int64) int {
		r := httptest.NewRequest(http.MethodPost, changeSets, body)
		r.ContentLength = length
		r.Header.Set("Authorization", "Bearer "+strconv.Itoa(user))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
	text := `{"layout":"7: 701","dryRun":true}` + strings.Repeat(" ", 8<<10)
	for _, length := range []int64{rest.ChangeSetLimit, -1} {
		slow, rest := io.Pipe()
		answered := make(chan int)
		go func() { answered <- post(resident, slow, length) }()
		if _, err := io.WriteString(rest, text); err != nil { // returns once all is read: it has its room
			t.Fatal(err)
		}
		for _, c := range []struct {
			user   int
			length int64
			status int
		}{
			{resident, 8 << 20, http.StatusTooManyRequests},
			{resident, -1, http.StatusTooManyRequests},
			{resident, int64(len(text)), http.StatusForbidden},
			{manager, int64(len(text)), http.StatusOK},
			{manager, -1, http.StatusOK},
		} {
			if got := post(c.user, strings.NewReader(text), c.length); got != c.status {
				t.Errorf("user %d, %d bytes declared: HTTP %d, want %d", c.user, c.length, got, c.status)
			}
		}
		_ = rest.Close()
		if got := <-answered; got != http.StatusForbidden {
			t.Errorf("the first: HTTP %d", got)
		}
		if got := post(resident, strings.NewReader(text), -1); got != http.StatusForbidden {
			t.Errorf("after it: HTTP %d", got)
		}
	}
}

// What is at fault many times costs little more than its text.
func TestBodiesMakeNoTrees(t *testing.T) {
	const length = 1 << 20
	s := serve(t, town(t), httpapi.Options{})
	for name, body := range map[string]string{
		"names":          `{"a":0` + strings.Repeat(`,"a":0`, length/6) + `}`,
		"repeated names": `{"dryRun":0` + strings.Repeat(`,"dryRun":0`, length/11) + `}`,
		"escaped names":  `{"a":0` + strings.Repeat(`,"\u0061":0`, length/11) + `}`,
		"empty changes":  `{"changes":[{}` + strings.Repeat(`,{}`, length/3) + `]}`,
		"names of one":   `{"changes":[{"kind":"retire"` + strings.Repeat(`,"":0`, length/5) + `}]}`,
		"digits":         `{"changes":[{"kind":"register","floor":1,"number":` + strings.Repeat("9", length) + `}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := s.send(manager, http.MethodPost, changeSets, body)
			runtime.ReadMemStats(&after)
			if got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
				t.Fatalf("HTTP %d", got.status)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32*length {
				t.Errorf("%d bytes were allocated for %d", used, len(body))
			} else {
				t.Logf("%d KiB were allocated", used>>10)
			}
		})
	}
}
