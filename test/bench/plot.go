package main

import (
	"bytes"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// bars are the values of one name, one for each group of bars.
type bars struct {
	name   string
	values plotter.Values
}

var colours = []color.Color{
	color.RGBA{R: 0x9a, G: 0xa5, B: 0xb1, A: 0xff},
	color.RGBA{R: 0x0b, G: 0x72, B: 0x85, A: 0xff},
	color.RGBA{R: 0xd9, G: 0xe2, B: 0xec, A: 0xff},
	color.RGBA{R: 0xf0, G: 0xb4, B: 0x29, A: 0xff},
}

// comparisonPlot shows the requests a second, of each engine in a panel of its own.
func comparisonPlot(cells []*cell, connections []int) []byte {
	var panels []*plot.Plot
	var engines []string
	for _, c := range cells {
		if c.engine.name != memory.name && !slices.Contains(engines, c.engine.name) {
			engines = append(engines, c.engine.name)
		}
	}
	for _, name := range engines {
		all := []bars{{name: yardstick.name}, {name: omarty.name}, {name: "floor"}, {name: beforeName}}
		var groups []string
		for _, n := range connections {
			groups = append(groups, plural(n, "connection"))
			for _, c := range cells {
				server := c.contender.name
				if c.engine.name == memory.name {
					server = "floor"
				} else if c.engine.name != name {
					continue
				}
				if c.connections == n {
					i := slices.IndexFunc(all, func(b bars) bool { return b.name == server })
					all[i].values = append(all[i].values, c.of(perSecond).median)
				}
			}
		}
		all = slices.DeleteFunc(all, func(b bars) bool { return len(b.values) == 0 })
		panels = append(panels, panel(name, groups, all))
	}
	return svg(panels)
}

// panel draws groups of bars.
func panel(title string, groups []string, all []bars) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	p.Y.Label.Text = "requests/s"
	p.Y.Min = 0
	p.Legend.Top, p.Legend.Left = true, true
	const width = 16
	for i, b := range all {
		chart, err := plotter.NewBarChart(b.values, vg.Points(width))
		if err != nil {
			continue // of no values: there is nothing to draw
		}
		chart.Color, chart.LineStyle.Width = colours[i%len(colours)], 0
		chart.Offset = vg.Points(width * (float64(i) - float64(len(all)-1)/2))
		p.Add(chart)
		p.Legend.Add(b.name, chart)
	}
	p.NominalX(groups...)
	p.Y.Max *= 1.3 // room for the legend
	return p
}

// svg draws panels side by side.
func svg(panels []*plot.Plot) []byte {
	const width, height = 12 * vg.Centimeter, 9 * vg.Centimeter
	canvas := vgsvg.New(vg.Length(len(panels))*width, height)
	tiles := draw.Tiles{Rows: 1, Cols: len(panels), PadX: vg.Centimeter, PadTop: vg.Points(6), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(6)}
	for i, area := range plot.Align([][]*plot.Plot{panels}, tiles, draw.New(canvas))[0] {
		panels[i].Draw(area)
	}
	var text bytes.Buffer
	_, _ = canvas.WriteTo(&text) // into memory
	return text.Bytes()
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
