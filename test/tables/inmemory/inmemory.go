// Package inmemory shows a store in memory as the tables of a database. It is apart from package tables, which holds the
// drivers of databases, so that the tests of memstore need none.
package inmemory

import (
	"context"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// Rows turns what a store in memory keeps into the rows that a database would.
func Rows(store *memstore.Store) storetest.Rows {
	changes := store.LedgerEntries()
	rows := storetest.Rows{Memberships: store.Memberships(), Changes: changes, Logs: storetest.LogsOf(changes)}
	var ids []domain.BlockID
	for _, b := range store.Blocks() {
		ids = append(ids, b.ID())
	}
	blocks, err := store.BlocksByID(context.Background(), ids)
	if err != nil {
		panic(err) // the caller is never gone
	}
	for _, b := range blocks {
		rows.Blocks = append(rows.Blocks, storetest.BlockRow{Block: b.Block, Version: b.Version, Registered: b.Registered, Retired: b.Retired})
	}
	for _, a := range store.Apartments() {
		row := storetest.ApartmentRow{
			ID: a.ID(), Block: a.Block(), Floor: a.Floor().Level(), Number: a.Number().Int(), Status: a.Status(),
			RegisteredAt: a.RegisteredAt(), Version: a.Version(),
		}
		if by := a.RegisteredBy(); by != 0 {
			row.RegisteredBy = &by
		}
		if at := a.Record().ChangedAt; !at.IsZero() {
			row.ChangedAt = &at
		}
		rows.Apartments = append(rows.Apartments, row)
	}
	return rows
}
