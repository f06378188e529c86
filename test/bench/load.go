package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load is what is asked of a server: each request registers a new apartment.
type load struct {
	connections      int
	warmup, duration time.Duration
	register         register
}

// seen is what a load saw of a server.
type seen struct {
	// acknowledged are all registrations that were answered as such, before and after the duration too.
	acknowledged  int
	perSecond     float64
	p50, p99      time.Duration
	cpuPerRequest time.Duration
}

// registered is the one answer that counts.
const registered = `{"status":200,"data":"Apartment registered."}`

// drive asks a server over connections that it keeps, each of which waits for its answer before it asks again. Any other
// answer than success is an error.
func (l load) drive(ctx context.Context, s *server) (seen, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	from := time.Now().Add(l.warmup)
	to := from.Add(l.duration)
	var next, acknowledged, measured atomic.Int64
	took := make([][]time.Duration, l.connections)
	var running sync.WaitGroup
	for i := range l.connections {
		running.Go(func() {
			err := ask(ctx, s.address, func(request []byte) []byte {
				return l.register.request(request, next.Add(1)-1)
			}, func(began, ended time.Time) (more bool) {
				acknowledged.Add(1)
				if ended.After(from) && (ended.Before(to) || measured.Load() == 0) { // one at least
					measured.Add(1)
					took[i] = append(took[i], ended.Sub(began))
				}
				return ended.Before(to)
			})
			if err != nil {
				cancel(err)
			}
		})
	}
	used, err := s.cpuBetween(ctx, from, to)
	running.Wait()
	if err := errors.Join(context.Cause(ctx), err); err != nil {
		return seen{}, err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	return seen{
		acknowledged:  int(acknowledged.Load()),
		perSecond:     float64(len(all)) / max(l.duration, all[len(all)-1]).Seconds(),
		p50:           all[len(all)/2],
		p99:           all[len(all)*99/100],
		cpuPerRequest: used / time.Duration(len(all)),
	}, nil
}

// ask sends requests on one connection, each once the one before is answered, for as long as answered returns true.
func ask(ctx context.Context, address string, next func([]byte) []byte, answered func(began, ended time.Time) bool) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // all that was asked is answered
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answer := make([]byte, 4096)
	var request []byte
	for {
		request = next(request[:0])
		began := time.Now()
		if _, err := conn.Write(request); err != nil {
			return err
		}
		if err := readAnswer(conn, answer); err != nil {
			return err
		}
		if !answered(began, time.Now()) {
			return nil
		}
	}
}

// readAnswer reads the one answer that is awaited on a connection, with no more work than it takes to tell whether it is the
// one that counts.
func readAnswer(from io.Reader, buffer []byte) error {
	for read := 0; read < len(buffer); {
		n, err := from.Read(buffer[read:])
		read += n
		head, body, whole := bytes.Cut(buffer[:read], []byte("\r\n\r\n"))
		if !whole {
			if err != nil {
				return err
			}
			continue
		}
		if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 OK\r\n")) || !strings.HasPrefix(registered, string(body)) {
			return fmt.Errorf("a registration was answered %q", buffer[:read])
		}
		if string(body) == registered {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return errors.New("a registration has a longer answer than any")
}
