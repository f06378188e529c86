package sqlstore

import (
	"context"
	"log/slog"
	"time"

	gormlogger "gorm.io/gorm/logger"
)

// statementLog logs statements at debug level, without their values and without the driver's text on an error, which holds
// values too: what fails is logged once, by who answers the request.
type statementLog struct{ logger *slog.Logger }

var _ gormlogger.Interface = statementLog{}

// LogMode implements gormlogger.Interface. The level is the logger's own.
func (l statementLog) LogMode(gormlogger.LogLevel) gormlogger.Interface { return l }

// Info implements gormlogger.Interface.
func (statementLog) Info(context.Context, string, ...any) {}

// Warn implements gormlogger.Interface.
func (statementLog) Warn(context.Context, string, ...any) {}

// Error implements gormlogger.Interface.
func (statementLog) Error(context.Context, string, ...any) {}

// Trace implements gormlogger.Interface.
func (l statementLog) Trace(ctx context.Context, begin time.Time, statement func() (sql string, rows int64), err error) {
	if !l.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	sql, rows := statement()
	l.logger.LogAttrs(ctx, slog.LevelDebug, "statement", slog.String("sql", sql), slog.Int64("rows", rows),
		slog.Duration("took", time.Since(begin)), slog.Bool("failed", err != nil))
}

// ParamsFilter implements gorm.ParamsFilter: it keeps the values out of the statement.
func (statementLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}
