package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
)

// post has a handler answer a request of a manager, whose body comes as JSON.
func post(handler http.Handler, body io.Reader, length int64) string {
	r := httptest.NewRequest(http.MethodPost, "/omartyapis/Create/", body)
	r.ContentLength = length
	r.Header.Set("Authorization", "Bearer 7")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Body.String()
}

// Large bodies wait for room, for no longer than a request may take. Small ones need none.
func TestBodyMemory(t *testing.T) {
	const limit = 64 << 10
	handler := newHandler(httpapi.Options{BodyMemory: limit, BodyLimit: limit, RequestTimeout: 100 * time.Millisecond})
	small := `{"api":"CreateApartment"}`
	large := small + strings.Repeat(" ", 8<<10)
	const read, busy = "Please enter floorNum.", "Service is unavailable, please try again."
	for _, length := range []int64{limit, -1} {
		slow, rest := io.Pipe()
		answered := make(chan string)
		go func() { answered <- post(handler, slow, length) }()
		if _, err := io.WriteString(rest, large); err != nil { // returns once all is read: it has its room
			t.Fatal(err)
		}
		for _, c := range []struct {
			body   string
			length int64
			answer string
		}{
			{large, int64(len(large)), busy}, {large, -1, busy},
			{small, int64(len(small)), read}, {small, -1, read}, {small + strings.Repeat(" ", 4<<10-len(small)), 4 << 10, read},
		} {
			if got := post(handler, strings.NewReader(c.body), c.length); !strings.Contains(got, c.answer) {
				t.Errorf("%d bytes, declared as %d: %s, want %s", len(c.body), c.length, got, c.answer)
			}
		}
		_ = rest.Close()
		if got := <-answered; !strings.Contains(got, read) {
			t.Errorf("the one that has the room: %s", got)
		}
		if got := post(handler, strings.NewReader(large), int64(len(large))); !strings.Contains(got, read) {
			t.Errorf("after it: %s", got)
		}
	}
}

// What nobody asks for costs little more than its text.
func TestBodiesMakeNoTrees(t *testing.T) {
	const length = 1 << 20
	handler := newHandler(httpapi.Options{BodyLimit: length})
	for name, body := range map[string]string{
		"an array": `{"a":[0` + strings.Repeat(",0", length/2-10) + `]}`,
		"members":  `{"a":0` + strings.Repeat(`,"":{}`, length/6-10) + `}`,
		"a text":   `{"a":"` + strings.Repeat(`\n`, length/2-10) + `"}`,
		"comments": `{` + strings.Repeat("/**/", length/4-10) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := post(handler, strings.NewReader(body), int64(len(body)))
			runtime.ReadMemStats(&after)
			if !strings.Contains(got, "Please enter api.") {
				t.Fatal(got)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32*length {
				t.Errorf("%d bytes were allocated for %d", used, len(body))
			} else {
				t.Logf("%d KiB were allocated", used>>10)
			}
		})
	}
}
