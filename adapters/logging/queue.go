package logging

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
)

// maxQueued is how much text the queue holds, in bytes: some thousands of lines. As much again may be being written.
const maxQueued = 1 << 20

// queue is a writer that never blocks. It drops what does not fit.
type queue struct {
	out  io.Writer
	more chan struct{} // signals that lines are queued
	// report writes to out that lines were dropped.
	report func(lines int64)
	lost   atomic.Int64 // lines that were dropped, in all

	mu      sync.Mutex
	queued  []byte
	dropped int64 // since the last report

	written []byte // the other buffer; flush's own
}

func newQueue(out io.Writer, report func(lines int64)) *queue {
	return &queue{out: out, more: make(chan struct{}, 1), report: report}
}

// Write queues a line.
func (q *queue) Write(line []byte) (int, error) {
	q.mu.Lock()
	if len(q.queued)+len(line) <= maxQueued {
		q.queued = append(q.queued, line...)
	} else {
		q.drop(1)
	}
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
	return len(line), nil
}

func (q *queue) drop(lines int64) {
	q.dropped += lines
	q.lost.Add(lines)
}

// flush writes what is queued, then how many lines were dropped after it. Where writing fails, what was not written counts as
// dropped, and is reported by a later flush. Not for concurrent use.
func (q *queue) flush() {
	q.mu.Lock()
	q.queued, q.written = q.written[:0], q.queued
	dropped := q.dropped
	q.mu.Unlock()
	if len(q.written) > 0 {
		if n, err := q.out.Write(q.written); err != nil {
			q.mu.Lock()
			q.drop(int64(bytes.Count(q.written[n:], []byte("\n"))))
			q.mu.Unlock()
			return
		}
	}
	if dropped == 0 {
		return
	}
	q.mu.Lock()
	q.dropped -= dropped
	q.mu.Unlock()
	q.report(dropped)
}
