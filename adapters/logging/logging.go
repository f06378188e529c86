// Package logging is a log that no request waits for. Lines are queued in memory, within bounds, and written in the
// background: a reader that stalls or has gone costs lines, which are counted and told of, and nothing else. Lines that
// repeat are written up to a number and then counted, so that an outage does not bury what it began with.
package logging

import (
	"io"
	"log/slog"
	"time"
)

// Log is a logger and what stands between it and a writer. Use New; it is safe for concurrent use.
type Log struct {
	*slog.Logger
	queue   *queue
	repeats *repeats
	closing chan struct{}
	ended   chan struct{}
}

// New returns a log whose lines format makes, and which are written to w until Close.
func New(w io.Writer, format func(io.Writer) slog.Handler) *Log {
	direct := slog.New(format(w))
	q := newQueue(w, func(lines int64) {
		direct.Warn("log lines were dropped: their reader was too slow, or was gone", "dropped", lines)
	})
	r := newRepeats()
	l := &Log{
		Logger:  slog.New(sampled{format(q), r}),
		queue:   q,
		repeats: r,
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	go l.run()
	return l
}

func (l *Log) run() {
	defer close(l.ended)
	windows := time.NewTicker(window)
	defer windows.Stop()
	for {
		select {
		case <-l.queue.more:
		case <-windows.C:
			l.repeats.endWindow()
		case <-l.closing:
			l.repeats.endWindow()
			l.queue.flush()
			return
		}
		l.queue.flush()
	}
}

// Close writes what is queued, and returns when that is done or after the patience, whichever comes first. It is called
// once; what is logged after it is lost.
func (l *Log) Close(patience time.Duration) {
	close(l.closing)
	select {
	case <-l.ended:
	case <-time.After(patience):
	}
}

// Dropped returns how many lines were not written because the writer was too slow or failed.
func (l *Log) Dropped() int64 { return l.queue.lost.Load() }

// LeftOut returns how many lines were not written because they repeated others.
func (l *Log) LeftOut() int64 { return l.repeats.leftOut.Load() }
