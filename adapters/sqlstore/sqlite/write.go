package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/domain"
)

// What costs on SQLite, without a network between, is parsing, and each statement more: those of most requests are prepared, and
// write several rows.

const (
	raiseVersions    = "UPDATE blocks SET version = version + ?, registered = registered + ? WHERE id IN ("
	returnVersions   = ") RETURNING id, version"
	insertApartments = "INSERT INTO apartments (block_id, floor, number, live, registered_by, registered_at, version) VALUES "
	apartmentValues  = "(?, ?, ?, ?, ?, ?, ?)"
	// Without OR FAIL, SQLite could undo the statement alone, and would copy pages first.
	insertRegisters = "INSERT OR FAIL INTO changes (block_id, sequence, change_set_id, position, kind, apartment_id, after_floor, after_number, after_status, " +
		"user_id, through_apartment_id, longitude, latitude, source, request_id, at) VALUES "
	registerValues = "(?, ?, ?, 0, 'register', ?, ?, ?, 'registered', ?, ?, ?, ?, ?, ?, ?)"
)

// writes are the statements of a writer.
type writes struct {
	raiseVersions, insertApartments, insertRegisters, insertEntries sized
}

func newWrites(pool *sql.DB, log statement.Log) writes {
	return writes{
		raiseVersions:    prepareSized(pool, log, raiseVersions, "?", returnVersions),
		insertApartments: prepareSized(pool, log, insertApartments, apartmentValues, ""),
		insertRegisters:  prepareSized(pool, log, insertRegisters, registerValues, ""),
		insertEntries:    prepareSized(pool, log, rows.InsertEntries, rows.EntryValues, ""),
	}
}

func (w writes) all() []*statement.Prepared {
	return slices.Concat(w.raiseVersions, w.insertApartments, w.insertRegisters, w.insertEntries)
}

// Register implements dialect.Writer.
func (d *DB) Register(ctx context.Context, sets []domain.ChangeSet) (registered []dialect.Registered, err error) {
	err = d.transact(ctx, func(t *tx) error {
		next, err := t.raiseVersions(sets)
		if err != nil {
			return err
		}
		apartments, entries := make([]rows.Apartment, len(sets)), make([]rows.Entry, len(sets))
		for i, set := range sets {
			block, change := int64(set.Block()), set.Changes()[0]
			e := rows.OfEntry(domain.LedgerEntry{ChangeSet: set.ID(), Origin: set.Origin()})
			e.BlockID, e.Sequence = block, next[block]
			next[block]++
			apartments[i] = rows.Apartment{
				BlockID: block, Floor: change.Floor().Level(), Number: change.Number().Int(), Live: new(1),
				RegisteredBy: e.UserID, RegisteredAt: e.At, Version: e.Sequence,
			}
			entries[i] = e
		}
		// One by one: of a statement that writes several rows and may fail, SQLite first copies the pages that it changes, one a block.
		if err := t.insertApartments(t.writes.insertApartments[:1], apartments); err != nil {
			return err
		}
		registered = make([]dialect.Registered, len(sets))
		for i, a := range apartments {
			registered[i] = dialect.Registered{Apartment: domain.ApartmentID(a.ID), Sequence: domain.Sequence(a.Version)}
		}
		return t.insert(t.writes.insertRegisters, len(sets), func(values []any, i int) []any {
			a, e := &apartments[i], &entries[i]
			return append(values, a.BlockID, a.Version, e.ChangeSetID, a.ID, a.Floor, a.Number,
				e.UserID, e.ThroughApartment, e.Longitude, e.Latitude, e.Source, e.RequestID, e.At)
		}, nil)
	})
	return registered, err
}

// Transact implements dialect.Writer.
func (d *DB) Transact(ctx context.Context, do func(dialect.Tx) error) error {
	return d.transact(ctx, func(t *tx) error { return do(t) })
}

func (d *DB) transact(ctx context.Context, do func(*tx) error) error {
	return d.inTransaction(ctx, d.writes.all(), func(ctx context.Context, t *sql.Tx) error {
		return do(&tx{ctx, t, d.writes, map[*statement.Prepared]*statement.InTx{}, d.log})
	})
}

// tx is a transaction.
type tx struct {
	ctx    context.Context
	tx     *sql.Tx
	writes writes
	used   map[*statement.Prepared]*statement.InTx
	log    statement.Log
}

// in returns a prepared statement as it runs in the transaction.
func (t *tx) in(s *statement.Prepared) *statement.InTx {
	in, known := t.used[s]
	if !known {
		in = s.In(t.ctx, t.tx)
		t.used[s] = in
	}
	return in
}

// raiseVersions raises the versions of the sets' blocks by one for each set, and returns the sequence of the first of each block. That
// of a block that is not there is 0, which the foreign key of the apartment refuses.
func (t *tx) raiseVersions(sets []domain.ChangeSet) (next map[int64]int64, err error) {
	counts := make(map[int64]int, len(sets))
	for _, set := range sets {
		counts[int64(set.Block())]++
	}
	alike := map[int][]any{} // blocks, by how many sets they have
	for block, n := range counts {
		alike[n] = append(alike[n], block)
	}
	next = make(map[int64]int64, len(counts))
	for n, blocks := range alike {
		err := t.writes.raiseVersions.parts(len(blocks), func(s *statement.Prepared, from, to int) error {
			return t.in(s).Query(func(rows *sql.Rows) error {
				var block, version int64
				err := rows.Scan(&block, &version)
				next[block] = version - int64(n) + 1
				return err
			}, append([]any{n, n}, blocks[from:to]...)...)
		})
		if err != nil {
			return nil, err
		}
	}
	return next, nil
}

// insert inserts rows, whose values row appends, and calls inserted after each statement with the id of its last row.
func (t *tx) insert(s sized, n int, row func(values []any, i int) []any, inserted func(from, to int, last int64)) error {
	var values []any
	return s.parts(n, func(s *statement.Prepared, from, to int) error {
		values = values[:0]
		for i := from; i < to; i++ {
			values = row(values, i)
		}
		done, err := t.in(s).Exec(values...)
		if err != nil || inserted == nil {
			return err
		}
		last, err := done.LastInsertId()
		inserted(from, to, last)
		return err
	})
}

// Query implements dialect.Querier.
func (t *tx) Query(scan func(*sql.Rows) error, text string, values ...any) error {
	return statement.Query(t.ctx, t.tx, t.log, scan, text, values...)
}

// Exec implements dialect.Tx.
func (t *tx) Exec(text string, values ...any) error {
	return statement.Exec(t.ctx, t.tx, t.log, text, values...)
}

// InsertApartments implements dialect.Tx.
func (t *tx) InsertApartments(apartments []rows.Apartment) error {
	return t.insertApartments(t.writes.insertApartments, apartments)
}

// insertApartments gives the rows their ids: AUTOINCREMENT counts those of one statement up by one (sqlite.org/autoinc.html), and no
// one else writes meanwhile.
func (t *tx) insertApartments(s sized, apartments []rows.Apartment) error {
	return t.insert(s, len(apartments), func(values []any, i int) []any {
		a := &apartments[i]
		return append(values, a.BlockID, a.Floor, a.Number, a.Live, a.RegisteredBy, a.RegisteredAt, a.Version)
	}, func(from, to int, last int64) {
		for i := from; i < to; i++ {
			apartments[i].ID = last - int64(to-1-i)
		}
	})
}

// InsertEntries implements dialect.Tx.
func (t *tx) InsertEntries(entries []rows.Entry) error {
	return t.insert(t.writes.insertEntries, len(entries), func(values []any, i int) []any {
		return append(values, entries[i].Values()...)
	}, nil)
}
