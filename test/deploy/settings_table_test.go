package deploy_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"omarty.net/registry/configs"
)

var update = flag.Bool("update", false, "write the table of settings in OPERATIONS.md again")

// What the table of settings stands between.
const (
	tableBegins = "<!-- The table of settings: written by make docs from configs/settings.go. -->\n"
	tableEnds   = "<!-- The end of the table. -->\n"
)

func tableOfSettings() string {
	var table strings.Builder
	table.WriteString("| key | variable | default | takes | effect |\n|---|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ")
	for _, s := range configs.Settings() {
		value := "none"
		if s.Default != "" {
			value = "`" + s.Default + "`"
		}
		takes := s.Takes
		if s.Secret {
			takes += "; a secret"
		}
		fmt.Fprintf(&table, "| `%s` | `%s` | %s | %s | %s |\n", s.Key, s.Env, cell.Replace(value), cell.Replace(takes), cell.Replace(s.Doc))
	}
	return table.String()
}

func TestTableOfSettings(t *testing.T) {
	book := text(t, "OPERATIONS.md")
	before, rest, begins := strings.Cut(book, tableBegins)
	table, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("OPERATIONS.md needs the lines\n%s%s", tableBegins, tableEnds)
	}
	want := "\n" + tableOfSettings() + "\n"
	if table == want {
		return
	}
	if !*update {
		t.Fatal("the table of settings in OPERATIONS.md is not current, run make docs")
	}
	write(t, filepath.Join(root, "OPERATIONS.md"), before+tableBegins+want+tableEnds+after, 0o644)
}
