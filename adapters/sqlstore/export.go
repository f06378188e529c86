package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

const (
	// exportPage is how many rows an export reads at a time, and exportIDs how many ids of apartments.
	exportPage = 1000
	exportIDs  = 100_000
	// exportIdle is how long its connection is left alone while what it has read is handed out: a server or a proxy ends one that
	// says nothing.
	exportIdle = 5 * time.Second
)

// ExportRegister implements application.Exporter: page after page in one transaction that sees one moment.
func (s *Store) ExportRegister(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
	if err := s.db.Usable(); err != nil {
		return err
	}
	e := export{ctx: ctx, store: s, to: to, all: blocks == nil, blocks: slices.Compact(slices.Sorted(slices.Values(blocks)))}
	err := s.retry(ctx, func() error {
		err := s.readSnapshot(ctx, e.run)
		if e.handedOut && s.db.CauseOf(err) >= cause.Down { // nothing can be taken back
			return &cause.Error{Cause: cause.Down, Err: err}
		}
		return err
	})
	switch {
	case e.refused != nil:
		return e.refused
	case err != nil:
		return fmt.Errorf("export the register: %w", s.refusal(err))
	}
	return nil
}

// export is one that is under way.
type export struct {
	ctx   context.Context
	store *Store
	to    application.RegisterReader
	// blocks are those that are asked for, in the order of their ids, unless all are.
	all    bool
	blocks []domain.BlockID

	mu        sync.Mutex // of q
	q         dialect.Querier
	handedOut bool
	refused   error // what a function of to has returned
}

func (e *export) run(q dialect.Querier) error {
	e.q = q
	ctx, end := context.WithCancel(e.ctx)
	var alive sync.WaitGroup
	alive.Go(func() { e.keepAlive(ctx) })
	defer alive.Wait()
	defer end()
	if err := e.eachBlock(func(b domain.Block) error { return handOut(e, b, e.to.Block) }); err != nil {
		return err
	}
	if err := e.apartments(); err != nil {
		return err
	}
	return e.eachBlock(e.memberships)
}

func (e *export) query(scan func(*sql.Rows) error, text string, values ...any) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.q.Query(scan, text, values...)
}

// keepAlive has the connection say something from time to time.
func (e *export) keepAlive(ctx context.Context) {
	tick := time.NewTicker(exportIdle)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = e.query(func(*sql.Rows) error { return nil }, "SELECT 1") // the next query has the error
		}
	}
}

// handOut hands out a row.
func handOut[Row any](e *export, row Row, to func(Row) error) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	e.handedOut = true
	e.refused = to(row)
	return e.refused
}

// eachBlock calls do for each block of the export, in the order of their ids.
func (e *export) eachBlock(do func(domain.Block) error) error {
	var page []domain.Block
	read := func(condition string, values ...any) error {
		page = page[:0]
		err := e.query(func(r *sql.Rows) error {
			var row blockRow
			if err := r.Scan(&row.ID, &row.Name, &row.Status); err != nil {
				return err
			}
			b, err := row.block()
			if err != nil {
				return cause.Fixed(fmt.Errorf("a block as kept: %w", err))
			}
			page = append(page, b)
			return nil
		}, "SELECT id, name, status FROM blocks WHERE "+condition, values...)
		if err != nil {
			return err
		}
		return each(page, do)
	}
	for chunk := range slices.Chunk(e.blocks, readChunk) {
		if err := read("id IN ("+rows.List("?", len(chunk))+") ORDER BY id", values(chunk)...); err != nil {
			return err
		}
	}
	for after := int64(0); e.all; after = int64(page[len(page)-1].ID()) {
		if err := read("id > ? ORDER BY id LIMIT ?", after, exportPage); err != nil || len(page) < exportPage {
			return err
		}
	}
	return nil
}

func each[Row any](rows []Row, do func(Row) error) error {
	for _, row := range rows {
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

// apartments hands out apartments in the order of their ids. Those of a few blocks are found by the index, of which first their ids
// are read; for many blocks it reads all apartments of the register.
func (e *export) apartments() error {
	if !e.all && len(e.blocks) <= readChunk {
		return e.apartmentsByBlock()
	}
	for after := int64(0); ; {
		page, err := e.readApartments(e.store.db.Engine().UsePrimary+" WHERE id > ? ORDER BY id LIMIT ?", after, exportPage)
		if err != nil {
			return err
		}
		for _, a := range page {
			if _, asked := slices.BinarySearch(e.blocks, a.Block()); !asked && !e.all {
				continue
			}
			if err := handOut(e, a, e.to.Apartment); err != nil {
				return err
			}
		}
		if len(page) < exportPage {
			return nil
		}
		after = int64(page[len(page)-1].ID())
	}
}

func (e *export) apartmentsByBlock() error {
	if len(e.blocks) == 0 {
		return nil
	}
	text := "SELECT id FROM apartments" + e.store.useIndex(indexByNumber) + " WHERE block_id IN (" + rows.List("?", len(e.blocks)) + ") AND id > ? ORDER BY id LIMIT ?"
	ids := make([]domain.ApartmentID, 0, exportPage)
	for after := int64(0); ; after = int64(ids[len(ids)-1]) {
		ids = ids[:0]
		err := e.query(func(r *sql.Rows) error {
			var id domain.ApartmentID
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		}, text, append(values(e.blocks), after, exportIDs)...)
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(ids, exportPage) {
			page, err := e.readApartments(e.store.db.Engine().UsePrimary+" WHERE id IN ("+rows.List("?", len(chunk))+") ORDER BY id", values(chunk)...)
			if err != nil {
				return err
			}
			if err := each(page, func(a domain.Apartment) error { return handOut(e, a, e.to.Apartment) }); err != nil {
				return err
			}
		}
		if len(ids) < exportIDs {
			return nil
		}
	}
}

func (e *export) readApartments(end string, values ...any) (page []domain.Apartment, err error) {
	err = e.query(addApartment(&page), "SELECT "+rows.ApartmentColumns+" FROM apartments"+end, values...)
	return page, err
}

// memberships hands out those of a block, in the order of their users.
func (e *export) memberships(b domain.Block) error {
	text := "SELECT id, user_id, block_id, apartment_id, role, status FROM memberships" + e.store.useIndex("memberships_block") +
		" WHERE block_id = ? AND (user_id > ? OR user_id = ? AND id > ?) ORDER BY user_id, id LIMIT ?"
	for user, id := int64(0), int64(0); ; {
		var page []domain.Membership
		err := e.query(func(r *sql.Rows) error {
			var row membershipRow
			if err := r.Scan(&row.ID, &row.UserID, &row.BlockID, &row.ApartmentID, &row.Role, &row.Status); err != nil {
				return err
			}
			m, err := row.membership()
			if err != nil {
				return cause.Fixed(fmt.Errorf("a membership as kept: %w", err))
			}
			page = append(page, m)
			user, id = row.UserID, row.ID
			return nil
		}, text, int64(b.ID()), user, user, id, exportPage)
		if err != nil {
			return err
		}
		if err := each(page, func(m domain.Membership) error { return handOut(e, m, e.to.Membership) }); err != nil {
			return err
		}
		if len(page) < exportPage {
			return nil
		}
	}
}
