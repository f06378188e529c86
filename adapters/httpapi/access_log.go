package httpapi

import (
	"log/slog"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// logLevels are the levels of the codes that an operator has to act on. The others are logged as info.
var logLevels = map[domain.Code]slog.Level{
	Internal:                slog.LevelError,
	domain.StoreUnavailable: slog.LevelWarn,
	NotReady:                slog.LevelWarn,
}

// log writes the request's line (OPERATIONS.md, Logs). A probe that passes is logged at the level debug.
func (s *Server) log(c echo.Context, info *RequestInfo, code domain.Code, took time.Duration, err error) {
	level := slog.LevelInfo
	if err == nil && isProbe(c.Path()) {
		level = slog.LevelDebug
	}
	attributes := []slog.Attr{
		slog.String("id", info.ID),
		slog.String("method", method(c.Request().Method)),
		slog.String("path", pathClass(c)),
		slog.Int("status", c.Response().Status),
		slog.String("code", string(code)),
		slog.Int64("user", int64(info.User)),
		slog.Int64("block", int64(info.Block)),
		slog.Float64("took_ms", float64(took.Microseconds())/1000),
	}
	if apartment := info.Registered; apartment != (domain.Apartment{}) {
		attributes = append(attributes, slog.Int("floor", apartment.Floor().Level()),
			slog.Int("number", apartment.Number().Int()), slog.Bool("replayed", info.Replayed))
	}
	if reason := reasonOf(err); reason != "" {
		attributes = append(attributes, slog.String("reason", reason))
	}
	if err != nil && (info.User == 0 || code == TooMany) {
		near, _ := networks(c.RealIP())
		attributes = append(attributes, slog.String("address", near.String()))
	}
	if l, found := logLevels[code]; found {
		level = l
		attributes = append(attributes, slog.Any("cause", err))
	}
	s.options.Logger.LogAttrs(c.Request().Context(), level, "request", attributes...)
}

// method returns a method, cut to a length that no known one exceeds.
func method(name string) string {
	if len(name) > 16 {
		return name[:16]
	}
	return name
}

// unknownPaths are the classes of paths that have no route and that hint at a mistake: an app with a wrong path, a scrape of
// the wrong address.
var unknownPaths = []struct{ prefix, class string }{
	{"/omartyapis", "unknown:omartyapis"},
	{"/metrics", "unknown:metrics"},
	{"/debug/", "unknown:debug"},
}

// pathClass returns the path of the request's route, or the class of its path. It never returns what the client wrote.
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
