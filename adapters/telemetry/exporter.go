package telemetry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// warnEvery is how often a failing collector is logged.
const warnEvery = time.Minute

// longestCause bounds how much of a collector's answer is logged, in bytes.
const longestCause = 300

// exporter logs how many spans could not be sent. The SDK exports from one goroutine at a time.
type exporter struct {
	sdktrace.SpanExporter
	logger *slog.Logger
	warned time.Time // when the last warning was logged
	lost   int       // spans since then
	// closed is set once a failure is of no more interest.
	closed atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter. It returns no error: the SDK would print it.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if err == nil || e.closed.Load() {
		return nil
	}
	e.lost += len(spans)
	if now := time.Now(); e.warned.IsZero() || now.Sub(e.warned) >= warnEvery {
		cause := err.Error()
		e.logger.Warn("traces could not be sent", "spans", e.lost, "cause", cause[:min(len(cause), longestCause)])
		e.warned, e.lost = now, 0
	}
	return nil
}
