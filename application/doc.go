// Package application holds the use cases of the register: to register, correct, retire and restore apartments, one at a time or
// several in a change set, and to undo one; to list and read blocks, apartments and the ledger; and, for whoever runs the register,
// to import and export it as a whole. They decide by package domain and reach the outside through the ports of this package alone.
// It imports the standard library and domain, nothing else.
//
// A service that wants the register inside its own process makes a store and hands it to New:
//
//	register := application.New(store)
//
// Stores are memstore, in memory, which a test fills in a line or two, and sqlstore, on SQLite, MariaDB or MySQL. Each use case is a
// field of what New returns, and has a constructor of its own for whoever needs one alone.
//
// Callers say who asks. Each use case asks the store for the memberships of that user and lets domain decide, except for
// imports and exports, which ask nobody. A block that a user does not belong to is not there for that user.
//
// A write has an id before it is tried. With an IdempotencyKey in its Caller, it is safe to ask again: the first answer comes
// again, marked as Replayed, whatever became of the apartments since.
//
// Errors are refusals of package domain: ask with errors.Is for a code or a kind, with errors.As for the details. After
// domain.StoreUnavailable, a write may have been made; only asking again tells.
//
// Compatibility: exported names keep their meaning, and codes keep their text, from v1 on. Ports may grow by new
// interfaces, never by new methods of one that exists.
package application
