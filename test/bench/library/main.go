// Command library measures the register as a service in Go uses it: the use cases over a database, in one process. It writes
// its figures as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"

	"omarty.net/registry/adapters/sqlstore"
)

// figure is what one of several ways achieves.
type figure struct {
	Name string
	// PerSecond is how many items, and CPU how much processor time of this process one took.
	PerSecond float64
	CPU       time.Duration
	// Kept is how many apartments were registered.
	Kept int
}

// options are the command line.
type options struct {
	database           string
	blocks, apartments int
	callers            int
	duration           time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.database, "database", "", "the `URL` of a register whose block n has the manager n")
	flag.IntVar(&o.blocks, "blocks", 1, "how many blocks it has")
	flag.IntVar(&o.apartments, "apartments", 10_000, "how many apartments a set registers or, to read pages, a block has")
	flag.IntVar(&o.callers, "callers", 16, "how many read pages at once")
	flag.DurationVar(&o.duration, "duration", 3*time.Second, "how long it takes")
	flag.Parse()
	if err := run(context.Background(), o, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "library:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, what string) (err error) {
	store, err := sqlstore.Open(ctx, o.database, sqlstore.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var figures []figure
	switch what {
	case "sets":
		figures, err = applySets(ctx, store, o)
	case "pages":
		figures, err = readPages(ctx, store, o)
	default:
		err = fmt.Errorf("%q is neither sets nor pages", what)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(figures)
}

// stopwatch adds up what something takes.
type stopwatch struct {
	n         int
	took, cpu time.Duration
}

// measure has do say how many it did.
func (s *stopwatch) measure(do func() (int, error)) error {
	began, used := time.Now(), usedCPU()
	n, err := do()
	s.n, s.took, s.cpu = s.n+n, s.took+time.Since(began), s.cpu+usedCPU()-used
	return err
}

func (s *stopwatch) figure(name string) figure {
	return figure{Name: name, PerSecond: float64(s.n) / s.took.Seconds(), CPU: s.cpu / time.Duration(max(1, s.n))}
}

// usedCPU is the processor time that this process has used.
func usedCPU() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // it fails for no one who asks for himself
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
