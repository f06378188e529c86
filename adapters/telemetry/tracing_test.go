package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/collector"
)

func newTracing(t *testing.T, endpoint string, ratio float64, logger *slog.Logger) *telemetry.Tracing {
	t.Helper()
	traced, err := telemetry.NewTracing(t.Context(), endpoint, ratio, "v1.2.3", logger)
	if err != nil {
		t.Fatal(err)
	}
	return traced
}

// watch traces the calls of a store.
func watch(t *telemetry.Tracing, store telemetry.Ports) telemetry.Store {
	return telemetry.NewStore(store, telemetry.NewMetrics("", ""), t)
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// request traces one request as httpapi does, around what is done for it.
func request(t *telemetry.Tracing, r *http.Request, status int, code string, do func(context.Context)) {
	ctx, end := t.Request(r, r.Pattern)
	do(ctx)
	end(status, code)
}

func post(header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/omartyapis/Create/", nil)
	r.Pattern = "/omartyapis/Create/"
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func nothing(context.Context) {}

// broken is a store that cannot answer.
type broken struct {
	telemetry.Ports
	err error
}

func (s broken) MembersOf(context.Context, domain.UserID, domain.BlockID) ([]domain.Member, error) {
	return nil, s.err
}

func (s broken) Apply(context.Context, domain.ChangeSet) (domain.Applied, error) {
	return domain.Applied{}, s.err
}

// A nil Tracing traces nothing, and a call of the store allocates no more than without it.
func TestNilTracesNothing(t *testing.T) {
	store := memstore.New()
	watched := telemetry.NewStore(store, telemetry.NewMetrics("", ""), nil)
	ctx := context.Background()
	lookUp := func(m application.Members) float64 {
		return testing.AllocsPerRun(100, func() { _, _ = m.MembersOf(ctx, 7, 4) })
	}
	if with, without := lookUp(watched), lookUp(store); with > without {
		t.Errorf("%g allocations instead of %g", with, without)
	}
	once := func(context.Context, int) (int, error) { return 0, nil }
	if got := testing.AllocsPerRun(100, func() { _, _ = telemetry.Traced(nil, "once", once)(ctx, 1) }); got > 0 {
		t.Errorf("%g allocations for a use case", got)
	}
}

func TestSpans(t *testing.T) {
	c := collector.Start(t)
	traced := newTracing(t, c.URL, 1, discard())
	for _, s := range []struct {
		method string
		err    error
		status int
		code   string
	}{
		{"PUT", domain.NotPermitted, 200, "not_permitted"},
		{"PATCH", errors.Join(errors.New("down since 4711"), domain.StoreUnavailable), 503, "store_unavailable"},
		{"FORGE\n4711", errors.New("unforeseen 4711"), 500, "internal"},
	} {
		store := watch(traced, broken{err: s.err})
		create := telemetry.Traced(traced, "create_apartment",
			application.NewCreateApartment(store, store, time.Now, application.UUIDv7(time.Now)).Create)
		r := post()
		r.Method = s.method
		request(traced, r, s.status, s.code, func(ctx context.Context) {
			_, err := create(ctx, application.CreateApartmentInput{User: 4711, Block: 4711})
			if !errors.Is(err, s.err) {
				t.Errorf("%v is not %v", err, s.err)
			}
			traced.Statement(ctx, "SELECT of "+s.method[:3], time.Now().Add(-time.Hour), s.err)
		})
	}
	// What happens outside of a request has no trace.
	traced.Statement(t.Context(), "SELECT alone", time.Now(), nil)
	if _, err := watch(traced, broken{}).Apply(t.Context(), domain.ChangeSet{}); err != nil {
		t.Error(err)
	}
	traced.Close()
	request(traced, post(), 200, "ok", nothing) // too late, and no harm

	if bytes.Contains(c.Sent(), []byte("4711")) {
		t.Error("what was asked, or an error's text, is in the spans")
	}
	if got := c.Resource(); got["service.name"] != "omarty" || got["service.version"] != "v1.2.3" {
		t.Errorf("sent by %v", got)
	}
	spans := c.Spans()
	if len(spans) != 12 {
		t.Fatalf("%d spans: %v", len(spans), spans)
	}
	for _, s := range []struct {
		root, method, statement string
		code, within            string
		failed                  bool
	}{
		{"PUT /omartyapis/Create/", "PUT", "SELECT of PUT", "not_permitted", "not_permitted", false},
		{"PATCH /omartyapis/Create/", "PATCH", "SELECT of PAT", "store_unavailable", "store_unavailable", true},
		{"_OTHER /omartyapis/Create/", "_OTHER", "SELECT of FOR", "internal", "failed", true},
	} {
		root := collector.Named(t, spans, s.root)
		mine := slices.DeleteFunc(slices.Clone(spans), func(o *tracepb.Span) bool { return !bytes.Equal(o.TraceId, root.TraceId) })
		useCase, members := collector.Named(t, mine, "create_apartment"), collector.Named(t, mine, "members_of")
		statement := collector.Named(t, mine, s.statement)
		if len(root.ParentSpanId) != 0 || !bytes.Equal(useCase.ParentSpanId, root.SpanId) ||
			!bytes.Equal(members.ParentSpanId, useCase.SpanId) || !bytes.Equal(statement.ParentSpanId, root.SpanId) {
			t.Errorf("%s: wrong parents among %v", s.root, mine)
		}
		if root.Kind != tracepb.Span_SPAN_KIND_SERVER || statement.Kind != tracepb.Span_SPAN_KIND_CLIENT {
			t.Errorf("%s: kinds %s and %s", s.root, root.Kind, statement.Kind)
		}
		a := collector.Attributes(root.Attributes)
		if a["http.request.method"] != s.method || a["http.route"] != "/omartyapis/Create/" || a["omarty.code"] != s.code {
			t.Errorf("%s: %v", s.root, a)
		}
		for _, span := range []*tracepb.Span{useCase, members} {
			if got := collector.Attributes(span.Attributes)["omarty.code"]; got != s.within {
				t.Errorf("%s: %s ended with %q", s.root, span.Name, got)
			}
		}
		for _, span := range []*tracepb.Span{root, useCase, members} {
			if failed := span.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR; failed != s.failed || span.Status.GetMessage() != "" {
				t.Errorf("%s: %s has the status %v", s.root, span.Name, span.Status)
			}
		}
		if statement.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR {
			t.Errorf("%s: the statement has the status %v", s.root, statement.Status)
		}
		if took := time.Duration(statement.EndTimeUnixNano - statement.StartTimeUnixNano); took < time.Hour {
			t.Errorf("%s: the statement took %s", s.root, took)
		}
	}
}

// A client's trace is linked to. It decides neither the trace id nor whether there is a trace.
func TestClientsTrace(t *testing.T) {
	const theirs = "00-4bf92f3577b34da60000000000000001-00f067aa0ba902b7-01"
	c := collector.Start(t)
	traced := newTracing(t, c.URL, 1, discard())
	request(traced, post("Traceparent", theirs, "Tracestate", "vendor=secret", "Baggage", "user=secret"), 200, "ok", nothing)
	malformed := []string{"", "x", theirs[:50], theirs + "-1", strings.ToUpper(theirs), strings.Repeat("0", 9000), "00-" + strings.Repeat("0", 32) + theirs[35:]}
	for _, text := range malformed {
		request(traced, post("Traceparent", text), 200, "ok", nothing)
	}
	traced.Close()
	spans, linked := c.Spans(), 0
	for _, span := range spans {
		if len(span.ParentSpanId) != 0 || bytes.HasSuffix(span.TraceId, []byte{0, 0, 0, 1}) {
			t.Errorf("the client's trace goes on: %v", span)
		}
		for _, link := range span.Links {
			linked++
			if link.TraceId[0] != 0x4b || link.SpanId[1] != 0xf0 || link.TraceState != "" {
				t.Errorf("the link %v", link)
			}
		}
	}
	if len(spans) != 1+len(malformed) || linked != 1 || bytes.Contains(c.Sent(), []byte("secret")) {
		t.Errorf("%d spans with %d links: %q", len(spans), linked, c.Sent())
	}

	for ratio, want := range map[float64]func(n int) bool{
		0:  func(n int) bool { return n == 0 },
		.5: func(n int) bool { return 0 < n && n < 300 },
	} {
		c := collector.Start(t)
		traced := newTracing(t, c.URL+"/", ratio, discard())
		for range 300 {
			request(traced, post("Traceparent", theirs), 200, "ok", func(ctx context.Context) {
				_, _ = watch(traced, broken{}).MembersOf(ctx, 7, 4)
				traced.Statement(ctx, "SELECT memberships", time.Now(), nil)
			})
		}
		traced.Close()
		n := len(c.Spans())
		if !want(n/3) || n%3 != 0 {
			t.Errorf("%d spans of 300 requests at a ratio of %g", n, ratio)
		}
	}
}

// What is done for several requests stands in the trace of one of them, and the others lead to it.
func TestBatch(t *testing.T) {
	c := collector.Start(t)
	traced := newTracing(t, c.URL, 1, discard())
	untraced := t.Context()
	var callers []context.Context
	var ends []func(int, string)
	for _, route := range []string{"first", "second", "third"} {
		ctx, end := traced.Request(post(), route)
		callers, ends = append(callers, ctx), append(ends, end)
	}
	ctx, end := traced.Batch([]context.Context{untraced, callers[0], callers[1], untraced, callers[2]})
	traced.Statement(ctx, "INSERT apartments", time.Now(), nil)
	end()
	ctx, end = traced.Batch([]context.Context{untraced})
	traced.Statement(ctx, "INSERT logs", time.Now(), nil)
	end()
	for _, end := range ends {
		end(200, "ok")
	}
	traced.Close()

	spans := c.Spans()
	first, batch := collector.Named(t, spans, "POST first"), collector.Named(t, spans, "batch")
	insert := collector.Named(t, spans, "INSERT apartments")
	if !bytes.Equal(batch.ParentSpanId, first.SpanId) || !bytes.Equal(insert.ParentSpanId, batch.SpanId) || len(first.Links) != 0 {
		t.Errorf("the batch is not below its first caller: %v", spans)
	}
	for _, name := range []string{"POST second", "POST third"} {
		links := collector.Named(t, spans, name).Links
		if len(links) != 1 || !bytes.Equal(links[0].SpanId, batch.SpanId) || !bytes.Equal(links[0].TraceId, batch.TraceId) {
			t.Errorf("%s leads to %v", name, links)
		}
	}
	if len(spans) != 5 {
		t.Errorf("%d spans: %v", len(spans), spans)
	}
}

// A collector that refuses is complained of once, in few words.
func TestCollectorRefuses(t *testing.T) {
	asked := make(chan struct{}, 100)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		http.Error(w, strings.Repeat("no ", 10000), http.StatusBadRequest)
	}))
	defer refusing.Close()
	var log bytes.Buffer
	traced := newTracing(t, refusing.URL, 1, slog.New(slog.NewTextHandler(&log, nil)))
	for range 2000 { // more than one export takes
		request(traced, post(), 200, "ok", nothing)
	}
	traced.Close()
	if len(asked) < 2 {
		t.Fatalf("the collector was asked %d times", len(asked))
	}
	if got := strings.Count(log.String(), "\n"); got != 1 || len(log.String()) > 1000 || !strings.Contains(log.String(), "400 Bad Request") {
		t.Errorf("%d lines: %s", got, log.String())
	}
}

// A collector that does not answer is given up.
func TestCollectorHangs(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000") // nothing but Close gives up
	t.Setenv("OTEL_BSP_EXPORT_TIMEOUT", "3600000")
	givenUp := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		close(givenUp)
	}))
	defer hanging.Close()
	var log bytes.Buffer
	traced := newTracing(t, hanging.URL, 1, slog.New(slog.NewTextHandler(&log, nil)))
	for range 10_000 { // more than the queue holds
		request(traced, post(), 200, "ok", nothing)
	}
	traced.Close()
	<-givenUp
	if !strings.Contains(log.String(), "the last traces were not sent") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestNewRefuses(t *testing.T) {
	for _, endpoint := range []string{"", "http://[::1", "collector", "/v1/traces"} {
		if _, err := telemetry.NewTracing(t.Context(), endpoint, 1, "", discard()); err == nil {
			t.Errorf("%q: no error", endpoint)
		}
	}
}
