package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// CreateApartment is the use case, traced.
type CreateApartment struct {
	tracing *Tracing
	next    *application.CreateApartment
}

// CreateApartment returns next, traced as create_apartment. Not for a nil Tracing.
func (t *Tracing) CreateApartment(next *application.CreateApartment) CreateApartment {
	return CreateApartment{t, next}
}

// Create promises what application.CreateApartment does.
func (c CreateApartment) Create(ctx context.Context, in application.CreateApartmentInput) (application.CreateApartmentOutput, error) {
	ctx, span := c.tracing.below(ctx, "create_apartment")
	out, err := c.next.Create(ctx, in)
	end(span, err)
	return out, err
}

// Members returns next, traced as members_of, and next itself for a nil Tracing.
func (t *Tracing) Members(next application.Members) application.Members {
	if t == nil {
		return next
	}
	return members{t, next}
}

// Registrar returns next, traced as register, and next itself for a nil Tracing.
func (t *Tracing) Registrar(next application.Registrar) application.Registrar {
	if t == nil {
		return next
	}
	return registrar{t, next}
}

type members struct {
	tracing *Tracing
	next    application.Members
}

func (s members) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	ctx, span := s.tracing.below(ctx, "members_of")
	found, err := s.next.MembersOf(ctx, user, block)
	end(span, err)
	return found, err
}

type registrar struct {
	tracing *Tracing
	next    application.Registrar
}

func (s registrar) Register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	ctx, span := s.tracing.below(ctx, "register")
	outcome, err := s.next.Register(ctx, r)
	end(span, err)
	return outcome, err
}

// below begins a span below the one of the context. Where that is not recorded, or there is none, nor is this.
func (t *Tracing) below(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	if parent := trace.SpanFromContext(ctx); !parent.IsRecording() {
		return ctx, parent
	}
	return t.tracer.Start(ctx, name, o...)
}

// end ends a span. A refusal is what was to happen; failures are what an operator looks for.
func end(span trace.Span, err error) {
	var code domain.Code
	switch {
	case err == nil:
		code = "ok"
	case !errors.As(err, &code):
		code = "failed"
	}
	if code == "failed" || code.Kind() == domain.Unavailable {
		span.SetStatus(codes.Error, "")
	}
	span.SetAttributes(outcome(string(code)))
	span.End()
}

func outcome(code string) attribute.KeyValue { return attribute.String("omarty.code", code) }
