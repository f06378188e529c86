package ground

import (
	"bytes"
	"strings"
	"sync"
)

// Log is the end of a log in JSON, and its first warnings and errors.
type Log struct {
	mu                    sync.Mutex
	last, warned, errored []string
}

const logLines = 30

func (l *Log) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == logLines {
		l.last = l.last[1:]
	}
	l.last = append(l.last, string(line))
	for level, lines := range map[string]*[]string{`"level":"WARN"`: &l.warned, `"level":"ERROR"`: &l.errored} {
		if bytes.Contains(line, []byte(level)) && len(*lines) < logLines {
			*lines = append(*lines, string(line))
		}
	}
}

// Text returns the last lines.
func (l *Log) Text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

// Warnings returns the first lines of level WARN: what was answered 503 is among them, with the cause.
func (l *Log) Warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.warned
}

// Errors returns the first lines of level ERROR.
func (l *Log) Errors() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.errored
}
