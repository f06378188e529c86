package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Statement traces an SQL statement that has ended: its summary, such as INSERT apartments, when it began, and whether it
// failed.
func (t *Tracing) Statement(ctx context.Context, statement string, began time.Time, err error) {
	_, span := t.below(ctx, statement, trace.WithTimestamp(began), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.query.summary", statement)))
	if span == nil {
		return
	}
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// Batch begins the span of work for several callers. It is in the trace of the first caller that is recorded; the spans of
// the others link to it.
func (t *Tracing) Batch(callers []context.Context) (ctx context.Context, end func()) {
	ctx = context.Background()
	var batch trace.Span
	for _, caller := range callers {
		span := trace.SpanFromContext(caller)
		switch {
		case !span.IsRecording():
		case batch == nil:
			ctx, batch = t.tracer.Start(caller, "batch")
		default:
			span.AddLink(trace.Link{SpanContext: batch.SpanContext()})
		}
	}
	if batch == nil {
		return ctx, func() {}
	}
	return ctx, func() { batch.End() }
}
