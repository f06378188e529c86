package mysql

import (
	"context"
	"database/sql"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
)

// maxPending is how many values wait to be sent at most, so that a text stays well below max_allowed_packet.
const maxPending = 4000

// insertChunk is how many rows one statement inserts.
const insertChunk = 200

// tx is a transaction. What it executes waits for the next answer that is needed.
type tx struct {
	ctx     context.Context
	conn    Conn
	pending []Command
	values  int
}

// Transact implements dialect.Writer.
func (d *DB) Transact(ctx context.Context, do func(dialect.Tx) error) error {
	return d.WithConn(ctx, func(c Conn) error {
		t := &tx{ctx: ctx, conn: c, pending: []Command{{Text: Begin}}}
		if d.engine.Current != "" { // what the transaction reads is as current as any server's
			t.pending = []Command{{Text: d.engine.Current + "SELECT 1"}, {Text: Begin}}
		}
		if err := do(t); err != nil {
			return err
		}
		return c.Exec(ctx, append(t.take(), Command{Text: Commit})...)
	})
}

// take returns what is pending, which the caller sends.
func (t *tx) take() []Command {
	pending := t.pending
	t.pending, t.values = nil, 0
	return pending
}

// Exec implements dialect.Tx.
func (t *tx) Exec(text string, values ...any) error {
	t.pending = append(t.pending, Command{text, values})
	if t.values += len(values) + 1; t.values < maxPending {
		return nil
	}
	return t.conn.Exec(t.ctx, t.take()...)
}

// Query implements dialect.Querier.
func (t *tx) Query(scan func(*sql.Rows) error, text string, values ...any) error {
	commands := append(t.take(), Command{text, values})
	return t.conn.Query(t.ctx, scan, len(commands)-1, commands...)
}

// InsertApartments implements dialect.Tx.
func (t *tx) InsertApartments(apartments []rows.Apartment) error {
	for chunk := range slices.Chunk(apartments, insertChunk) {
		values := make([]any, 0, 7*len(chunk))
		for _, a := range chunk {
			values = append(values, a.BlockID, a.Floor, a.Number, a.Live, a.RegisteredBy, a.RegisteredAt, a.Version)
		}
		const insert = "INSERT INTO apartments (block_id, floor, number, live, registered_by, registered_at, version) VALUES "
		commands := append(t.take(), Command{insert + rows.List("(?, ?, ?, ?, ?, ?, ?)", len(chunk)), values},
			Command{Text: "SELECT LAST_INSERT_ID(), @@auto_increment_increment"})
		var first, step int64
		err := t.conn.Query(t.ctx, func(r *sql.Rows) error { return r.Scan(&first, &step) }, len(commands)-1, commands...)
		if err != nil {
			return err
		}
		for i := range chunk {
			chunk[i].ID = first + int64(i)*step
		}
	}
	return nil
}

// InsertEntries implements dialect.Tx.
func (t *tx) InsertEntries(entries []rows.Entry) error {
	for chunk := range slices.Chunk(entries, insertChunk) {
		values := make([]any, 0, 20*len(chunk))
		for _, e := range chunk {
			values = append(values, e.Values()...)
		}
		if err := t.Exec(rows.InsertEntries+rows.List(rows.EntryValues, len(chunk)), values...); err != nil {
			return err
		}
	}
	return nil
}
