package deploy_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const dashboard = "docs/deploy/grafana-dashboard.json"

type panel struct {
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr string }
}

func panels(t *testing.T) (all []panel, expressions []string) {
	t.Helper()
	var file struct {
		Panels      []panel
		Annotations struct{ List []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(text(t, dashboard)), &file); err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Panels {
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	for _, a := range file.Annotations.List {
		expressions = append(expressions, a.Expr)
	}
	if len(file.Panels) == 0 || len(expressions) < len(file.Panels) {
		t.Fatalf("%d panels with %d expressions", len(file.Panels), len(expressions))
	}
	return file.Panels, expressions
}

// Panels that name what nothing has stay empty, and those that lie on one another cannot be seen.
func TestDashboard(t *testing.T) {
	all, expressions := panels(t)
	known := samples(t)
	for _, e := range expressions {
		for _, metric := range metricName.FindAllString(e, -1) {
			if !slices.Contains(known, metric) {
				t.Errorf("%s: there is no metric %s", e, metric)
			}
		}
	}
	taken := map[[2]int]string{}
	for _, p := range all {
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x > 23 {
					t.Fatalf("%s lies on %q, or beside the page", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// Promtool reads every expression of the dashboard, with what Grafana puts in the place of its variables.
func TestDashboardByPromtool(t *testing.T) {
	promtool := tool(t, "promtool")
	grafana := strings.NewReplacer("$__rate_interval", "5m", "$job", "omarty", "$instance", ".+")
	var rules []any
	_, expressions := panels(t)
	for i, e := range expressions {
		rules = append(rules, map[string]string{"record": fmt.Sprintf("panel:%d", i), "expr": grafana.Replace(e)})
		if left := regexp.MustCompile(`\$\w+`).FindString(grafana.Replace(e)); left != "" {
			t.Errorf("%s: what is %s?", e, left)
		}
	}
	file, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, path, string(file), 0o600)
	if output, err := exec.Command(promtool, "check", "rules", path).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, output)
	}
}
