package httpapi

import (
	"log/slog"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// loud are the codes that the operator has something to do about. The others are the client's affair.
var loud = map[domain.Code]slog.Level{
	internal:                slog.LevelError,
	domain.StoreUnavailable: slog.LevelWarn,
	notReady:                slog.LevelWarn,
}

// log writes the request's line (OPERATIONS.md, Logs). Probes that pass are left to debugging.
func (a *api) log(c echo.Context, info *requestInfo, code domain.Code, took time.Duration, err error) {
	level := slog.LevelInfo
	if err == nil && isProbe(c.Path()) {
		level = slog.LevelDebug
	}
	attributes := []slog.Attr{
		slog.String("id", info.id),
		slog.String("method", method(c.Request().Method)),
		slog.String("path", pathClass(c)),
		slog.Int("status", c.Response().Status),
		slog.String("code", string(code)),
		slog.Int64("user", int64(info.user)),
		slog.Int64("block", int64(info.block)),
		slog.Float64("took_ms", float64(took.Microseconds())/1000),
	}
	if apartment := info.registered; apartment != (domain.Apartment{}) {
		attributes = append(attributes, slog.Int("floor", apartment.Floor().Level()),
			slog.Int("number", apartment.Number().Int()), slog.Bool("replayed", info.replayed))
	}
	if reason := reasonOf(err); reason != "" {
		attributes = append(attributes, slog.String("reason", reason))
	}
	if err != nil && (info.user == 0 || code == tooMany) {
		near, _ := networks(c.RealIP())
		attributes = append(attributes, slog.String("address", near.String()))
	}
	if l, isLoud := loud[code]; isLoud {
		level = l
		attributes = append(attributes, slog.Any("cause", err))
	}
	a.options.Logger.LogAttrs(c.Request().Context(), level, "request", attributes...)
}

// method bounds what a client can put into the log.
func method(name string) string {
	if len(name) > 16 {
		return name[:16]
	}
	return name
}

// unknownPaths name the paths without a route that tell something: an app with a wrong path, a scrape at the wrong address.
var unknownPaths = []struct{ prefix, class string }{
	{"/omartyapis", "unknown:omartyapis"},
	{"/metrics", "unknown:metrics"},
	{"/debug/", "unknown:debug"},
}

// pathClass returns the path of the request's route, or of which sort its path is: never what the client wrote.
func pathClass(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	path := c.Request().URL.Path
	for _, known := range unknownPaths {
		if strings.HasPrefix(path, known.prefix) {
			return known.class
		}
	}
	if path == "/" {
		return "unknown:root"
	}
	return "unknown"
}
