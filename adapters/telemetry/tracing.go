package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"omarty.net/registry/domain"
)

// Tracing sends spans. Use NewTracing; it is safe for concurrent use. NewStore and Traced also take nil, which traces
// nothing.
type Tracing struct {
	provider *sdktrace.TracerProvider
	exporter *exporter
	tracer   trace.Tracer
}

// tracesPath is where a collector takes traces (OTLP 1, OTLP/HTTP).
const tracesPath = "/v1/traces"

// flushTimeout bounds how long Close waits for the collector.
const flushTimeout = 5 * time.Second

// NewTracing returns a Tracing that posts to an OTLP/HTTP collector, at /v1/traces where the endpoint has no path of its
// own. It traces the ratio of requests, from 0 to 1, and names the build by its version. The variables OTEL_... of the
// environment apply where no argument says otherwise, such as OTEL_EXPORTER_OTLP_HEADERS.
//
// Nothing waits for the collector: spans queue up in memory, are dropped where the queue is full, and are sent in the
// background. The logger gets at most one line a minute about a collector that fails.
//
// It returns an error where the endpoint is no URL with a host, or where variables contradict it.
func NewTracing(ctx context.Context, endpoint string, ratio float64, version string, logger *slog.Logger) (*Tracing, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, errors.New("the collector's endpoint is no URL with a host")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = tracesPath
	}
	client, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()))
	if err != nil {
		return nil, fmt.Errorf("send traces to %s: %w", u.Redacted(), err)
	}
	e := &exporter{SpanExporter: client, logger: logger}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(e),
		// The parent does not decide: it is the client's, who must not choose what is traced.
		sdktrace.WithSampler(sdktrace.TraceIDRatioBased(ratio)),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "omarty"),
			attribute.String("service.version", version),
		)),
	)
	return &Tracing{provider: provider, exporter: e, tracer: provider.Tracer("omarty.net/registry")}, nil
}

// Close sends the spans that have ended, for up to 5 seconds. What ends later is not traced.
func (t *Tracing) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.exporter.logger.Warn("the last traces were not sent", "cause", err)
	}
	t.exporter.closed.Store(true)
	_ = t.exporter.Shutdown(ctx) // aborts the export that still waits for the collector
}

// below begins a child of the context's span. The span is nil where that one is not recorded, or where there is none.
func (t *Tracing) below(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	if parent := trace.SpanFromContext(ctx); t == nil || !parent.IsRecording() {
		return ctx, nil
	}
	return t.tracer.Start(ctx, name, o...)
}

// end ends a span, if there is one. Refusals are expected; only failures get the status of an error.
func end(span trace.Span, err error) {
	if span == nil {
		return
	}
	code := codeOf(err)
	if code == failed || code.Kind() == domain.Unavailable {
		span.SetStatus(codes.Error, "")
	}
	span.SetAttributes(codeAttribute(code))
	span.End()
}

func codeAttribute(code domain.Code) attribute.KeyValue {
	return attribute.String("omarty.code", string(code))
}
