package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"time"
)

// library is the program that measures the register as a service in Go uses it.
var library = contender{name: "library", folder: ".", source: "./library"}

// pageCallers are how many read pages at once.
const pageCallers = 16

// figure is one that the library's program writes.
type figure struct {
	Name      string
	PerSecond float64
	CPU       time.Duration
	Kept      int
}

// runLibrary has the library's program measure something on a database.
func (b *bench) runLibrary(ctx context.Context, what string, d database, apartments int) (figures []figure, err error) {
	arguments := []string{
		"-database", d.url, "-blocks", strconv.Itoa(d.register.blocks), "-apartments", strconv.Itoa(apartments),
		"-callers", strconv.Itoa(pageCallers), "-duration", b.options.duration.String(), what,
	}
	var output, failure bytes.Buffer
	command := exec.CommandContext(ctx, b.programs[library.name], arguments...)
	command.Stdout, command.Stderr = &output, &failure
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("library %s on %s: %w\n%s", what, d.engine.name, err, failure.Bytes())
	}
	return figures, json.Unmarshal(output.Bytes(), &figures)
}

// ways are the cells of what a library is used for on an engine, by name, each with a result a round.
type ways struct {
	engine engine
	cells  map[string]*cell
}

func (w ways) add(name string, r result) {
	if w.cells[name] == nil {
		w.cells[name] = &cell{engine: w.engine}
	}
	w.cells[name].results = append(w.cells[name].results, r)
}

func (w ways) addAll(figures []figure, round, rounds int, unit string) {
	for _, f := range figures {
		w.add(f.Name, result{seen: seen{perSecond: f.PerSecond, cpuPerRequest: f.CPU}})
		fmt.Printf("%d/%d  %-8s %-10s %8.0f %s/s, %v of the library's CPU each\n", round+1, rounds, w.engine.name, f.Name, f.PerSecond, unit, f.CPU.Round(time.Microsecond/10))
	}
}

// measureLibrary measures large change sets and pages, through the use cases.
func (b *bench) measureLibrary(ctx context.Context, engines []engine) error {
	goals := &table{heading: []string{"goal", "register", "measured", "reached"}}
	figures := &table{heading: []string{"register", "what", "a second", "CPU µs of the library's process"}}
	for _, e := range onDisk(engines) {
		w := ways{e, map[string]*cell{}}
		if err := b.measureSets(ctx, w); err != nil {
			return err
		}
		if err := b.measurePages(ctx, w); err != nil {
			return err
		}
		row := func(name, what string) {
			figures.add(e.name, what, w.cells[name].of(perSecond).text(0), w.cells[name].of(cpu).text(1))
		}
		row("requests", fmt.Sprintf("requests of %d connections, one apartment each (the server's CPU)", manyConnections))
		set := fmt.Sprintf("a set of %d", b.options.setSize)
		row("run", "apartments in "+set)
		row("dry run", "apartments in a dry run of "+set)
		pages := fmt.Sprintf("pages of 100, %d apartments, %d callers: ", b.options.pageBlocks*b.options.pageApartments, pageCallers)
		for _, name := range []string{"bare query", "port", "use case"} {
			row(name, pages+name)
		}
		goal := func(text, of, to string, holds func(ratio float64) bool) {
			ratio := ratioOf(w.cells[of], w.cells[to], perSecond)
			goals.add(text, e.name, ratio.text(2)+" times", yesNo[holds(ratio.median)])
		}
		goal("apartments/s of "+set+" at least 5 times those of the requests", "run", "requests", func(r float64) bool { return r >= 5 })
		goal("a dry run no slower than the run", "dry run", "run", func(r float64) bool { return r >= 1 })
		goal("a page within 1.3 times of the bare query", "bare query", "use case", func(r float64) bool { return r <= 1.3 })
	}
	return b.report("library", goals.markdown()+"\n"+figures.markdown(), nil)
}

// measureSets measures sets beside requests that register one apartment each.
func (b *bench) measureSets(ctx context.Context, w ways) error {
	kept, err := newRegister(blocks, blocks, []byte(b.secret))
	if err != nil {
		return err
	}
	for round := range b.options.rounds {
		requests, err := b.measure(ctx, omarty, w.engine, b.load(manyConnections, kept))
		if err != nil {
			return err
		}
		w.add("requests", requests)
		fmt.Printf("%d/%d  %-8s requests   %8.0f apartments/s\n", round+1, b.options.rounds, w.engine.name, requests.perSecond)
		err = b.withDatabase(ctx, omarty, w.engine, kept, func(d database) error {
			figures, err := b.runLibrary(ctx, "sets", d, b.options.setSize)
			if err != nil {
				return err
			}
			w.addAll(figures, round, b.options.rounds, "apartments")
			return verify(ctx, d.url, figures[0].Kept)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// measurePages measures pages of a large register.
func (b *bench) measurePages(ctx context.Context, w ways) error {
	kept, err := newRegister(b.options.pageBlocks, b.options.pageBlocks, []byte(b.secret))
	if err != nil {
		return err
	}
	return b.withDatabase(ctx, omarty, w.engine, kept, func(d database) error {
		fmt.Printf("%s: filling in %d apartments\n", w.engine.name, b.options.pageBlocks*b.options.pageApartments)
		if err := fill(ctx, d, b.options.pageBlocks*(b.options.pageApartments-1)); err != nil {
			return err
		}
		for round := range b.options.rounds {
			figures, err := b.runLibrary(ctx, "pages", d, b.options.pageApartments)
			if err != nil {
				return err
			}
			w.addAll(figures, round, b.options.rounds, "pages")
		}
		return nil
	})
}
