package main

import (
	"cmp"
	"context"
	"log/slog"

	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/configs"
)

// newTracing returns nil where no collector is configured: then nothing is traced, and nothing is wrapped.
func newTracing(ctx context.Context, c configs.Tracing, logger *slog.Logger) (*telemetry.Tracing, func(), error) {
	if c.Endpoint == "" {
		return nil, func() {}, nil
	}
	t, err := telemetry.NewTracing(ctx, c.Endpoint, c.SampleRatio, cmp.Or(version, "devel"), logger)
	if err != nil {
		return nil, nil, configs.Problems{"tracing.endpoint: " + err.Error()}
	}
	return t, t.Close, nil
}

// noTracing is for commands that answer no requests.
func noTracing() *telemetry.Tracing { return nil }
