// Package statement runs SQL statements, and tells of each that was run.
package statement

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"time"

	gormlogger "gorm.io/gorm/logger"
)

// Log logs statements at debug level, without their values and without the driver's text on an error, which holds
// values too: what fails is logged once, by who answers the request.
type Log struct {
	Logger *slog.Logger
	// OnStatement is called after each statement, with its verb and first table; nil is nothing.
	OnStatement func(ctx context.Context, statement string, began time.Time, err error)
}

var _ gormlogger.Interface = Log{}

// LogMode implements gormlogger.Interface. The level is the logger's own.
func (l Log) LogMode(gormlogger.LogLevel) gormlogger.Interface { return l }

// Info implements gormlogger.Interface.
func (Log) Info(context.Context, string, ...any) {}

// Warn implements gormlogger.Interface.
func (Log) Warn(context.Context, string, ...any) {}

// Error implements gormlogger.Interface.
func (Log) Error(context.Context, string, ...any) {}

// Trace implements gormlogger.Interface.
func (l Log) Trace(ctx context.Context, begin time.Time, statement func() (sql string, rows int64), err error) {
	logs := l.Logger.Enabled(ctx, slog.LevelDebug)
	if !logs && l.OnStatement == nil {
		return
	}
	sql, rows := statement()
	if l.OnStatement != nil {
		l.OnStatement(ctx, summary(sql), begin, err)
	}
	if !logs {
		return
	}
	l.Logger.LogAttrs(ctx, slog.LevelDebug, "statement", slog.String("sql", sql), slog.Int64("rows", rows),
		slog.Float64("took_ms", float64(time.Since(begin).Microseconds())/1000), slog.Bool("failed", err != nil))
}

// Ran is Trace for a statement that GORM does not run.
func (l Log) Ran(ctx context.Context, sql string, began time.Time, err error) {
	if l.OnStatement != nil || l.Logger.Enabled(ctx, slog.LevelDebug) {
		l.Trace(ctx, began, func() (string, int64) { return sql, -1 }, err)
	}
}

// ParamsFilter implements gorm.ParamsFilter: it keeps the values out of the statement.
func (Log) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

var firstTable = regexp.MustCompile("(?:INTO|FROM|UPDATE) [`\"]?(\\w+)")

// summary is a statement's verb and the first table that it names. Of several in one text it is all that read or write.
func summary(sql string) string {
	if setting, found := strings.CutPrefix(sql, "SET STATEMENT "); found { // MariaDB: a setting for the statement after FOR
		_, sql, _ = strings.Cut(setting, " FOR ")
	}
	var told []string
	for statement := range strings.SplitSeq(sql, "; ") {
		if table := firstTable.FindStringSubmatch(statement); table != nil {
			verb, _, _ := strings.Cut(statement, " ")
			told = append(told, verb+" "+table[1])
		}
	}
	if told == nil {
		verb, _, _ := strings.Cut(sql, " ")
		return verb
	}
	return strings.Join(told, ", ")
}
