package application

import (
	"time"

	"omarty.net/registry/domain"
)

// The sizes of a page.
const (
	DefaultPageSize = 100
	MaxPageSize     = 1000
)

// PageSize returns how many items a page has that is asked for with a limit: DefaultPageSize for 0, and never more than MaxPageSize.
func PageSize(asked int) int {
	if asked <= 0 {
		return DefaultPageSize
	}
	return min(asked, MaxPageSize)
}

// Page is a part of a list.
type Page[Item, Cursor any] struct {
	Items []Item
	// Next is where the next page begins, nil after the last one.
	Next *Cursor
}

// ApartmentOrder is an order of a block's apartments.
type ApartmentOrder string

// The orders of apartments. Those that end in Descending are the reverse of the others.
const (
	ByNumber           ApartmentOrder = "number"
	ByNumberDescending ApartmentOrder = "number desc"
	ByFloor            ApartmentOrder = "floor" // then by number
	ByFloorDescending  ApartmentOrder = "floor desc"
)

// ApartmentCursor is where a page of apartments begins: after the apartment with this floor, number and id. Apartments of one
// number, of which all but one are retired, are in the order of their ids.
type ApartmentCursor struct {
	Floor, Number int
	ID            domain.ApartmentID
}

// CursorAt returns the cursor of the page that begins after an apartment.
func CursorAt(a domain.Apartment) ApartmentCursor {
	return ApartmentCursor{Floor: a.Floor().Level(), Number: a.Number().Int(), ID: a.ID()}
}

// ApartmentQuery asks for a page of a block's apartments.
type ApartmentQuery struct {
	Block domain.BlockID
	// Statuses are those that are asked for; none stands for the registered ones.
	Statuses []domain.ApartmentStatus
	// Floor and Number are exactly those asked for, the zero values any.
	Floor  domain.Floor
	Number domain.Number
	// NumberPrefix is what the number begins with in decimal, 0 for any.
	NumberPrefix int
	// Order is ByNumber where it is "".
	Order ApartmentOrder
	// After is Next of the page before, nil for the first page.
	After *ApartmentCursor
	// Limit is the size of the page: DefaultPageSize for 0, MaxPageSize at most.
	Limit int
}

// LedgerQuery asks for a page of a block's ledger.
type LedgerQuery struct {
	Block domain.BlockID
	// Descending asks for the newest entries first.
	Descending bool
	// After is Next of the page before, nil for the first page: the page begins with the next sequence above it or, in descending
	// order, below it.
	After *domain.Sequence
	// What follows filters; zero values are any. Since is included, Until is not.
	Apartment    domain.ApartmentID
	By           domain.UserID
	Kind         domain.ChangeKind
	Since, Until time.Time
	// Limit is the size of the page: DefaultPageSize for 0, MaxPageSize at most.
	Limit int
}
