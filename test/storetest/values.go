package storetest

import (
	"encoding/binary"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// must is for the values that a case needs: one that cannot be built is a fault of the suite.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func block(id domain.BlockID, name string, status domain.BlockStatus) domain.Block {
	return must(domain.NewBlock(id, name, status))
}

func apartment(id domain.ApartmentID, block domain.BlockID, floor, number int64) domain.Apartment {
	return must(domain.NewApartment(block, must(domain.NewFloor(floor)), must(domain.NewNumber(number)))).WithID(id)
}

func member(user domain.UserID, block domain.BlockID, through domain.ApartmentID, role domain.Role, status domain.MembershipStatus) domain.Membership {
	return must(domain.NewMembership(user, block, through, role, status))
}

// ask is what a registration says. What it leaves out is user 7, block 4 and noon; floor 0 is the ground floor.
type ask struct {
	id      domain.RegistrationID
	user    domain.UserID
	block   domain.BlockID
	floor   int64
	number  int64
	through domain.ApartmentID
	where   domain.Location
	at      time.Time
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123_456_000, time.UTC)

func (a ask) registration() domain.Registration {
	if a.user == 0 {
		a.user = 7
	}
	if a.block == 0 {
		a.block = 4
	}
	if a.at.IsZero() {
		a.at = noon
	}
	return must(domain.NewRegistration(a.id, apartment(0, a.block, a.floor, a.number), a.user, a.through, a.where, a.at))
}

func registrations(asks []ask) []domain.Registration {
	all := make([]domain.Registration, len(asks))
	for i, a := range asks {
		all[i] = a.registration()
	}
	return all
}

// id returns the nth of the ids that the cases use: random in no way, and all but the last bytes alike.
func id(n int) domain.RegistrationID {
	id := domain.RegistrationID{0: 0x01, 1: 0x92, 6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint32(id[12:], uint32(n)) // #nosec G115 -- a small number
	return id
}

func location(longitude, latitude *float64) domain.Location {
	return must(domain.NewLocation(longitude, latitude))
}

// town is what most cases begin with: two blocks with apartments and members, and one that is suspended.
func town() application.Changes {
	const (
		active    = domain.MembershipActive
		manager   = domain.RoleManager
		suspended = domain.BlockSuspended
	)
	return application.Changes{
		At: noon,
		NewBlocks: []domain.Block{
			block(4, "Palm Tower", domain.BlockActive), block(5, "Old Mill", suspended), block(6, "", domain.BlockActive),
		},
		NewApartments: []domain.Apartment{
			apartment(101, 4, 1, 901), apartment(102, 4, 1, 902), apartment(103, 6, -1, 901), apartment(104, 5, 0, 901),
		},
		NewMemberships: []domain.Membership{
			member(7, 4, 101, manager, active), member(7, 6, 0, manager, active), member(8, 4, 102, domain.RoleResident, active),
			member(9, 5, 104, manager, active),
		},
	}
}

// rowsOf is what is kept of changes that were made to an empty store.
func rowsOf(c application.Changes) Rows {
	rows := Rows{Blocks: c.NewBlocks, Memberships: c.NewMemberships}
	for _, a := range c.NewApartments {
		rows.Apartments = append(rows.Apartments, ApartmentRow{
			ID: a.ID(), Block: a.Block(), Floor: a.Floor().Level(), Number: a.Number().Int(), RegisteredAt: c.At,
		})
	}
	return rows
}

// scopeOf names every block and apartment of changes.
func scopeOf(c application.Changes) application.Scope {
	var s application.Scope
	for _, blocks := range [][]domain.Block{c.NewBlocks, c.ChangedBlocks} {
		for _, b := range blocks {
			s.Blocks = append(s.Blocks, b.ID())
		}
	}
	for _, apartments := range [][]domain.Apartment{c.NewApartments, c.ChangedApartments} {
		for _, a := range apartments {
			s.Blocks, s.Apartments = append(s.Blocks, a.Block()), append(s.Apartments, a.ID())
		}
	}
	for _, memberships := range [][]domain.Membership{c.NewMemberships, c.ChangedMemberships} {
		for _, m := range memberships {
			s.Blocks = append(s.Blocks, m.Block())
		}
	}
	return application.Scope{Blocks: unique(s.Blocks), Apartments: unique(s.Apartments)}
}
