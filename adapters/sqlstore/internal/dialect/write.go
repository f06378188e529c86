package dialect

import (
	"context"
	"database/sql"

	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/domain"
)

// Writer writes to the apartments and the ledger with the statements that suit the database.
type Writer interface {
	// Register writes change sets that each register one apartment, in one transaction: all of them or, where a key of any is
	// taken, none. It returns the apartments and sequences in their order.
	Register(ctx context.Context, sets []domain.ChangeSet) ([]Registered, error)
	// Transact calls do in a transaction, which is undone on an error and on a panic.
	Transact(ctx context.Context, do func(Tx) error) error
}

// Registered is what Register has made of a change set.
type Registered struct {
	Apartment domain.ApartmentID
	Sequence  domain.Sequence
}

// Tx is a transaction. What Exec, InsertApartments and InsertEntries write may be sent later: at the latest with the next Query,
// or the commit.
type Tx interface {
	Querier
	Exec(text string, values ...any) error
	// InsertApartments inserts new apartments, and gives the rows their ids.
	InsertApartments(apartments []rows.Apartment) error
	InsertEntries(entries []rows.Entry) error
}

// Querier reads.
type Querier interface {
	// Query runs a SELECT and calls scan for each row.
	Query(scan func(*sql.Rows) error, text string, values ...any) error
}
