package deploy_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const alerts = "docs/deploy/alerts.yaml"

type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alertRules(t *testing.T) []alert {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(text(t, alerts)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) == 0 {
		t.Fatalf("%d groups", len(file.Groups))
	}
	return file.Groups[0].Rules
}

// samples are the names that a scrape of the program has.
func samples(t *testing.T) []string {
	t.Helper()
	names := regexp.MustCompile(`(?m)^[a-z_]+`).FindAllString(scrape(t), -1)
	return append(names, "up") // Prometheus' own
}

// metricName finds the names of our metrics in a text.
var metricName = regexp.MustCompile(`\b(?:omarty|go|process)_[a-z_]+`)

// An alert on a name that nothing has would never be heard.
func TestAlertsNameWhatThereIs(t *testing.T) {
	known := samples(t)
	codes := text(t, "adapters/httpapi/codes.go") + text(t, "domain/errors.go")
	book := text(t, "OPERATIONS.md")
	code := regexp.MustCompile(`code="(\w+)"`)
	for _, rule := range alertRules(t) {
		if !strings.Contains(book, "\n### "+rule.Alert+"\n") {
			t.Errorf("OPERATIONS.md does not say what to do about %s", rule.Alert)
		}
		if want := "OPERATIONS.md#" + strings.ToLower(rule.Alert); rule.Annotations["runbook"] != want || rule.Annotations["summary"] == "" {
			t.Errorf("%s: the runbook is %q, want %s, or there is no summary", rule.Alert, rule.Annotations["runbook"], want)
		}
		if !slices.Contains([]string{"page", "ticket"}, rule.Labels["severity"]) {
			t.Errorf("%s: severity %q", rule.Alert, rule.Labels["severity"])
		}
		for _, found := range code.FindAllStringSubmatch(rule.Expr, -1) {
			if !strings.Contains(codes, `"`+found[1]+`"`) {
				t.Errorf("%s: no answer has the code %s", rule.Alert, found[1])
			}
		}
		for _, metric := range metricName.FindAllString(rule.Expr, -1) {
			if !slices.Contains(known, metric) {
				t.Errorf("%s: there is no metric %s", rule.Alert, metric)
			}
		}
	}
	for _, metric := range metricName.FindAllString(book, -1) {
		if !slices.ContainsFunc(known, func(n string) bool { return strings.HasPrefix(n, metric) }) {
			t.Errorf("OPERATIONS.md: there is no metric %s", metric)
		}
	}
	for _, heading := range regexp.MustCompile(`(?m)^### (Omarty\w+)$`).FindAllStringSubmatch(book, -1) {
		if !slices.ContainsFunc(alertRules(t), func(r alert) bool { return r.Alert == heading[1] }) {
			t.Errorf("OPERATIONS.md speaks of the alert %s, which is not there", heading[1])
		}
	}
}

func TestAlertsByPromtool(t *testing.T) {
	promtool := tool(t, "promtool")
	if output, err := exec.Command(promtool, "check", "rules", filepath.Join(root, alerts)).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, output)
	}
}
