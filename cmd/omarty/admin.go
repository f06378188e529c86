package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/pprof"

	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/configs"
)

func newMetrics() *telemetry.Metrics { return telemetry.NewMetrics(version, commit) }

// serveAdmin answers operators on an address of their own, if there is one, until the function that it returns is called.
func serveAdmin(ctx context.Context, c configs.Admin, m *telemetry.Metrics, logger *slog.Logger) (end func(), err error) {
	if c.Address == "" {
		return func() {}, nil
	}
	listener, err := listen(ctx, c.Address, "admin.address (OMARTY_ADMIN_ADDRESS)")
	if err != nil {
		return nil, err
	}
	server := newServer(adminHandler(m, c.Pprof), logger)
	server.WriteTimeout = 0 // a profile takes as long as it was asked to
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("serve the admin address", "cause", err)
		}
	}()
	logger.Info("serving operators", "address", listener.Addr().String(), "pprof", c.Pprof)
	return func() {
		_ = server.Close()
		<-ended
	}, nil
}

func adminHandler(m *telemetry.Metrics, withPprof bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	if withPprof {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return mux
}
