package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// blocks are those of the register that servers are compared on.
	blocks = 100
	// warmup is how long a load goes on before it is measured, at most.
	warmup = 500 * time.Millisecond
)

// compare measures omarty beside the yardstick, and the floor.
func (b *bench) compare(ctx context.Context, engines []engine) error {
	kept, err := newRegister(blocks, blocks, []byte(b.secret))
	if err != nil {
		return err
	}
	var cells []*cell
	for _, n := range b.options.connections {
		for _, e := range engines {
			contenders := []contender{omarty}
			if e.name != memory.name {
				contenders = append(b.options.versions(), yardstick)
			}
			for _, c := range contenders {
				cells = append(cells, &cell{contender: c, engine: e, connections: n, register: kept})
			}
		}
	}
	if err := b.measureRounds(ctx, cells); err != nil {
		return err
	}
	return b.report("bench", comparisonReport(cells), comparisonPlot(cells, b.options.connections))
}

// measureRounds measures each cell once a round, side by side, so that whatever else the machine does comes to all. Every other
// round begins at the end, so that none always comes first.
func (b *bench) measureRounds(ctx context.Context, cells []*cell) error {
	cells = slices.Clone(cells)
	for round := range b.options.rounds {
		for _, c := range cells {
			r, err := b.measure(ctx, c.contender, c.engine, b.load(c.connections, c.register))
			if err != nil {
				return err
			}
			c.results = append(c.results, r)
			fmt.Printf("%d/%d  %-10s %-8s %-14s %6.0f requests/s, p50 %v, p99 %v\n", round+1, b.options.rounds,
				c.contender.name, c.engine.name, c.conditions(), r.perSecond, rounded(r.p50), rounded(r.p99))
		}
		slices.Reverse(cells)
	}
	return nil
}

// load is one that lasts as long as was asked for.
func (b *bench) load(connections int, kept register) load {
	return load{connections, min(warmup, b.options.duration), b.options.duration, kept}
}

// cell is what is measured of a contender on an engine, at so many connections.
type cell struct {
	contender   contender
	engine      engine
	connections int
	register    register
	// note says what else is particular to it.
	note    string
	results []result
}

func (c *cell) conditions() string { return plural(c.connections, "connection") + c.note }

// of returns the median of a figure, and the least and the most of it.
func (c *cell) of(figure func(result) float64) spread {
	values := make([]float64, len(c.results))
	for i, r := range c.results {
		values[i] = figure(r)
	}
	return spreadOf(values)
}

// The figures of a result.
func perSecond(r result) float64  { return r.perSecond }
func p50(r result) float64        { return r.p50.Seconds() * 1000 }
func p99(r result) float64        { return r.p99.Seconds() * 1000 }
func cpu(r result) float64        { return float64(r.cpuPerRequest.Nanoseconds()) / 1000 }
func peakMemory(r result) float64 { return float64(r.peakMemory) / (1 << 20) }

func rounded(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
