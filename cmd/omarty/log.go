package main

import (
	"io"
	"log/slog"
	"time"

	"omarty.net/registry/adapters/logging"
	"omarty.net/registry/configs"
)

// logPatience is how long the program waits at its end for whoever reads its log.
const logPatience = 2 * time.Second

// newServerLog returns a log that no request waits for.
func newServerLog(w io.Writer, c configs.Log) *logging.Log {
	return logging.New(w, func(w io.Writer) slog.Handler { return newLogHandler(w, c) })
}

func newLogHandler(w io.Writer, c configs.Log) slog.Handler {
	options := &slog.HandlerOptions{Level: c.Level}
	if c.Format == configs.FormatJSON {
		return slog.NewJSONHandler(w, options)
	}
	return slog.NewTextHandler(w, options)
}
