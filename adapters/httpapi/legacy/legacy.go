// Package legacy answers Omarty's mobile app, as the wire contract (docs/wire-contract.md) says.
package legacy

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// CreateApartment is the method Create of application.CreateApartment, or what wraps it.
type CreateApartment func(context.Context, application.CreateApartmentInput) (application.ApartmentOutput, error)

// Surface is the app's endpoint, for httpapi.New.
type Surface struct {
	create CreateApartment
	server *httpapi.Server
}

// New returns the surface over its use case.
func New(create CreateApartment) *Surface { return &Surface{create: create} }

// paths are where the app registers apartments.
var paths = []string{"/omartyapis/Create/", "/omartyapis/Create"}

// Mount implements httpapi.Surface.
func (s *Surface) Mount(e *echo.Echo, server *httpapi.Server) {
	s.server = server
	// Every method, because Echo would answer OPTIONS by itself and not as the contract does.
	for _, path := range paths {
		e.Any(path, s.createApartment)
	}
}

// Owns implements httpapi.Surface.
func (*Surface) Owns(path string) bool { return strings.HasPrefix(path, "/omartyapis") }

// Outcomes returns every outcome that alerts may need, in no order: each code of each path, so that metrics of them can begin
// at 0.
func Outcomes() []httpapi.Outcome {
	var all []httpapi.Outcome
	for _, path := range paths {
		all = append(all, httpapi.Outcome{Endpoint: path, Status: 200, Code: "ok"})
		for code, a := range answers {
			if code != domain.NotFound && code != httpapi.NotReady && code != httpapi.ProbeMethod {
				all = append(all, httpapi.Outcome{Endpoint: path, Status: a.status, Code: code})
			}
		}
	}
	return all
}
