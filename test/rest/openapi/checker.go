// Package openapi holds exchanges with a server against the OpenAPI document of its REST API: requests and answers alike. It tells
// what of the document no exchange has shown.
package openapi

import (
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Checker holds exchanges against a document. Use New; it is safe for concurrent use.
type Checker struct {
	document *openapi3.T
	router   routers.Router

	mu   sync.Mutex
	seen map[string]bool
}

// New returns a checker for a document in YAML.
func New(document []byte) (*Checker, error) {
	d, err := load(document)
	if err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(d)
	if err != nil {
		return nil, err
	}
	return &Checker{document: d, router: router, seen: map[string]bool{}}, nil
}

// Transport returns a transport that sends by another, and reports every exchange that is not as the document says. An answer is
// read whole before it is handed on. Exchanges outside of /v1 are not looked at.
func (c *Checker) Transport(base http.RoundTripper, report func(error)) http.RoundTripper {
	return transport{c, base, report}
}
