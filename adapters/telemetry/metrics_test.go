package telemetry_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/domain"
)

// What is counted shows in a scrape, under few labels. The ports pass on what they are given.
func TestMetrics(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abcdef")
	store := memstore.New()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	m.RequestStarted()
	m.RequestStarted()
	m.RequestEnded("/omartyapis/Create/", 200, "ok", 30*time.Millisecond)
	m.Retried()
	m.WatchLog(func() int64 { return 3 }, func() int64 { return 4 })
	keys := m.WatchKeys()
	keys.Reloaded(telemetry.KeysReplaced, 2)
	keys.Reloaded(telemetry.KeysFailed, 2)
	watched := telemetry.NewStore(store, m, nil)
	if found, err := watched.MembersOf(t.Context(), 7, 4); err != nil || len(found) != 0 {
		t.Errorf("members %v, %v", found, err)
	}
	if _, err := watched.MembersOf(gone, 7, 4); err == nil {
		t.Error("a caller who is gone has an answer")
	}
	if _, err := watched.Apply(gone, domain.ChangeSet{}); err == nil {
		t.Error("a caller who is gone has registered")
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := watched.MembersOf(late, 7, 4); err == nil {
		t.Error("a caller whose deadline is over has an answer")
	}
	scraped := scrape(m)
	for _, line := range []string{
		`omarty_build_info{commit="abcdef",version="v1.2.3"} 1`,
		`omarty_http_requests_total{code="ok",endpoint="/omartyapis/Create/",status="200"} 1`,
		`omarty_http_request_duration_seconds_bucket{endpoint="/omartyapis/Create/",le="0.025"} 0`,
		`omarty_http_request_duration_seconds_bucket{endpoint="/omartyapis/Create/",le="0.05"} 1`,
		"omarty_http_requests_in_flight 1",
		"omarty_store_retries_total 1",
		`omarty_log_lines_dropped_total{reason="unread"} 3`,
		`omarty_log_lines_dropped_total{reason="repeated"} 4`,
		`omarty_key_reloads_total{outcome="replaced"} 1`,
		`omarty_key_reloads_total{outcome="unchanged"} 0`,
		`omarty_key_reloads_total{outcome="failed"} 1`,
		"omarty_keys 2",
		`omarty_store_duration_seconds_count{operation="members_of",outcome="ok"} 1`,
		`omarty_store_duration_seconds_count{operation="members_of",outcome="store_unavailable"} 1`,
		`omarty_store_duration_seconds_count{operation="members_of",outcome="client_gone"} 1`,
		`omarty_store_duration_seconds_count{operation="apply",outcome="client_gone"} 1`,
	} {
		if !strings.Contains(scraped, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}

func scrape(m *telemetry.Metrics) string {
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// Each method of a port has its series before the first call: Prometheus sees no increase where a series begins at 1.
func TestEveryOperationBeginsAtZero(t *testing.T) {
	scraped := scrape(telemetry.NewMetrics("", ""))
	capital := regexp.MustCompile("[A-Z]+")
	ports := reflect.TypeFor[telemetry.Ports]()
	for i := range ports.NumMethod() {
		operation := strings.TrimPrefix(capital.ReplaceAllStringFunc(ports.Method(i).Name, func(c string) string {
			return "_" + strings.ToLower(c)
		}), "_")
		for _, outcome := range []string{"ok", "store_unavailable"} {
			line := `omarty_store_duration_seconds_count{operation="` + operation + `",outcome="` + outcome + `"} 0`
			if !strings.Contains(scraped, line+"\n") {
				t.Errorf("no %s", line)
			}
		}
	}
}
