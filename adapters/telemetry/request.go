package telemetry

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"omarty.net/registry/domain"
)

// Request begins the trace of a request. The request goes on with the context that it returns, and end is called with
// the status and the code of its answer. The route is its pattern, empty for none.
//
// A client's traceparent (W3C Trace Context) becomes a link, so that the client's trace can be found. It is not the parent:
// its trace id and its sampling flag would let a stranger choose what is traced.
func (t *Tracing) Request(r *http.Request, route string) (ctx context.Context, end func(status int, code string)) {
	name := method(r.Method)
	attributes := []attribute.KeyValue{attribute.String("http.request.method", name)}
	if route != "" {
		name += " " + route
		attributes = append(attributes, attribute.String("http.route", route))
	}
	ctx, span := t.tracer.Start(r.Context(), name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attributes...), trace.WithLinks(clientSpan(r.Header)...))
	return ctx, func(status int, code string) {
		span.SetAttributes(attribute.Int("http.response.status_code", status), codeAttribute(domain.Code(code)))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// clientSpan returns a link to the span that the client names, if any. It leaves out tracestate, which is free text.
func clientSpan(h http.Header) []trace.Link {
	parent := propagation.MapCarrier{"traceparent": h.Get("Traceparent")}
	span := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), parent))
	if !span.IsValid() {
		return nil
	}
	return []trace.Link{{SpanContext: span}}
}

var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace,
}

// method returns a known method, and _OTHER for any text of a client's own (OpenTelemetry's http.request.method).
func method(name string) string {
	if slices.Contains(knownMethods, name) {
		return name
	}
	return "_OTHER"
}
