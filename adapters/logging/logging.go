// Package logging is a log that no request waits for. Lines are queued in bounded memory and written in the background.
// Where their reader stalls or is gone, lines are dropped and counted, and the log says how many. Lines that repeat are
// written up to a number and then counted, so that an outage does not hide its first lines.
package logging

import (
	"io"
	"log/slog"
	"time"
)

// Log is a logger with its queue. Use New; it is safe for concurrent use.
type Log struct {
	*slog.Logger
	queue   *queue
	repeats *repeats
	closing chan struct{}
	ended   chan struct{}
}

// New returns a log that writes to w until Close. format returns the handler that formats its lines.
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

// Close writes what is queued, for as long as the patience at most. It is called once. What is logged after it is lost.
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
