package telemetry

import (
	"context"
	"errors"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Ports are the ports of a store that requests use.
type Ports interface {
	application.Members
	application.Registrar
}

// operations name the methods of Ports in metrics and spans.
var operations = []string{"members_of", "register"}

// Store counts, times and traces each call of a store. Its methods promise what the store's do.
type Store struct {
	next    Ports
	metrics *Metrics
	tracing *Tracing
}

// NewStore returns next, watched. A nil Tracing traces nothing.
func NewStore(next Ports, m *Metrics, t *Tracing) Store { return Store{next, m, t} }

// MembersOf implements application.Members.
func (s Store) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	return watched(ctx, s, "members_of", block, func(ctx context.Context, block domain.BlockID) ([]domain.Member, error) {
		return s.next.MembersOf(ctx, user, block)
	})
}

// Register implements application.Registrar.
func (s Store) Register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	return watched(ctx, s, "register", r, s.next.Register)
}

// watched makes a call of the store within a span, and then counts it.
func watched[In, Out any](ctx context.Context, s Store, operation string, in In, call func(context.Context, In) (Out, error)) (Out, error) {
	ctx, span := s.tracing.below(ctx, operation)
	began := time.Now()
	out, err := call(ctx, in)
	s.metrics.stored(ctx, operation, err, time.Since(began))
	end(span, err)
	return out, err
}

// Traced returns a use case that runs within a span of that name, and call itself for a nil Tracing.
func Traced[In, Out any](t *Tracing, name string, call func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	if t == nil {
		return call
	}
	return func(ctx context.Context, in In) (Out, error) {
		ctx, span := t.below(ctx, name)
		out, err := call(ctx, in)
		end(span, err)
		return out, err
	}
}

// The codes of calls that ended without a code of the domain.
const (
	ok     domain.Code = "ok"
	failed domain.Code = "failed"
)

// codeOf returns how a call ended. There are few codes, so metrics may have them as labels.
func codeOf(err error) domain.Code {
	if err == nil {
		return ok
	}
	if code, found := errors.AsType[domain.Code](err); found {
		return code
	}
	return failed
}
