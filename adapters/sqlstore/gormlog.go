package sqlstore

import (
	"context"
	"log/slog"

	gormlogger "gorm.io/gorm/logger"
)

// gormLogger logs statements without their values, and only where debugging asked for it: what fails is logged once, by
// who answers the request, and a driver's text on a duplicate holds values.
func gormLogger(logger *slog.Logger) gormlogger.Interface {
	level := gormlogger.Silent
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		level = gormlogger.Info
	}
	return gormlogger.NewSlogLogger(logger, gormlogger.Config{LogLevel: level, ParameterizedQueries: true})
}
