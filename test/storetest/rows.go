package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"omarty.net/registry/domain"
)

// Rows is all that a store keeps (wire contract, What is kept).
type Rows struct {
	Blocks      []domain.Block
	Apartments  []ApartmentRow
	Memberships []domain.Membership
	Logs        []LogRow
}

// ApartmentRow is an apartment as kept.
type ApartmentRow struct {
	ID domain.ApartmentID
	// Registration and RegisteredBy are nil where the apartment was imported.
	Registration *domain.RegistrationID
	Block        domain.BlockID
	Floor        int
	Number       int
	RegisteredBy *domain.UserID
	// RegisteredAt is in UTC.
	RegisteredAt time.Time
}

// LogRow is a row of the log as kept.
type LogRow struct {
	// Registration is nil where there is none.
	Registration *domain.RegistrationID
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

// Contradictions lists what cannot be, whatever was asked of the store: a number twice in a block, an id twice, an
// apartment or a member of what is not there, a registration without its row of the log, or with two, or with one that says
// something else, and a row of the log without its registration. A store that keeps its promises has none, at any time.
func (r Rows) Contradictions() []string {
	var found []string
	wrong := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	blocks := once(wrong, "block", r.Blocks, domain.Block.ID)
	once(wrong, "membership", r.Memberships, domain.Membership.Key)
	apartments := once(wrong, "apartment", r.Apartments, func(a ApartmentRow) domain.ApartmentID { return a.ID })
	once(wrong, "number", r.Apartments, func(a ApartmentRow) [2]int64 { return [2]int64{int64(a.Block), int64(a.Number)} })
	registered := slices.DeleteFunc(slices.Clone(r.Apartments), func(a ApartmentRow) bool { return a.Registration == nil })
	byID := once(wrong, "registration", registered, func(a ApartmentRow) domain.RegistrationID { return *a.Registration })

	for _, a := range r.Apartments {
		if a.ID <= 0 {
			wrong("an apartment has the id %d", a.ID)
		}
		if _, ok := blocks[a.Block]; !ok {
			wrong("apartment %d is in block %d, which is not there", a.ID, a.Block)
		}
		if (a.Registration == nil) != (a.RegisteredBy == nil) {
			wrong("apartment %d has a registration, or a user who registered it, without the other", a.ID)
		}
	}
	for _, m := range r.Memberships {
		if _, ok := blocks[m.Block()]; !ok {
			wrong("user %d is a member of block %d, which is not there", m.User(), m.Block())
		}
		if m.Apartment() != 0 && apartments[m.Apartment()].Block != m.Block() {
			wrong("user %d is a member of block %d through apartment %d, which is not in it", m.User(), m.Block(), m.Apartment())
		}
	}
	logged := map[domain.RegistrationID]bool{}
	for _, entry := range r.Logs {
		if entry.Registration == nil {
			wrong("a row of the log about apartment %d has no registration", entry.Record)
			continue
		}
		id := *entry.Registration
		if logged[id] {
			wrong("registration %s is logged twice", id)
		}
		logged[id] = true
		a, ok := byID[id]
		if !ok {
			wrong("registration %s is logged, and no apartment has it", id)
			continue
		}
		if entry.Record != a.ID || entry.Block != a.Block || a.RegisteredBy == nil || entry.User != *a.RegisteredBy ||
			!entry.CreatedAt.Equal(a.RegisteredAt) || entry.Action != domain.ActionCreateApartment {
			wrong("registration %s is logged as %+v, and the apartment is %+v", id, entry, a)
		}
	}
	for id := range byID {
		if !logged[id] {
			wrong("registration %s is not logged", id)
		}
	}
	return found
}

// once indexes rows by what they are known by, and complains of what is there twice.
func once[Row any, Key comparable](wrong func(string, ...any), what string, rows []Row, key func(Row) Key) map[Key]Row {
	index := make(map[Key]Row, len(rows))
	for _, row := range rows {
		if _, twice := index[key(row)]; twice {
			wrong("%s %v is there twice", what, key(row))
		}
		index[key(row)] = row
	}
	return index
}

// sorted returns the rows in an order that does not depend on the ids that a store gives.
func (r Rows) sorted() Rows {
	return Rows{
		Blocks: slices.SortedFunc(slices.Values(r.Blocks), func(a, b domain.Block) int { return cmp.Compare(a.ID(), b.ID()) }),
		Apartments: slices.SortedFunc(slices.Values(r.Apartments), func(a, b ApartmentRow) int {
			return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.Number, b.Number))
		}),
		Memberships: slices.SortedFunc(slices.Values(r.Memberships), compareMemberships),
		Logs: slices.SortedFunc(slices.Values(r.Logs), func(a, b LogRow) int {
			return bytes.Compare(bytesOf(a.Registration), bytesOf(b.Registration))
		}),
	}
}

func compareMemberships(a, b domain.Membership) int {
	return cmp.Or(cmp.Compare(a.User(), b.User()), cmp.Compare(a.Block(), b.Block()),
		cmp.Compare(a.Apartment(), b.Apartment()), cmp.Compare(a.Role(), b.Role()), cmp.Compare(a.Status(), b.Status()))
}

func bytesOf(id *domain.RegistrationID) []byte {
	if id == nil {
		return nil
	}
	return id[:]
}

// registrations returns the apartments that were registered, by their registration.
func (r Rows) registrations() map[domain.RegistrationID]ApartmentRow {
	registered := map[domain.RegistrationID]ApartmentRow{}
	for _, a := range r.Apartments {
		if a.Registration != nil {
			registered[*a.Registration] = a
		}
	}
	return registered
}
