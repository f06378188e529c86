package logging

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// In each window, the first perKind lines of a kind are written, and at its end the last of the others.
const (
	window   = 10 * time.Second
	perKind  = 20
	maxKinds = 64 // further kinds count as one a level
)

// repeats counts the lines of each kind in the current window.
type repeats struct {
	leftOut atomic.Int64 // in all

	mu    sync.Mutex
	kinds map[string]*kind
}

type kind struct {
	lines, leftOut int
	// last is the last line that was left out, and handler writes it.
	last    slog.Record
	handler slog.Handler
}

func newRepeats() *repeats { return &repeats{kinds: map[string]*kind{}} }

// admit reports whether a line of a kind is written now.
func (r *repeats) admit(name string, line slog.Record, handler slog.Handler) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kinds[name]
	if k == nil {
		if len(r.kinds) >= maxKinds {
			name = line.Level.String()
		}
		if k = r.kinds[name]; k == nil {
			k = &kind{}
			r.kinds[name] = k
		}
	}
	if k.lines < perKind {
		k.lines++
		return true
	}
	k.leftOut++
	k.last, k.handler = line.Clone(), handler
	if k.leftOut > 1 { // the last one is written when the window ends
		r.leftOut.Add(1)
	}
	return false
}

// endWindow writes the last line of each kind that was left out, with the number of the others, and begins a new window.
func (r *repeats) endWindow() {
	r.mu.Lock()
	ended := r.kinds
	r.kinds = map[string]*kind{}
	r.mu.Unlock()
	for _, k := range ended {
		if k.leftOut > 0 {
			k.last.AddAttrs(slog.Int("left_out", k.leftOut-1))
			_ = k.handler.Handle(context.Background(), k.last) // the queue takes it, or counts it
		}
	}
}

// sampled is a handler of the lines that repeats admits.
type sampled struct {
	slog.Handler
	repeats *repeats
}

// Handle implements slog.Handler.
func (s sampled) Handle(ctx context.Context, r slog.Record) error {
	if name := kindOf(r); name != "" && !s.repeats.admit(name, r, s.Handler) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s sampled) WithAttrs(attributes []slog.Attr) slog.Handler {
	return sampled{s.Handler.WithAttrs(attributes), s.repeats}
}

// WithGroup implements slog.Handler.
func (s sampled) WithGroup(name string) slog.Handler {
	return sampled{s.Handler.WithGroup(name), s.repeats}
}

// kindOf returns the kind of a line, "" for one that is always written.
//
// Warnings and errors are of one kind where message, code and cause are the same. Numbers in the cause are not compared: they
// are ports and ids. Other lines have a kind where they have an address: they refuse a client that is unknown, or asks too
// often, and that decides how many there are.
func kindOf(r slog.Record) string {
	if r.Level < slog.LevelInfo {
		return ""
	}
	var code, why, user, address slog.Value
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "code":
			code = a.Value
		case "cause", "reason":
			why = a.Value
		case "user":
			user = a.Value
		case "address":
			address = a.Value
		}
		return true
	})
	isProblem := r.Level >= slog.LevelWarn
	if !isProblem && address.Equal(slog.Value{}) {
		return ""
	}
	common := []string{r.Level.String(), r.Message, code.String(), withoutNumbers(why.String())}
	if !isProblem {
		common = append(common, user.String(), address.String())
	}
	return strings.Join(common, "\x00")
}

// longestCause bounds how much of a cause is compared, in bytes.
const longestCause = 200

// withoutNumbers returns the first line of a cause, cut to longestCause, without its digits.
func withoutNumbers(cause string) string {
	cause, _, _ = strings.Cut(cause, "\n")
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return -1
		}
		return c
	}, cause[:min(len(cause), longestCause)])
}
