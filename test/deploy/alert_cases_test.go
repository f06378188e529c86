package deploy_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// series are samples a minute apart, in the notation of promtool: 0+2x10 is 0, 2, ... 20.
type series map[string]string

const (
	answered = `omarty_http_requests_total{endpoint="/omartyapis/Create/",status="200",code="ok"}`
	refused  = `omarty_http_requests_total{endpoint="/omartyapis/Create/",status="503",code="store_unavailable"}`
	tooMany  = `omarty_http_requests_total{endpoint="/omartyapis/Create/",status="429",code="too_many_requests"}`
	forged   = `omarty_http_requests_total{endpoint="/omartyapis/Create/",status="401",code="token_invalid"}`
	failed   = `omarty_http_requests_total{endpoint="/omartyapis/Create/",status="500",code="internal"}`
	took     = `omarty_http_request_duration_seconds_bucket{endpoint="/omartyapis/Create/",le=`
)

// alertCases let each alert fire, and stay silent over what it must not be heard for.
var alertCases = []struct {
	alert   string
	at      string
	fires   series
	labels  string // those that it fires with, beside alertname and severity
	summary string
	silent  []series
}{
	{"OmartyDown", "5m", series{`up{job="omarty",instance="a"}`: "1 0x9"}, "instance: a, job: omarty", "a does not answer to Prometheus.",
		[]series{{`up{job="omarty",instance="a"}`: "1x9"}, {`up{job="other",instance="a"}`: "0x9"}}},
	{"OmartyNotReady", "5m", series{`omarty_ready{instance="a"}`: "1 0x9"}, "instance: a", "a cannot answer requests.",
		[]series{{`omarty_ready{instance="a"}`: "1 1 1 0 1x9"}}},
	{"OmartyStoreUnavailable", "10m", series{answered: "0+98x20", refused: "0+2x20"}, "", "2% of requests are answered 503.",
		[]series{{answered: "0+1000x20", refused: "0+1x20"}, {answered: "0x20", refused: "0x20"}}},
	{"OmartyInternalErrors", "10m", series{failed: "0x5 1x20"}, "", "Requests are answered 500.", []series{{failed: "0x30"}, {failed: "7x30"}}},
	{"OmartySlow", "20m", series{took + `"1"}`: "0x30", took + `"2.5"}`: "0+10x30", took + `"+Inf"}`: "0+10x30"}, "",
		"One request in a hundred takes longer than 2.485s.",
		[]series{{took + `"0.5"}`: "0+10x30", took + `"1"}`: "0+10x30", took + `"+Inf"}`: "0+10x30"}}},
	{"OmartyTooManyRequests", "20m", series{answered: "0+90x30", tooMany: "0+10x30"}, "", "10% of requests are answered 429.",
		[]series{{answered: "0+99x30", tooMany: "0+1x30"}}},
	{"OmartyTokensRefused", "20m", series{answered: "0+40x30", forged: "0+60x30"}, "", "60% of requests have a token that is not genuine.",
		[]series{{answered: "0+60x30", forged: "0+40x30"}}},
	{"OmartyKeysNotReloaded", "10m", series{`omarty_key_reloads_total{instance="a",outcome="failed"}`: "0+30x20"}, "instance: a",
		"a cannot read its keys, and goes on with those before.",
		[]series{{`omarty_key_reloads_total{instance="a",outcome="failed"}`: "0x20", `omarty_key_reloads_total{instance="a",outcome="replaced"}`: "0+1x20"}}},
	{"OmartyNoKeys", "5m", series{`omarty_keys{instance="a"}`: "1 0x9"}, "instance: a", "a has no key, and refuses every token.",
		[]series{{`omarty_keys{instance="a"}`: "1x9"}}},
	{"OmartyStoreRetries", "20m", series{"omarty_store_retries_total": "0+20x30", `omarty_store_duration_seconds_count{operation="apply"}`: "0+100x30"}, "",
		"20% of registrations are tried again.",
		[]series{{"omarty_store_retries_total": "0+1x30", `omarty_store_duration_seconds_count{operation="apply"}`: "0+100x30"}}},
	{"OmartyPoolExhausted", "20m", series{`go_sql_wait_duration_seconds_total{db_name="mysql",instance="a"}`: "0+120x30"}, "db_name: mysql, instance: a",
		"Requests of a wait for a connection to the database.",
		[]series{{`go_sql_wait_duration_seconds_total{db_name="mysql",instance="a"}`: "0+30x30"},
			{`go_sql_wait_duration_seconds_total{db_name="write",instance="a"}`: "0+600x30"}}},
	{"OmartyDiskFills", "20m", series{`omarty_database_disk_free_bytes{instance="a"}`: "5x30", `omarty_database_disk_size_bytes{instance="a"}`: "100x30"},
		"instance: a", "5% of the disk of a are free.",
		[]series{{`omarty_database_disk_free_bytes{instance="a"}`: "50x30", `omarty_database_disk_size_bytes{instance="a"}`: "100x30"}}},
	{"OmartyBackupOld", "27h", series{`omarty_last_backup_timestamp_seconds{instance="a"}`: "0x1700"}, "instance: a",
		"The newest backup that a sees is 1d 3h 0m 0s old.",
		[]series{{`omarty_last_backup_timestamp_seconds{instance="a"}`: "90000x1700"}}},
	{"OmartyLogDropped", "10m", series{`omarty_log_lines_dropped_total{instance="a",reason="unread"}`: "0x5 3x10"}, "instance: a", "a has lost lines of its log.",
		[]series{{`omarty_log_lines_dropped_total{instance="a",reason="unread"}`: "0x20", `omarty_log_lines_dropped_total{instance="a",reason="repeated"}`: "0+9x20"}}},
	{"OmartyFilesRunOut", "10m", series{`process_open_fds{job="omarty",instance="a"}`: "90x20", `process_max_fds{job="omarty",instance="a"}`: "100x20"},
		"instance: a, job: omarty", "a uses 90% of its file descriptors.",
		[]series{{`process_open_fds{job="omarty",instance="a"}`: "9x20", `process_max_fds{job="omarty",instance="a"}`: "100x20"}}},
	{"OmartyRestarts", "30m", series{`process_start_time_seconds{job="omarty",instance="a"}`: "1 2 3 4x40"}, "instance: a, job: omarty",
		"a has started 3 times in half an hour.", []series{{`process_start_time_seconds{job="omarty",instance="a"}`: "1 2x40"}}},
	{"OmartyGrows", "20m", series{`process_resident_memory_bytes{job="omarty",instance="a"}`: "500000000x30"}, "instance: a, job: omarty",
		"a has more memory or goroutines than it ever needs.",
		[]series{{`process_resident_memory_bytes{job="omarty",instance="a"}`: "90000000x30", `go_goroutines{job="omarty",instance="a"}`: "90x30"}}},
}

// ruleTest is one test of promtool's test files.
func ruleTest(alert, at string, input series, expected []any) map[string]any {
	var all []any
	for name, values := range input {
		all = append(all, map[string]string{"series": name, "values": values})
	}
	return map[string]any{"interval": "1m", "input_series": all, "alert_rule_test": []any{
		map[string]any{"alertname": alert, "eval_time": at, "exp_alerts": expected},
	}}
}

// Every alert fires where it should, with the words that it should, and nowhere else. Promtool itself evaluates them.
func TestAlertsFire(t *testing.T) {
	promtool := tool(t, "promtool")
	var tests []any
	for _, rule := range alertRules(t) {
		found := false
		for _, c := range alertCases {
			if c.alert != rule.Alert {
				continue
			}
			found = true
			labels := map[string]string{}
			if err := yaml.Unmarshal([]byte("{"+c.labels+"}"), &labels); err != nil {
				t.Fatal(err)
			}
			maps.Copy(labels, rule.Labels)
			annotations := maps.Clone(rule.Annotations)
			annotations["summary"] = c.summary
			tests = append(tests, ruleTest(c.alert, c.at, c.fires, []any{map[string]any{"exp_labels": labels, "exp_annotations": annotations}}))
			for _, silent := range c.silent {
				tests = append(tests, ruleTest(c.alert, c.at, silent, nil))
			}
		}
		if !found {
			t.Errorf("no case lets %s fire", rule.Alert)
		}
	}
	rules, err := filepath.Abs(filepath.Join(root, alerts))
	if err != nil {
		t.Fatal(err)
	}
	file, err := yaml.Marshal(map[string]any{"rule_files": []string{rules}, "evaluation_interval": "1m", "tests": tests})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "alerts_test.yaml")
	write(t, path, string(file), 0o600)
	if output, err := exec.Command(promtool, "test", "rules", path).CombinedOutput(); err != nil || !strings.Contains(string(output), "SUCCESS") {
		t.Errorf("promtool: %v\n%s", err, output)
	}
}
