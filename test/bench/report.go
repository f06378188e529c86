package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// table is rows of text under a heading.
type table struct {
	heading []string
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// markdown returns the table, each column as wide as it has to be.
func (t *table) markdown() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 1, ' ', 0)
	line := func(cells []string) { fmt.Fprintln(w, "| "+strings.Join(cells, "\t| ")+"\t|") }
	line(t.heading)
	fmt.Fprintln(w, strings.Repeat("|---\t", len(t.heading))+"|")
	for _, row := range t.rows {
		line(row)
	}
	_ = w.Flush() // into memory
	return text.String()
}

// comparisonReport is the table of all figures, and what is promised of them.
func comparisonReport(cells []*cell) string {
	figures := table{heading: []string{"register", "connections", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs/request", "peak MiB", "requests/s to the yardstick's"}}
	before := table{heading: []string{"after / before", "connections", "requests/s", "p50", "CPU/request"}}
	for _, c := range cells {
		ratio, name := "", c.contender.name
		if y := beside(cells, c, yardstick.name); y != nil {
			ratio = fmt.Sprintf("%.2f times", ratioOf(c, y, perSecond).median)
		}
		if c.engine.name == memory.name {
			name = "the floor"
		}
		figures.add(c.engine.name, fmt.Sprint(c.connections), name, c.of(perSecond).text(0), c.of(p50).text(2), c.of(p99).text(2),
			c.of(cpu).text(0), c.of(peakMemory).text(1), ratio)
		if was := beside(cells, c, beforeName); was != nil && name == omarty.name {
			before.add(c.engine.name, fmt.Sprint(c.connections), ratioOf(c, was, perSecond).text(2), ratioOf(c, was, p50).text(2), ratioOf(c, was, cpu).text(2))
		}
	}
	text := figures.markdown() + "\n" + goalsOf(cells).markdown()
	if len(before.rows) > 0 {
		text += "\n" + before.markdown()
	}
	return text
}

// beside returns the cell of another contender under the same conditions, nil for none.
func beside(cells []*cell, c *cell, name string) *cell {
	for _, other := range cells {
		if c.contender.name != name && other.contender.name == name && other.engine.name == c.engine.name && other.connections == c.connections {
			return other
		}
	}
	return nil
}

// ratioOf is of the ratios of each round, whose measurements have met the machine at the same pace.
func ratioOf(c, to *cell, figure func(result) float64) spread {
	ratios := make([]float64, len(c.results))
	for i := range ratios {
		ratios[i] = figure(c.results[i]) / figure(to.results[i])
	}
	return spreadOf(ratios)
}

var yesNo = map[bool]string{true: "yes", false: "no"}

// goalsOf compares the figures with what they are to reach.
func goalsOf(cells []*cell) *table {
	goals := &table{heading: []string{"goal", "register", "measured", "reached"}}
	atLeast := map[string]map[int]float64{"SQLite": {64: 3.5, 16: 2.5}, "MariaDB": {64: 3.5, 16: 1.5}}
	peak := map[string]float64{"SQLite": 80, "MariaDB": 60}
	for _, c := range cells {
		y := beside(cells, c, yardstick.name)
		if y == nil || c.contender.name != omarty.name {
			continue
		}
		add := func(goal, measured string, holds bool) {
			goals.add(goal+", "+plural(c.connections, "connection"), c.engine.name, measured, yesNo[holds])
		}
		if was := beside(cells, c, beforeName); was != nil {
			ratio := ratioOf(c, was, perSecond).median
			add("requests/s at least 0.95 times the version before's", fmt.Sprintf("%.2f times", ratio), ratio >= 0.95)
		}
		if goal, ok := atLeast[c.engine.name][c.connections]; ok {
			ratio := ratioOf(c, y, perSecond).median
			add(fmt.Sprintf("requests/s at least %.1f times the yardstick's", goal), fmt.Sprintf("%.2f times", ratio), ratio >= goal)
		}
		switch c.connections {
		case 1:
			ratio := ratioOf(c, y, p50).median
			add("p50 at most 1.15 times the yardstick's", fmt.Sprintf("%.2f times", ratio), ratio <= 1.15)
		case 64:
			ours, theirs := c.of(p99).median, y.of(p50).median
			add("p99 below the yardstick's p50", fmt.Sprintf("%.1f ms, %.1f ms", ours, theirs), ours < theirs)
			most := c.of(peakMemory).most
			add(fmt.Sprintf("peak memory below %.0f MiB", peak[c.engine.name]), fmt.Sprintf("%.1f MiB", most), most < peak[c.engine.name])
		}
	}
	return goals
}

// report prints a report, and writes it and its plot, if it has one, where they are asked for.
func (b *bench) report(name, text string, plot []byte) error {
	fmt.Printf("\n%s", text)
	if b.options.out == "" {
		return nil
	}
	page := fmt.Sprintf("Measured on %s with %s on %s/%s, %d processors: medians of %d measurements of %v each, with the least and the most; ratios are medians of each round's own.\n\n%s",
		time.Now().UTC().Format(time.DateOnly), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		b.options.rounds, b.options.duration, text)
	if plot != nil {
		page += fmt.Sprintf("\n![Plot](%s.svg)\n", name)
	}
	if err := os.WriteFile(filepath.Join(b.options.out, name+".md"), []byte(page), 0o644); err != nil || plot == nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.options.out, name+".svg"), plot, 0o644)
}
