package openapi

import (
	"bytes"
	"io"
	"net/http"
)

type transport struct {
	checker *Checker
	base    http.RoundTripper
	report  func(error)
}

// exchange is a request and its answer, with their bodies.
type exchange struct {
	request  *http.Request
	sent     []byte
	response *http.Response
	got      []byte
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	e := exchange{request: r}
	sending := r
	if r.Body != nil && r.Body != http.NoBody {
		var err error
		if e.sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close() // it has been read
		sending = r.Clone(r.Context())
		sending.Body = io.NopCloser(bytes.NewReader(e.sent))
	}
	answer, err := t.base.RoundTrip(sending)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // it has been read
	e.response, e.got = answer, got
	if err != nil { // the caller is to see where the answer was cut
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(got), failing{err}))
		return answer, nil
	}
	answer.Body = io.NopCloser(bytes.NewReader(got))
	for _, fault := range t.checker.check(e) {
		t.report(fault)
	}
	return answer, nil
}

// failing is a reader that fails.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
