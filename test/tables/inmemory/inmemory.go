// Package inmemory shows a store in memory as the tables of a database. It is apart from package tables, which holds the
// drivers of databases, so that the tests of memstore need none.
package inmemory

import (
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/test/storetest"
)

// Rows turns what a store in memory keeps into the rows that a database would.
func Rows(store *memstore.Store) storetest.Rows {
	rows := storetest.Rows{Blocks: store.Blocks(), Memberships: store.Memberships()}
	for _, a := range store.Apartments() {
		rows.Apartments = append(rows.Apartments, storetest.ApartmentRow{
			ID: a.ID(), Registration: unlessZero(a.Registration), Block: a.Block(), Floor: a.Floor().Level(),
			Number: a.Number().Int(), RegisteredBy: unlessZero(a.RegisteredBy), RegisteredAt: a.RegisteredAt,
		})
	}
	for _, l := range store.Logs() {
		row := storetest.LogRow{
			Registration: unlessZero(l.Registration), User: l.User, Action: l.Action, Block: l.Block,
			Apartment: unlessZero(l.Apartment), Record: l.Record, CreatedAt: l.CreatedAt,
		}
		if degrees, ok := l.Location.Longitude(); ok {
			row.Longitude = &degrees
		}
		if degrees, ok := l.Location.Latitude(); ok {
			row.Latitude = &degrees
		}
		rows.Logs = append(rows.Logs, row)
	}
	return rows
}

func unlessZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
