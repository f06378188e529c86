// Package arch_test holds the import rules of ARCHITECTURE.md, for every file whatever its build tags.
package arch_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "omarty.net/registry/"

// source is one Go file. Its imports from this module are relative to it: "domain", "adapters/memstore".
type source struct {
	path    string
	isTest  bool
	imports []string
}

// in reports whether the file is in one of the folders or below.
func (s source) in(folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return within(s.path, folder) })
}

func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// adapterOf returns the adapter that a file or package belongs to, "" for none.
func adapterOf(name string) string {
	rest, found := strings.CutPrefix(name, "adapters/")
	if !found {
		return ""
	}
	adapter, _, _ := strings.Cut(rest, "/")
	return adapter
}

// ours has the folders of the top level that hold Go.
var ours = []string{"domain", "application", "adapters", "cmd", "configs", "test"}

func isOurs(imported string) bool {
	return slices.ContainsFunc(ours, func(folder string) bool { return within(imported, folder) })
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !isOurs(imported) && first != "C" && !strings.Contains(first, ".")
}

// outside has what the core knows nothing of.
var outside = []string{"database/sql", "net/http", "encoding/json"}

func isOutside(imported string) bool {
	return slices.ContainsFunc(outside, func(folder string) bool { return within(imported, folder) })
}

// rules judge one import of one file.
var rules = []struct {
	rule   string
	broken func(file source, imported string) bool
}{
	{"domain imports the standard library alone", func(f source, i string) bool {
		return !f.isTest && f.in("domain") && !isStandard(i)
	}},
	{"application imports the standard library and domain alone", func(f source, i string) bool {
		return !f.isTest && f.in("application") && !isStandard(i) && !within(i, "domain")
	}},
	{"domain and application know no SQL, HTTP or JSON", func(f source, i string) bool {
		return !f.isTest && f.in("domain", "application") && isOutside(i)
	}},
	{"adapters never import each other", func(f source, i string) bool {
		return !f.isTest && f.in("adapters") && adapterOf(i) != "" && adapterOf(i) != adapterOf(f.path)
	}},
	{"only cmd imports configs", func(f source, i string) bool {
		return !f.in("cmd", "configs", "test") && within(i, "configs")
	}},
	{"only cmd imports Wire", func(f source, i string) bool {
		return !f.in("cmd", "test") && within(i, "github.com/google/wire")
	}},
	{"nothing imports cmd", func(f source, i string) bool {
		return !f.in("cmd", "test") && within(i, "cmd")
	}},
	{"only tests import test", func(f source, i string) bool {
		return !f.isTest && !f.in("test") && within(i, "test")
	}},
	{"only tests import testing", func(f source, i string) bool {
		return !f.isTest && !f.in("test") && within(i, "testing")
	}},
}

// faults returns each break of a rule, one a line.
func faults(files []source) []string {
	var found []string
	adapters := map[string][]string{} // by package, and whether it is its tests
	for _, file := range files {
		if !file.in(ours...) || !strings.Contains(file.path, "/") {
			found = append(found, file.path+": Go code stands in "+strings.Join(ours, ", ")+" alone")
		}
		for _, imported := range file.imports {
			for _, r := range rules {
				if r.broken(file, imported) {
					found = append(found, fmt.Sprintf("%s imports %s: %s", file.path, imported, r.rule))
				}
			}
			adapter := adapterOf(imported)
			if file.in("cmd", "test") || adapter == "" || adapter == adapterOf(file.path) {
				continue
			}
			place := path.Dir(file.path)
			if file.isTest {
				place += " (tests)"
			}
			if !slices.Contains(adapters[place], adapter) {
				adapters[place] = append(adapters[place], adapter)
			}
		}
	}
	for place, imported := range adapters {
		if len(imported) > 1 {
			found = append(found, fmt.Sprintf("%s imports the adapters %s: only cmd imports more than one",
				place, strings.Join(imported, ", ")))
		}
	}
	return found
}

// sources reads every Go file of the module: not those of modules inside it, of test data and of hidden folders.
func sources(tree fs.FS) ([]source, error) {
	var files []source
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." {
			_, err := fs.Stat(tree, path.Join(name, "go.mod"))
			if err == nil || entry.Name() == "testdata" || strings.ContainsAny(entry.Name()[:1], "._") {
				return fs.SkipDir
			}
		}
		if entry.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		file := source{path: name, isTest: strings.HasSuffix(name, "_test.go")}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			file.imports = append(file.imports, strings.TrimPrefix(imported, module))
		}
		files = append(files, file)
		return nil
	})
	return files, err
}

func TestImportRules(t *testing.T) {
	files, err := sources(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(files, func(f source) bool { return f.path == "domain/apartment.go" }) {
		t.Fatal("the module's files were not found")
	}
	for _, fault := range faults(files) {
		t.Error(fault)
	}
}

func TestImportRulesCanBreak(t *testing.T) {
	const (
		fine      = ""
		core      = "the standard library"
		unknown   = "no SQL, HTTP or JSON"
		each      = "never import each other"
		more      = "more than one"
		configs   = "imports configs"
		wire      = "imports Wire"
		cmd       = "imports cmd"
		test      = "only tests import test"
		testingIn = "only tests import testing"
		place     = "alone"
	)
	tests := []struct{ path, imports, want string }{
		{"domain/a.go", "time fmt", fine},
		{"domain/a.go", "github.com/google/uuid", core},
		{"domain/a.go", module + "application", core},
		{"domain/a.go", module + "domain/words", core},
		{"domain/a.go", "C", core},
		{"domain/a.go", "database/sql/driver", unknown},
		{"domain/a.go", "net/http", unknown},
		{"domain/a.go", "encoding/json", unknown},
		{"domain/a_test.go", "testing pgregory.net/rapid encoding/json " + module + "domain", fine},
		{"application/a.go", "context " + module + "domain", fine},
		{"application/a.go", "net/http", unknown},
		{"application/a.go", "gorm.io/gorm", core},
		{"application/a.go", module + "adapters/memstore", core},
		{"application/a_test.go", module + "adapters/memstore " + module + "test/tables", fine},
		{"application/a_test.go", module + "adapters/memstore " + module + "adapters/sqlstore", more},
		{"adapters/httpapi/a.go", "net/http github.com/labstack/echo/v4 " + module + "application " + module + "domain", fine},
		{"adapters/httpapi/a.go", module + "adapters/memstore", each},
		{"adapters/httpapi/a.go", module + "configs", configs},
		{"adapters/httpapi/a.go", module + "cmd/omarty", cmd},
		{"adapters/httpapi/a.go", "github.com/google/wire", wire},
		{"adapters/httpapi/a.go", module + "test/tables", test},
		{"adapters/httpapi/a.go", "testing", testingIn},
		{"adapters/httpapi/a.go", "testing/fstest", testingIn},
		{"adapters/httpapi/a_test.go", module + "adapters/httpapi " + module + "adapters/memstore", fine},
		{"adapters/httpapi/a_test.go", module + "adapters/jwtauth " + module + "adapters/memstore", more},
		{"adapters/httpapi/a_test.go", module + "configs", configs},
		{"adapters/sqlstore/a.go", module + "adapters/sqlstore/migrations", fine},
		{"adapters/sqlstore/migrations/a.go", module + "adapters/memstore", each},
		{"configs/a.go", module + "adapters/jwtauth " + module + "adapters/sqlstore", more},
		{"configs/a_test.go", module + "configs", fine},
		{"cmd/omarty/a.go", "github.com/google/wire " + module + "configs " + module + "adapters/a " + module + "adapters/b", fine},
		{"cmd/omarty/a.go", module + "test/tables", test},
		{"test/e2e/a.go", "testing " + module + "configs " + module + "test/tables " + module + "adapters/a " + module + "adapters/b", fine},
		{"test/consumer/a.go", "gorm.io/gorm", fine},
		{"a.go", "fmt", place},
		{"domain.go", "fmt", place},
		{"utils/a.go", "fmt", place},
		{"docs/testdata/a.go", "fmt", fine},
		{".ci/a.go", "fmt", fine},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.imports, func(t *testing.T) {
			text := "//go:build wireinject\n\npackage a\n"
			for imported := range strings.FieldsSeq(tt.imports) {
				text += "import " + strconv.Quote(imported) + "\n"
			}
			files, err := sources(fstest.MapFS{tt.path: {Data: []byte(text)}, "test/consumer/go.mod": {}, "go.mod": {}})
			if err != nil {
				t.Fatal(err)
			}
			got := faults(files)
			if tt.want == fine && len(got) > 0 {
				t.Errorf("refused: %v", got)
			}
			if !slices.ContainsFunc(got, func(fault string) bool { return strings.Contains(fault, tt.want) }) && tt.want != fine {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}
