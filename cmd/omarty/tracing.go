package main

import (
	"cmp"
	"context"
	"log/slog"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/tracing"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// newTracing returns nil where no collector is configured: then nothing is traced, and nothing is wrapped.
func newTracing(ctx context.Context, c configs.Tracing, logger *slog.Logger) (*tracing.Tracing, func(), error) {
	if c.Endpoint == "" {
		return nil, func() {}, nil
	}
	t, err := tracing.New(ctx, c.Endpoint, c.SampleRatio, cmp.Or(version, "devel"), logger)
	if err != nil {
		return nil, nil, configs.Problems{"tracing.endpoint: " + err.Error()}
	}
	return t, t.Close, nil
}

// noTracing is for commands that answer no requests.
func noTracing() *tracing.Tracing { return nil }

func tracedCreateApartment(t *tracing.Tracing, create *application.CreateApartment) httpapi.CreateApartment {
	if t == nil {
		return create
	}
	return t.CreateApartment(create)
}
