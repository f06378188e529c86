package arch_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The documentation of modernc.org/sqlite asks for the exact modernc.org/libc of its own go.mod, and any other dependency
// may raise it unseen.
func TestSQLiteIsBuiltWithItsLibc(t *testing.T) {
	for _, folder := range []string{"../..", "../bench"} {
		list := exec.Command("go", "list", "-m", "-f", "{{.GoMod}} {{.Version}}", "modernc.org/sqlite", "modernc.org/libc")
		list.Dir = folder
		output, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(output)) // of sqlite, then of libc
		if len(fields) != 4 {
			t.Fatalf("go list: %q", output)
		}
		asked, err := os.ReadFile(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		if want := "modernc.org/libc " + fields[3] + "\n"; !strings.Contains(string(asked), want) {
			t.Errorf("%s: sqlite %s is built with libc %s, which its go.mod does not name: exclude that version", folder, fields[1], fields[3])
		}
	}
}
