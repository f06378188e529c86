// Command bench measures the register as users run it: in a process of its own, over HTTP on the loopback, with each request a
// new apartment. On SQLite and on MariaDB it stands beside the yardstick, a hand-written server of the same rules that
// gives each request a transaction of its own; in memory it is the floor, HTTP and tokens alone.
//
// It builds and starts all that it needs, ends it, and checks after each measurement that what was acknowledged is kept.
// It is to be run in its folder, on a machine that has nothing else to do.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"omarty.net/registry/test/databases"
)

// options are the command line.
type options struct {
	growth bool
	// connections are how many ask at once, and sizes how many apartments are there already.
	connections, sizes []int
	rounds             int
	duration           time.Duration
	profiles           string
	out                string
}

func main() {
	o := options{connections: []int{1, 16, 64}, sizes: []int{0, 100_000, 3_000_000}}
	flag.BoolVar(&o.growth, "growth", false, "measure registers of different sizes instead of servers")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each is measured; the median counts")
	flag.DurationVar(&o.duration, "duration", 3*time.Second, "how long one measurement takes")
	flag.StringVar(&o.profiles, "profiles", "", "write CPU profiles of omarty into this `folder`; they slow it down")
	flag.StringVar(&o.out, "out", "", "write the results as Markdown, and as a plot, into this `folder`")
	flag.Parse()
	// The load takes as little of the machine as can be: one thread, and garbage that may lie.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	server, err := databases.MariaDB.Start(mariadbArguments...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.End()) }()
	engines := []engine{sqlite, mariadbOn(server)}
	return temporary(func(folder string) error {
		b := &bench{secret: rand.Text() + rand.Text(), options: o}
		if b.programs, err = build(ctx, folder); err != nil {
			return err
		}
		if o.growth {
			return b.measureGrowth(ctx, engines)
		}
		return b.compare(ctx, engines)
	})
}
