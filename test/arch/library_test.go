package arch_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A service that imports the core and the store in memory builds this module and the standard library, nothing else.
func TestLibraryBuildsNoServerAndNoDriver(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f", "{{if .Standard}}std{{else}}other{{end}} {{.ImportPath}}",
		"./domain", "./application", "./adapters/memstore")
	list.Dir = "../.."
	var problems strings.Builder
	list.Stderr = &problems
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &problems)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if !slices.Contains(lines, "other "+module+"adapters/memstore") {
		t.Fatalf("go list has no memstore:\n%s", output)
	}
	for _, line := range lines {
		origin, imported, _ := strings.Cut(line, " ")
		switch {
		case origin != "std" && !strings.HasPrefix(imported, module):
			t.Errorf("a library user would build %s", imported)
		case imported == "database/sql" || imported == "net/http" || imported == "testing":
			t.Errorf("a library user would build %s of the standard library", imported)
		}
	}
}
