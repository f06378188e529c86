package logging_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"omarty.net/registry/adapters/logging"
)

func format(w io.Writer) slog.Handler {
	return slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
}

// reader is a reader of the log that can stall and leave.
type reader struct {
	mu    sync.Mutex
	text  bytes.Buffer
	stall sync.Mutex // held while it stalls
	gone  bool
}

func (r *reader) Write(text []byte) (int, error) {
	r.stall.Lock()
	defer r.stall.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return 0, errors.New("broken pipe")
	}
	return r.text.Write(text)
}

func (r *reader) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSuffix(r.text.String(), "\n"), "\n")
}

const patience = time.Minute

// Nobody who logs waits for a reader that stalls; what does not fit is counted, and told of once it is read again, behind
// the lines that came before.
func TestReaderStalls(t *testing.T) {
	const lines = 20_000
	r := &reader{}
	log := logging.New(r, format)
	r.stall.Lock()
	for i := range lines {
		log.Info("a line of some length, as those of requests are: "+strings.Repeat("x", 100), "n", i)
	}
	dropped := log.Dropped()
	if dropped == 0 || dropped > lines-1000 {
		t.Errorf("%d of %d lines are dropped", dropped, lines)
	}
	r.stall.Unlock()
	log.Close(patience)
	got := r.lines()
	if want := fmt.Sprintf(`level=WARN msg="log lines were dropped: their reader was too slow, or was gone" dropped=%d`, dropped); got[len(got)-1] != want {
		t.Errorf("the last line is %s", got[len(got)-1])
	}
	if int64(len(got)-1)+dropped != lines {
		t.Errorf("%d lines are written and %d dropped, of %d", len(got)-1, dropped, lines)
	}
	for i, line := range got[:len(got)-1] {
		if !strings.HasSuffix(line, fmt.Sprintf("n=%d", i)) {
			t.Fatalf("line %d is %s", i, line)
		}
	}
}

// Lines that could not be written are told of when the next can be.
func TestReaderGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{gone: true}
		log := logging.New(r, format)
		log.Info("one")
		log.Info("two")
		synctest.Wait()
		r.mu.Lock()
		r.gone = false
		r.mu.Unlock()
		log.Info("three")
		synctest.Wait()
		log.Close(patience)
		want := []string{"level=INFO msg=three", `level=WARN msg="log lines were dropped: their reader was too slow, or was gone" dropped=2`}
		if got := r.lines(); fmt.Sprint(got) != fmt.Sprint(want) || log.Dropped() != 2 {
			t.Errorf("written %q, dropped %d", got, log.Dropped())
		}
	})
}

// Close does not wait for a reader that stalls for ever.
func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		log := logging.New(w, format)
		log.Info("never read")
		log.Close(2 * time.Second)
		_ = r.Close() // ends the write
	})
}

// In an outage each cause has its first lines, one more a window that counts the others, and nothing of other causes is lost.
func TestRepeatedLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{}
		log := logging.New(r, format)
		failed := func(i int, cause string) {
			log.Warn("request", "id", i, "code", "store_unavailable", "cause", fmt.Errorf("dial 127.0.0.1:%d: %s\nand more %d", i, cause, i))
		}
		for i := range 1000 {
			failed(i, "connection refused")
			log.Info("request", "id", i, "code", "ok")
		}
		failed(1000, "too many connections")
		log.With("a", "b").Error("request", "id", 1001, "code", "internal", "cause", "panic")
		time.Sleep(11 * time.Second) // by the clock of the test
		failed(2000, "connection refused")
		log.Close(patience)
		text := strings.Join(r.lines(), "\n")
		for pattern, want := range map[string]int{
			`code=store_unavailable .*connection refused`: 20 + 1 + 1,
			`id=999 .*connection refused.* left_out=979`:  1,
			`left_out=`:            1,
			`too many connections`: 1,
			`level=ERROR .*a=b`:    1,
			`code=ok`:              1000,
			`id=2000 .*refused`:    1,
		} {
			if got := len(regexp.MustCompile("(?m)"+pattern).FindAllString(text, -1)); got != want {
				t.Errorf("%d lines with %s, want %d", got, pattern, want)
			}
		}
		if log.LeftOut() != 979 {
			t.Errorf("%d are left out", log.LeftOut())
		}
	})
}

// Whoever may ask without end, known or not, fills no log: neither alone nor as many.
func TestStrangersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{}
		log := logging.New(r, format)
		for i := range 10_000 {
			log.Info("request", "code", "token_invalid", "reason", "it has no exp", "user", 0, "address", "192.0.2.1/32")
			log.Info("request", "code", "token_invalid", "user", 0, "address", fmt.Sprintf("2001:db8:%x::/64", i))
		}
		log.Info("request", "code", "too_many_requests", "user", 7, "address", "192.0.2.2/32")
		log.Warn("request", "code", "store_unavailable", "user", 7, "cause", "down")
		log.Close(patience)
		text := strings.Join(r.lines(), "\n")
		if n := strings.Count(text, "192.0.2.1/32"); n != 20+1 {
			t.Errorf("%d lines of one address", n)
		}
		if n := len(r.lines()); n > 200 {
			t.Errorf("%d lines", n)
		}
		if !strings.Contains(text, "cause=down") {
			t.Error("a warning is lost among the refusals")
		}
	})
}
