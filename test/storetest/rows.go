package storetest

import (
	"cmp"
	"slices"
	"time"

	"omarty.net/registry/domain"
)

// Rows is all that a store keeps (wire contract, What is kept).
type Rows struct {
	Blocks      []BlockRow
	Apartments  []ApartmentRow
	Memberships []domain.Membership
	// Changes is the ledger of all blocks. What an entry does not have is absent in the row, and not zero.
	Changes []domain.LedgerEntry
	// Logs is the part of the ledger that the wire contract describes.
	Logs []LogRow
}

// BlockRow is a block as kept.
type BlockRow struct {
	domain.Block
	// Version is the last sequence of its ledger.
	Version domain.Sequence
	// Registered and Retired count its apartments.
	Registered, Retired int
}

// ApartmentRow is an apartment as kept.
type ApartmentRow struct {
	ID     domain.ApartmentID
	Block  domain.BlockID
	Floor  int
	Number int
	Status domain.ApartmentStatus
	// RegisteredBy is nil where the apartment was imported.
	RegisteredBy *domain.UserID
	// RegisteredAt is in UTC, and so is ChangedAt, which is nil while nothing has changed since.
	RegisteredAt time.Time
	ChangedAt    *time.Time
	// Version is the sequence of its last change.
	Version domain.Sequence
}

// LogRow is a row of the log: a registration.
type LogRow struct {
	Registration domain.ChangeSetID
	User         domain.UserID
	Action       string
	Block        domain.BlockID
	// Apartment is the user's own, nil where none was named.
	Apartment *domain.ApartmentID
	// Record is the apartment that was registered.
	Record domain.ApartmentID
	// Longitude and Latitude are nil where the device did not tell them.
	Longitude, Latitude *float64
	// CreatedAt is in UTC.
	CreatedAt time.Time
}

// actionCreateApartment is the action of every row of the log (wire contract, What is kept).
const actionCreateApartment = "CreateApartment"

// LogsOf returns the rows of the log that go with entries of the ledger: those of registrations.
func LogsOf(entries []domain.LedgerEntry) []LogRow {
	var logs []LogRow
	for _, e := range entries {
		if e.Kind != domain.ChangeRegister {
			continue
		}
		row := LogRow{
			Registration: e.ChangeSet, User: e.Origin.By, Action: actionCreateApartment, Block: e.Block,
			Apartment: unlessZero(e.Origin.Through), Record: e.Apartment, CreatedAt: e.Origin.At,
		}
		if degrees, ok := e.Origin.Location.Longitude(); ok {
			row.Longitude = &degrees
		}
		if degrees, ok := e.Origin.Location.Latitude(); ok {
			row.Latitude = &degrees
		}
		logs = append(logs, row)
	}
	return logs
}

func unlessZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// sorted returns the rows in the order of their keys.
func (r Rows) sorted() Rows {
	return Rows{
		Blocks:      slices.SortedFunc(slices.Values(r.Blocks), func(a, b BlockRow) int { return cmp.Compare(a.ID(), b.ID()) }),
		Apartments:  slices.SortedFunc(slices.Values(r.Apartments), func(a, b ApartmentRow) int { return cmp.Compare(a.ID, b.ID) }),
		Memberships: slices.SortedFunc(slices.Values(r.Memberships), compareMemberships),
		Changes: slices.SortedFunc(slices.Values(r.Changes), func(a, b domain.LedgerEntry) int {
			return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.Sequence, b.Sequence))
		}),
		Logs: slices.SortedFunc(slices.Values(r.Logs), func(a, b LogRow) int { return cmp.Compare(a.Record, b.Record) }),
	}
}

func compareMemberships(a, b domain.Membership) int {
	return cmp.Or(cmp.Compare(a.User(), b.User()), cmp.Compare(a.Block(), b.Block()),
		cmp.Compare(a.Apartment(), b.Apartment()), cmp.Compare(a.Role(), b.Role()), cmp.Compare(a.Status(), b.Status()))
}
