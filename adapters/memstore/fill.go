package memstore

import (
	"context"
	"fmt"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Place is where an apartment is in its block.
type Place struct{ Floor, Number int }

// Apartments are places on one floor, for WithBlock.
func Apartments(floor int, numbers ...int) []Place {
	places := make([]Place, len(numbers))
	for i, n := range numbers {
		places[i] = Place{floor, n}
	}
	return places
}

// WithBlock adds an active block with apartments in these places, as an import does, and returns the store. The apartments have
// the next ids: 1, 2, 3 and so on in an empty store. It panics where an import would be refused.
func (s *Store) WithBlock(id domain.BlockID, name string, apartments ...Place) *Store {
	register := application.Register{Blocks: []domain.Block{must(domain.NewBlock(id, name, domain.BlockActive))}}
	s.mu.RLock()
	next := s.lastID
	s.mu.RUnlock()
	for _, p := range apartments {
		next++
		a := must(domain.NewApartment(id, must(domain.NewFloor(int64(p.Floor))), must(domain.NewNumber(int64(p.Number)))))
		register.Apartments = append(register.Apartments, a.WithID(next))
	}
	return s.with(register)
}

// WithManager adds an active membership of a user who manages a block that is there, and returns the store.
func (s *Store) WithManager(user domain.UserID, block domain.BlockID) *Store {
	return s.WithMember(user, block, domain.RoleManager)
}

// WithMember adds an active membership of a user in a block that is there, through no apartment, and returns the store.
func (s *Store) WithMember(user domain.UserID, block domain.BlockID, role domain.Role) *Store {
	m := must(domain.NewMembership(user, block, 0, role, domain.MembershipActive))
	return s.with(application.Register{Memberships: []domain.Membership{m}})
}

// with imports a register.
func (s *Store) with(register application.Register) *Store {
	importer := application.NewImportRegister(s, time.Now, application.UUIDv7(time.Now))
	must(importer.Import(context.Background(), register, nil))
	return s
}

// must panics: what a test fills a store with is a fault of the test where it cannot be.
func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("memstore: %v", err))
	}
	return value
}
