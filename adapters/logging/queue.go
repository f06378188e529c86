package logging

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
)

// maxQueued is how much text waits to be written, in bytes: some thousands of lines. As much again may be under way.
const maxQueued = 1 << 20

// queue is a writer that never waits. What does not fit into it is dropped.
type queue struct {
	out  io.Writer
	more chan struct{} // told that something waits
	// tell writes to out that lines were dropped.
	tell func(lines int64)
	lost atomic.Int64 // lines that were dropped, in all

	mu      sync.Mutex
	waiting []byte
	dropped int64 // since it was last told

	written []byte // the other buffer; flush's own
}

func newQueue(out io.Writer, tell func(lines int64)) *queue {
	return &queue{out: out, more: make(chan struct{}, 1), tell: tell}
}

// Write queues a line.
func (q *queue) Write(line []byte) (int, error) {
	q.mu.Lock()
	if len(q.waiting)+len(line) <= maxQueued {
		q.waiting = append(q.waiting, line...)
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

// flush writes what waits, then how many lines were dropped behind it. Where writing fails, what was not written counts as
// dropped, to be told when it can be. Not for concurrent use.
func (q *queue) flush() {
	q.mu.Lock()
	q.waiting, q.written = q.written[:0], q.waiting
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
	q.tell(dropped)
}
