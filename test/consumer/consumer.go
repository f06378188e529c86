// Package consumer is a service of another module that keeps a register of its own in memory. It shows what such a service
// imports, and that nothing more comes with it.
package consumer

import (
	"context"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Register is a register with one block, which one user manages.
type Register struct {
	store  *memstore.Store
	create *application.CreateApartment
}

// NewRegister returns the register of a block without apartments.
func NewRegister(ctx context.Context, block domain.BlockID, manager domain.UserID) (*Register, error) {
	building, err := domain.NewBlock(block, "Nile Tower", domain.BlockActive)
	if err != nil {
		return nil, err
	}
	membership, err := domain.NewMembership(manager, block, 0, domain.RoleManager, domain.MembershipActive)
	if err != nil {
		return nil, err
	}
	store := memstore.New()
	known := application.Register{
		Blocks:      []domain.Block{building},
		Memberships: []domain.Membership{membership},
	}
	if _, err := application.NewImportRegister(store, time.Now).Import(ctx, known, nil); err != nil {
		return nil, err
	}
	create := application.NewCreateApartment(store, store, time.Now, application.UUIDv7(time.Now))
	return &Register{store: store, create: create}, nil
}

// Add registers an apartment for a user.
func (r *Register) Add(ctx context.Context, user domain.UserID, floor, number int64) error {
	f, err := domain.NewFloor(floor)
	if err != nil {
		return err
	}
	n, err := domain.NewNumber(number)
	if err != nil {
		return err
	}
	_, err = r.create.Create(ctx, application.CreateApartmentInput{User: user, Floor: f, Number: n})
	return err
}

// Numbers returns the numbers of the apartments, in the order in which they were added.
func (r *Register) Numbers() []int {
	var numbers []int
	for _, a := range r.store.Apartments() {
		numbers = append(numbers, a.Number().Int())
	}
	return numbers
}
