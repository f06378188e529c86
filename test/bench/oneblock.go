package main

import (
	"context"

	"gonum.org/v1/plot"
)

// spreadBlocks are those that registrations are spread over, beside those in one block. As many managers ask in both.
const spreadBlocks = 200

// measureOneBlock measures registrations that all are in one block beside the same spread over many.
func (b *bench) measureOneBlock(ctx context.Context, engines []engine) error {
	engines = onDisk(engines)
	var cells []*cell // in pairs
	for _, e := range engines {
		for _, c := range b.options.versions() {
			for _, blocks := range []int{1, spreadBlocks} {
				kept, err := newRegister(blocks, spreadBlocks, []byte(b.secret))
				if err != nil {
					return err
				}
				cells = append(cells, &cell{contender: c, engine: e, connections: manyConnections, register: kept, note: " in " + plural(blocks, "block")})
			}
		}
	}
	if err := b.measureRounds(ctx, cells); err != nil {
		return err
	}
	figures := table{heading: []string{"register", "server", "requests/s in one block", "in " + plural(spreadBlocks, "block"), "one block to many", "at least 0.8 times"}}
	var panels []*plot.Plot
	for _, e := range engines {
		all := []bars{{name: "in one block"}, {name: "in " + plural(spreadBlocks, "block")}}
		var servers []string
		for i := 0; i < len(cells); i += 2 {
			one, many := cells[i], cells[i+1]
			if one.engine.name != e.name {
				continue
			}
			ratio := ratioOf(one, many, perSecond)
			figures.add(e.name, one.contender.name, one.of(perSecond).text(0), many.of(perSecond).text(0), ratio.text(2), yesNo[ratio.median >= 0.8])
			servers = append(servers, one.contender.name)
			all[0].values = append(all[0].values, one.of(perSecond).median)
			all[1].values = append(all[1].values, many.of(perSecond).median)
		}
		panels = append(panels, panel(e.name, servers, all))
	}
	return b.report("oneblock", figures.markdown(), svg(panels))
}
