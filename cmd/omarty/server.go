package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// What a client may take of the server's time and memory.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
)

func newHandler(create *application.CreateApartment, auth httpapi.Authenticator, c configs.HTTP, logger *slog.Logger) http.Handler {
	return httpapi.New(create, auth, httpapi.Options{
		BodyLimit:      c.BodyLimit,
		RequestTimeout: c.RequestTimeout,
		Logger:         logger,
	})
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:                      handler,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            readHeaderTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// serveUntil serves on the listener until ctx is done, then lets what is in flight finish for as long as grace.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, grace time.Duration, logger *slog.Logger) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	logger.Info("stopping", "grace", grace)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests in flight were cut off: they did not end within %s (http.shutdown_timeout)", grace), server.Close())
	}
	<-ended
	return err
}
