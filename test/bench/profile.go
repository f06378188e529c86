package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// profiled is a server that can be asked for profiles of itself.
type profiled struct{ address, folder string }

// profiling adds to a server's environment what lets it be profiled, where that was asked for.
func (b *bench) profiling(c contender, environment []string) (*profiled, []string, error) {
	if b.options.profiles == "" || c.name != omarty.name {
		return nil, environment, nil
	}
	address, err := freeAddress()
	return &profiled{address, b.options.profiles}, append(environment, "OMARTY_ADMIN_ADDRESS="+address, "OMARTY_ADMIN_PPROF=true"), err
}

// begin writes a CPU profile of a load, and returns what waits until it is written.
func (p *profiled) begin(ctx context.Context, name string, l load) (wait func() error) {
	if p == nil {
		return func() error { return nil }
	}
	written := make(chan error, 1)
	go func() {
		written <- p.write(ctx, filepath.Join(p.folder, name+".pprof"), max(1, int(l.duration.Seconds())))
	}()
	return func() error { return <-written }
}

func (p *profiled) write(ctx context.Context, path string, seconds int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.address, seconds), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, answer.Body)
	return errors.Join(err, file.Close())
}
