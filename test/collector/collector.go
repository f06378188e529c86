// Package collector takes traces as an OpenTelemetry collector does, by OTLP over HTTP on loopback, and keeps them for a
// test to look at.
package collector

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector keeps what it was sent. Use Start; it is safe for concurrent use.
type Collector struct {
	// URL is the endpoint, without a path.
	URL string

	mu       sync.Mutex
	bodies   [][]byte
	spans    []*tracepb.Span
	resource map[string]string
}

// Start returns a collector that ends with the test. What is no OTLP request for traces fails the test.
func Start(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender gave up
		}
		var sent collectorpb.ExportTraceServiceRequest
		if r.URL.Path != "/v1/traces" || r.Method != http.MethodPost || proto.Unmarshal(body, &sent) != nil {
			t.Errorf("the collector was sent %s %s %q", r.Method, r.URL.Path, body)
		}
		c.keep(body, &sent)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *Collector) keep(body []byte, sent *collectorpb.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies = append(c.bodies, body)
	for _, r := range sent.GetResourceSpans() {
		c.resource = Attributes(r.GetResource().GetAttributes())
		for _, scope := range r.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
}

// Spans returns every span that has arrived.
func (c *Collector) Spans() []*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Resource returns the attributes of what sent the last span.
func (c *Collector) Resource() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resource
}

// Sent returns every byte that has arrived.
func (c *Collector) Sent() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Join(c.bodies, nil)
}

// Attributes returns attributes by their keys, texts as they are and others as protobuf prints them.
func Attributes(all []*commonpb.KeyValue) map[string]string {
	values := map[string]string{}
	for _, a := range all {
		if text, ok := a.GetValue().GetValue().(*commonpb.AnyValue_StringValue); ok {
			values[a.GetKey()] = text.StringValue
		} else {
			values[a.GetKey()] = a.GetValue().String()
		}
	}
	return values
}

// Named returns the one span with a name; any other number of them fails the test.
func Named(t testing.TB, spans []*tracepb.Span, name string) *tracepb.Span {
	t.Helper()
	var found []*tracepb.Span
	for _, s := range spans {
		if s.GetName() == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans named %q among %v", len(found), name, spans)
	}
	return found[0]
}
