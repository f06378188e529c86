package e2e_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
)

// documents are where a path that the program answers has to be named.
var documents = []string{"README.md", "OPERATIONS.md", "docs/wire-contract.md", "configs/omarty.yaml"}

// What the program answers is what its documents name, and nothing else.
func TestRoutesAreDocumented(t *testing.T) {
	store := memstore.New()
	create := application.NewCreateApartment(store, store, time.Now, application.UUIDv7(time.Now))
	api, ok := httpapi.New(nil, httpapi.Options{}, legacy.New(create.Create)).(*echo.Echo)
	if !ok {
		t.Fatal("the handler cannot list its routes")
	}
	var routes []string
	for _, route := range api.Routes() {
		routes = append(routes, route.Path)
	}
	if want := []string{"/healthz", "/omartyapis/Create", "/omartyapis/Create/", "/readyz"}; !slices.Equal(once(routes), want) {
		t.Errorf("the server answers %v, want %v", once(routes), want)
	}
	routes = append(routes, operatorRoutes(t)...)

	aPath := regexp.MustCompile("(?:POST|GET|[`\\s(])(/(?:omartyapis|healthz|readyz|metrics|debug)[A-Za-z/]*)")
	var documented []string
	for _, name := range documents {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range aPath.FindAllSubmatch(text, -1) {
			documented = append(documented, string(found[1]))
		}
	}
	// "The same without the last slash", the contract says.
	documented = append(documented, "/omartyapis/Create")
	for _, route := range once(routes) {
		if !slices.Contains(documented, route) {
			t.Errorf("%s is answered, and none of %v names it", route, documents)
		}
	}
	for _, path := range once(documented) {
		if !slices.Contains(routes, path) && !strings.HasPrefix(path, "/debug/pprof/") { // of which each profile has one
			t.Errorf("%s is documented, and not answered", path)
		}
	}
}

// operatorRoutes returns the paths of the admin address, the profiles under the path of their list left out. A ServeMux
// cannot list them, so they are read where they are routed.
func operatorRoutes(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("../../cmd/omarty/admin.go")
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	for _, found := range regexp.MustCompile(`mux\.Handle(?:Func)?\("(?:[A-Z]+ )?(/[^"]*)"`).FindAllSubmatch(source, -1) {
		if path := string(found[1]); !regexp.MustCompile(`^/debug/pprof/.`).MatchString(path) {
			routes = append(routes, path)
		}
	}
	if len(routes) < 2 {
		t.Fatalf("only %v are routed on the admin address", routes)
	}
	return routes
}

func once(values []string) []string {
	slices.Sort(values)
	return slices.Compact(slices.Clone(values))
}
