package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/tables"
)

// pageSize is how many apartments a page has.
const pageSize = 100

// bareQuery reads a page as one would by hand, and one row more, which tells whether a page follows.
const bareQuery = `SELECT id, block_id, floor, number, live, registered_by, registered_at, changed_at, version FROM apartments
	WHERE block_id = ? AND live = 1 AND number > ? ORDER BY number LIMIT ?`

// way reads the page of a block that begins after a number, and returns how many apartments it has.
type way struct {
	name string
	read func(ctx context.Context, block, after int) (int, error)
}

// turns is how often the ways take turns.
const turns = 8

// readPages reads random pages of random blocks, in several ways that take turns.
func readPages(ctx context.Context, store application.Store, o options) (_ []figure, err error) {
	db, err := tables.Connect(o.database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(o.callers)
	db.SetMaxIdleConns(o.callers)
	bare, err := db.PrepareContext(ctx, bareQuery)
	if err != nil {
		return nil, err
	}
	list := application.New(store).ListApartments
	ways := []way{
		{"bare query", func(ctx context.Context, block, after int) (int, error) { return readBare(ctx, bare, block, after) }},
		{"use case", func(ctx context.Context, block, after int) (int, error) {
			out, err := list.List(ctx, application.ListApartmentsInput{User: domain.UserID(block), ApartmentQuery: query(block, after)})
			return len(out.Items), err
		}},
		{"port", func(ctx context.Context, block, after int) (int, error) {
			page, err := store.FindApartments(ctx, query(block, after))
			return len(page.Items), err
		}},
	}
	watches := make([]stopwatch, len(ways))
	for turn := range turns + 1 {
		for i, w := range ways {
			var watch stopwatch
			if err := watch.measure(func() (int, error) { return readFor(ctx, o.duration/turns/time.Duration(len(ways)), o, w) }); err != nil {
				return nil, err
			}
			if turn > 0 { // the first warms up
				watches[i].n, watches[i].took, watches[i].cpu = watches[i].n+watch.n, watches[i].took+watch.took, watches[i].cpu+watch.cpu
			}
		}
	}
	figures := make([]figure, len(ways))
	for i, w := range ways {
		figures[i] = watches[i].figure(w.name)
	}
	return figures, nil
}

func query(block, after int) application.ApartmentQuery {
	return application.ApartmentQuery{
		Block: domain.BlockID(block), Limit: pageSize, After: &application.ApartmentCursor{Number: after, ID: math.MaxInt64},
	}
}

func readBare(ctx context.Context, bare *sql.Stmt, block, after int) (n int, err error) {
	rows, err := bare.QueryContext(ctx, block, after, pageSize+1)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, blockID, version int64
		var floor, number int
		var live, by sql.NullInt64
		var registered string
		var changed sql.NullString
		if err := rows.Scan(&id, &blockID, &floor, &number, &live, &by, &registered, &changed, &version); err != nil {
			return 0, err
		}
		n++
	}
	return min(n, pageSize), rows.Err()
}

// readFor has callers read pages for a time, and returns how many.
func readFor(ctx context.Context, duration time.Duration, o options, w way) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var pages atomic.Int64
	var running sync.WaitGroup
	ends := time.Now().Add(duration)
	for range o.callers {
		running.Go(func() {
			for time.Now().Before(ends) {
				n, err := w.read(ctx, 1+rand.IntN(o.blocks), rand.IntN(max(1, o.apartments-pageSize)))
				if want := min(pageSize, o.apartments); err == nil && n != want {
					err = fmt.Errorf("a page has %d apartments, not %d", n, want)
				}
				if err != nil {
					cancel(fmt.Errorf("%s: %w", w.name, err))
					return
				}
				pages.Add(1)
			}
		})
	}
	running.Wait()
	return int(pages.Load()), context.Cause(ctx)
}
