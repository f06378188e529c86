package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"gonum.org/v1/plot"

	"omarty.net/registry/test/tables"
)

// grownOver are in how many blocks new apartments are registered. Those that are there already are in all blocks alike,
// none of which has more than 999,999.
var grownOver = []int{1, grownBlocks}

const (
	grownBlocks = 10_000
	// manyConnections are those of every measurement but the comparison of servers.
	manyConnections = 64
)

// measureGrowth measures omarty on registers of each size.
func (b *bench) measureGrowth(ctx context.Context, engines []engine) error {
	figures := table{heading: []string{"register", "apartments there", "new ones in", "requests/s", "p50 ms", "p99 ms", "peak MiB", "to the empty register"}}
	var panels []*plot.Plot
	for _, e := range onDisk(engines) {
		kept, err := newRegister(grownBlocks, grownBlocks, []byte(b.secret))
		if err != nil {
			return err
		}
		var sizes []*grown
		if err := b.grow(ctx, e, kept, b.options.sizes, nil, func(all []*grown) error { sizes = all; return b.measureSizes(ctx, all) }); err != nil {
			return err
		}
		var names []string
		for _, g := range sizes {
			names = append(names, plural(g.size, "apartment"))
		}
		all := make([]bars, len(grownOver))
		for i, over := range grownOver {
			all[i].name = "new ones in " + plural(over, "block")
			for _, g := range sizes {
				c, empty := g.cells[i], sizes[0].cells[i]
				figures.add(e.name, strconv.Itoa(g.size), plural(over, "block"), c.of(perSecond).text(0), c.of(p50).text(2), c.of(p99).text(2),
					c.of(peakMemory).text(1), fmt.Sprintf("%.2f times", ratioOf(c, empty, perSecond).median))
				all[i].values = append(all[i].values, c.of(perSecond).median)
			}
		}
		panels = append(panels, panel(e.name, names, all))
	}
	return b.report("growth", figures.markdown(), svg(panels))
}

// grown is a database of a size.
type grown struct {
	database
	register register
	size     int
	// cells are the measurements, by how many blocks new apartments are in.
	cells []*cell
	// kept is how many registrations it has, and used how many numbers every block may have.
	kept, used int
}

// grow makes a database of each size, and calls use while all are there.
func (b *bench) grow(ctx context.Context, e engine, kept register, sizes []int, made []*grown, use func([]*grown) error) error {
	if len(sizes) == 0 {
		return use(made)
	}
	return b.withDatabase(ctx, omarty, e, kept, func(d database) error {
		g := &grown{database: d, register: kept, size: sizes[0], kept: sizes[0], used: 1 + (sizes[0]+kept.blocks-1)/kept.blocks}
		for range grownOver {
			g.cells = append(g.cells, &cell{contender: omarty, engine: e, connections: manyConnections})
		}
		fmt.Printf("%s: filling in %d apartments\n", e.name, g.size)
		if err := fill(ctx, d, g.size); err != nil {
			return err
		}
		return b.grow(ctx, e, kept, sizes[1:], append(made, g), use)
	})
}

// measureSizes measures each size in turn, so that whatever else the machine does comes to all.
func (b *bench) measureSizes(ctx context.Context, sizes []*grown) error {
	for round := range b.options.rounds {
		for i, over := range grownOver {
			for _, g := range sizes {
				l := b.load(manyConnections, g.register)
				l.register.over, l.register.taken = over, g.used
				r, err := b.drive(ctx, omarty, g.database, l)
				if err != nil {
					return err
				}
				g.kept += r.acknowledged
				g.used += r.acknowledged/over + manyConnections
				if err := verify(ctx, g.url, g.kept); err != nil {
					return err
				}
				g.cells[i].results = append(g.cells[i].results, r)
				fmt.Printf("%d/%d  %-8s %7d apartments, new ones in %s: %6.0f requests/s, p50 %v, p99 %v\n", round+1, b.options.rounds,
					g.engine.name, g.size, plural(over, "block"), r.perSecond, rounded(r.p50), rounded(r.p99))
			}
		}
	}
	return nil
}

// fillAtOnce is how many apartments one statement writes.
const fillAtOnce = 100_000

// fills write apartments, numbered from one to another, as registered ones in all blocks alike, by engine. The first that follows
// apartment 1 of a block, which the import has registered, is its second change.
var fills = map[string]string{
	"SQLite": `WITH RECURSIVE numbered (seq) AS (SELECT %[1]d UNION ALL SELECT seq + 1 FROM numbered WHERE seq < %[2]d)
		INSERT INTO apartments (block_id, floor, number, live, registered_by, registered_at, version)
		SELECT 1 + seq %% %[3]d, 1, 2 + seq / %[3]d, 1, 1 + seq %% %[3]d, '2026-03-04 12:00:00.000000', 2 + seq / %[3]d FROM numbered`,
	"MariaDB": `INSERT INTO apartments (block_id, floor, number, live, registered_by, registered_at, version)
		SELECT 1 + seq %% %[3]d, 1, 2 + seq DIV %[3]d, 1, 1 + seq %% %[3]d, '2026-03-04 12:00:00.000000', 2 + seq DIV %[3]d FROM seq_%[1]d_to_%[2]d`,
}

// fillChanges write the ledger's rows of the apartments with an id above one, by engine.
var fillChanges = map[string]string{
	"SQLite":  fmt.Sprintf(fillChange, "unhex(printf('%012x', 1700000000000 + id) || hex(randomblob(10)))"),
	"MariaDB": fmt.Sprintf(fillChange, "UNHEX(CONCAT(LPAD(HEX(1700000000000 + id), 12, '0'), LEFT(SHA1(id), 20)))"),
}

const fillChange = `INSERT INTO changes (block_id, sequence, change_set_id, position, kind, apartment_id, after_floor, after_number, after_status,
	user_id, longitude, latitude, source, at)
	SELECT block_id, version, %s, 0, 'register', id, floor, number, 'registered', registered_by, 31.2357116, 30.0444196, 'app', registered_at
	FROM apartments WHERE id > ? ORDER BY id`

const fillBlocks = `UPDATE blocks SET registered = (SELECT COUNT(*) FROM apartments WHERE block_id = blocks.id AND live = 1),
	version = (SELECT MAX(sequence) FROM changes WHERE block_id = blocks.id)`

// fill writes registered apartments, each with its row of the ledger.
func fill(ctx context.Context, d database, apartments int) (err error) {
	db, err := tables.Connect(d.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for from := 0; from < apartments; from += fillAtOnce {
		var last int64
		if err := db.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) FROM apartments").Scan(&last); err != nil {
			return err
		}
		insert := fmt.Sprintf(fills[d.engine.name], from, min(from+fillAtOnce, apartments)-1, d.register.blocks)
		if _, err := db.ExecContext(ctx, insert); err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, fillChanges[d.engine.name], last); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, fillBlocks)
	return err
}
