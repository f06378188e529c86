// Command bench measures the register as users run it: in a process of its own, over HTTP on the loopback, with each request a
// new apartment. On SQLite and on MariaDB it stands beside the yardstick, a hand-written server of the same rules that
// gives each request a transaction of its own; in memory it is the floor, HTTP and tokens alone. The program of another checkout
// can stand beside both. Large change sets and pages are measured through the library, in a program of its own.
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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	growth, oneBlock, library bool
	// before is a checkout of another version, empty for none.
	before  string
	engines []string
	// connections are how many ask at once, and sizes how many apartments are there already.
	connections, sizes []int
	// setSize is how many apartments a large change set registers. Pages are read of so many blocks with so many apartments each.
	setSize, pageBlocks, pageApartments int
	rounds                              int
	duration                            time.Duration
	profiles                            string
	out                                 string
}

func main() {
	o := options{
		engines: []string{"sqlite", "mariadb", "memory"}, connections: []int{1, 16, 64}, sizes: []int{0, 100_000, 3_000_000},
		setSize: 10_000, pageBlocks: 300, pageApartments: 10_000,
	}
	flag.BoolVar(&o.growth, "growth", false, "measure registers of different sizes, and nothing else")
	flag.BoolVar(&o.oneBlock, "one-block", false, "measure registrations in one block beside those in many, and nothing else")
	flag.BoolVar(&o.library, "library", false, "measure large change sets and pages through the library, and nothing else")
	flag.StringVar(&o.before, "before", "", "measure the program of the checkout in this `folder` too")
	listVar(&o.engines, "engines", "measure on these alone, of sqlite, mariadb and memory: `names` with commas", func(text string) (string, error) { return text, nil })
	listVar(&o.connections, "connections", "compare servers at so many connections: `numbers` with commas", positive)
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

// listVar is a flag whose value is a list.
func listVar[T any](to *[]T, name, usage string, parse func(string) (T, error)) {
	flag.Func(name, usage, func(text string) error {
		*to = nil
		for part := range strings.SplitSeq(text, ",") {
			value, err := parse(part)
			if err != nil {
				return err
			}
			*to = append(*to, value)
		}
		return nil
	})
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && n < 1 {
		err = errors.New("must be above 0")
	}
	return n, err
}

func run(ctx context.Context, o options) error {
	return withEngines(o.engines, func(engines []engine) error {
		return temporary(func(folder string) (err error) {
			b := &bench{secret: rand.Text() + rand.Text(), options: o}
			if b.programs, err = build(ctx, folder, append(o.versions(), yardstick, library)...); err != nil {
				return err
			}
			switch {
			case o.growth:
				return b.measureGrowth(ctx, engines)
			case o.oneBlock:
				return b.measureOneBlock(ctx, engines)
			case o.library:
				return b.measureLibrary(ctx, engines)
			default:
				return b.measureAll(ctx, engines)
			}
		})
	})
}

// measureAll measures all that has a goal.
func (b *bench) measureAll(ctx context.Context, engines []engine) error {
	for _, measure := range []func(context.Context, []engine) error{b.compare, b.measureOneBlock, b.measureLibrary} {
		if err := measure(ctx, engines); err != nil {
			return err
		}
	}
	return nil
}
