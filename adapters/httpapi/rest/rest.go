// Package rest answers the register's REST API below /v1, as its OpenAPI document says. Each resource has a file; problem.go has
// the one table from refusals to answers.
package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
)

// Surface is the REST API, for httpapi.New.
type Surface struct {
	use      UseCases
	tokens   pageTokens
	document *Document
	origins  []string
	server   *httpapi.Server
}

// Option sets something of a Surface that is not as it is by default.
type Option func(*Surface)

// WithOrigins lets scripts of pages from these origins, such as https://omarty.net, use the API (CORS). By default none may.
func WithOrigins(origins ...string) Option { return func(s *Surface) { s.origins = origins } }

// New returns the surface over its use cases. The secret seals page tokens: all servers of one register need the same, and with
// another one the tokens that are out are refused.
func New(use UseCases, secret []byte, options ...Option) *Surface {
	s := &Surface{use: use, tokens: newPageTokens(secret), document: NewDocument()}
	for _, option := range options {
		option(s)
	}
	return s
}

// operation is a method of a resource. Its name is that of the OpenAPI document.
type operation struct {
	name   string
	access httpapi.Access
	handle func(*Surface, *request) error
	// public operations need no token.
	public bool
}

// resources are the operations by path and method.
var resources = map[string]map[string]operation{
	"/v1/me":     {http.MethodGet: {name: "getMe", access: httpapi.Read, handle: (*Surface).getMe}},
	"/v1/blocks": {http.MethodGet: {name: "listBlocks", access: httpapi.Read, handle: (*Surface).listBlocks}},
	"/v1/blocks/:blockId": {
		http.MethodGet: {name: "getBlock", access: httpapi.Read, handle: (*Surface).getBlock},
	},
	"/v1/blocks/:blockId/apartments": {
		http.MethodGet:  {name: "listApartments", access: httpapi.Read, handle: (*Surface).listApartments},
		http.MethodPost: {name: "registerApartment", access: httpapi.Write, handle: (*Surface).registerApartment},
	},
	"/v1/blocks/:blockId/apartments/:apartmentId": {
		http.MethodGet:    {name: "getApartment", access: httpapi.Read, handle: (*Surface).getApartment},
		http.MethodPatch:  {name: "correctApartment", access: httpapi.Write, handle: (*Surface).correctApartment},
		http.MethodDelete: {name: "retireApartment", access: httpapi.Write, handle: (*Surface).retireApartment},
	},
	"/v1/blocks/:blockId/apartments/:apartmentId/restore": {
		http.MethodPost: {name: "restoreApartment", access: httpapi.Write, handle: (*Surface).restoreApartment},
	},
	"/v1/blocks/:blockId/changeSets": {
		http.MethodPost: {name: "applyChangeSet", access: httpapi.Write, handle: (*Surface).applyChangeSet},
	},
	"/v1/blocks/:blockId/changeSets/:changeSetId": {
		http.MethodGet: {name: "getChangeSet", access: httpapi.Read, handle: (*Surface).getChangeSet},
	},
	"/v1/blocks/:blockId/changeSets/:changeSetId/undo": {
		http.MethodPost: {name: "undoChangeSet", access: httpapi.Write, handle: (*Surface).undoChangeSet},
	},
	"/v1/blocks/:blockId/changes": {
		http.MethodGet: {name: "listChanges", access: httpapi.Read, handle: (*Surface).listChanges},
	},
	"/v1/openapi.yaml": {http.MethodGet: {name: "getDocumentAsYaml", handle: (*Surface).getDocumentAsYAML, public: true}},
	"/v1/openapi.json": {http.MethodGet: {name: "getDocumentAsJson", handle: (*Surface).getDocumentAsJSON, public: true}},
}

// Mount implements httpapi.Surface.
func (s *Surface) Mount(e *echo.Echo, server *httpapi.Server) {
	s.server = server
	for path, operations := range resources {
		// Every method, because Echo would answer OPTIONS by itself.
		e.Any(path, func(c echo.Context) error { return s.serve(c, operations) })
	}
}

// Owns implements httpapi.Surface.
func (*Surface) Owns(path string) bool { return path == "/v1" || strings.HasPrefix(path, "/v1/") }

// serve has the operation of a method answer a request. HEAD is answered like GET, and net/http leaves out the body.
func (s *Surface) serve(c echo.Context, operations map[string]operation) error {
	method := c.Request().Method
	if s.allowOrigin(c) && method == http.MethodOptions {
		return c.NoContent(http.StatusNoContent)
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	o, ok := operations[method]
	if !ok {
		return httpapi.MethodNotAllowed
	}
	info := httpapi.InfoOf(c)
	info.Operation = o.name
	if c.Request().ContentLength > s.bodyLimit(o) {
		return httpapi.TooLarge
	}
	r := &request{Context: c, info: info}
	if !o.public {
		var err error
		if r.user, err = s.server.Authenticate(c, o.access); err != nil {
			return err
		}
	}
	return o.handle(s, r)
}

// getDocumentAsYAML is GET /v1/openapi.yaml.
func (s *Surface) getDocumentAsYAML(r *request) error { return r.document(s.document.YAML) }

// getDocumentAsJSON is GET /v1/openapi.json.
func (s *Surface) getDocumentAsJSON(r *request) error { return r.document(s.document.JSON) }

func (r *request) document(serve http.HandlerFunc) error {
	if err := r.query().err(); err != nil {
		return err
	}
	serve(r.Response(), r.Request())
	return nil
}

// bodyLimit returns the length of the longest body of an operation. Those that have none pass it over.
func (s *Surface) bodyLimit(o operation) int64 {
	if o.name == "applyChangeSet" {
		return ChangeSetLimit
	}
	return s.server.BodyLimit()
}

// methodsOf returns the methods that a path answers, for Allow.
func methodsOf(path string) string {
	var methods []string
	for method := range resources[path] {
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}
