package metrics_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/metrics"
	"omarty.net/registry/domain"
)

// What is counted shows in a scrape, under few labels, and what goes through the ports is what came.
func TestMetrics(t *testing.T) {
	m := metrics.New("v1.2.3", "abcdef")
	store := memstore.New()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	m.RequestStarted()
	m.RequestStarted()
	m.RequestEnded("/omartyapis/Create/", 200, "ok", 30*time.Millisecond)
	m.Retried()
	m.WatchLog(func() int64 { return 3 }, func() int64 { return 4 })
	keys := m.WatchKeys()
	keys.Reloaded(metrics.KeysReplaced, 2)
	keys.Reloaded(metrics.KeysFailed, 2)
	members := m.Members(store)
	if found, err := members.MembersOf(t.Context(), 7, 4); err != nil || len(found) != 0 {
		t.Errorf("members %v, %v", found, err)
	}
	if _, err := members.MembersOf(gone, 7, 4); err == nil {
		t.Error("a caller who is gone has an answer")
	}
	if _, err := m.Registrar(store).Register(gone, domain.Registration{}); err == nil {
		t.Error("a caller who is gone has registered")
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := members.MembersOf(late, 7, 4); err == nil {
		t.Error("a caller whose deadline is over has an answer")
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
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
		`omarty_store_duration_seconds_count{operation="register",outcome="client_gone"} 1`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}
