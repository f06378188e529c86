// Package tracing tells an OpenTelemetry collector how requests went: a span for the request, one for its use case, one
// for each call of the store and one for each SQL statement. It wraps the ports of package application and knows nothing
// of what implements them.
//
// Spans name methods, routes, statuses, codes and statements. They never name who asked, from where, for what or with
// which values.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing sends spans. Use New; it is safe for concurrent use. A nil one traces nothing, and wraps nothing.
type Tracing struct {
	provider *sdktrace.TracerProvider
	exporter *exporter
	tracer   trace.Tracer
}

// tracesPath is where a collector takes traces (OTLP 1, OTLP/HTTP).
const tracesPath = "/v1/traces"

// flushTimeout bounds how long Close waits for the collector.
const flushTimeout = 5 * time.Second

// New returns a Tracing that posts to an OTLP/HTTP collector, at /v1/traces where the endpoint has no path of its own. It
// traces the ratio of requests, from 0 to 1, and names the build by its version. The variables OTEL_... of the
// environment apply where no argument says otherwise, such as OTEL_EXPORTER_OTLP_HEADERS.
//
// Nothing waits for the collector: spans queue up in memory, are dropped where the queue is full, and are sent in the
// background. A collector that fails is told to the logger once a minute at most.
//
// It returns an error for an endpoint that is no URL with a host, or for variables that contradict it.
func New(ctx context.Context, endpoint string, ratio float64, version string, logger *slog.Logger) (*Tracing, error) {
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
		// Not by the parent: it is the client's, who must not choose what is traced.
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
	_ = t.exporter.Shutdown(ctx) // cuts off what still waits for the collector
}
