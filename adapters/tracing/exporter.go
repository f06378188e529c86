package tracing

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// quiet is how long one complaint about the collector stands for all.
const quiet = time.Minute

// longestCause is how much of a collector's own words is logged, in bytes.
const longestCause = 300

// exporter logs what could not be sent, now and then. The SDK exports from one goroutine at a time.
type exporter struct {
	sdktrace.SpanExporter
	logger *slog.Logger
	told   time.Time
	lost   int
	// closed is set when nobody waits for what is still being sent.
	closed atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter. It returns no error: the SDK would print it.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if err == nil || e.closed.Load() {
		return nil
	}
	e.lost += len(spans)
	if now := time.Now(); e.told.IsZero() || now.Sub(e.told) >= quiet {
		cause := err.Error()
		e.logger.Warn("traces could not be sent", "spans", e.lost, "cause", cause[:min(len(cause), longestCause)])
		e.told, e.lost = now, 0
	}
	return nil
}
