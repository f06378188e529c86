// Package consumer is a service of another module that keeps a register of its own in memory. It shows what such a service
// imports, and that nothing more comes with it.
package consumer

import (
	"context"
	"errors"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Building is a block that one user manages, in a register of its own.
type Building struct {
	register *application.Application
	block    domain.BlockID
}

// NewBuilding returns a block without apartments.
func NewBuilding(block domain.BlockID, manager domain.UserID) *Building {
	store := memstore.New().WithBlock(block, "Nile Tower").WithManager(manager, block)
	return &Building{application.New(store), block}
}

// Add registers an apartment for a user, and returns it.
func (b *Building) Add(ctx context.Context, user domain.UserID, floor, number int64) (domain.Apartment, error) {
	f, floorErr := domain.NewFloor(floor)
	n, numberErr := domain.NewNumber(number)
	if err := errors.Join(floorErr, numberErr); err != nil {
		return domain.Apartment{}, err
	}
	out, err := b.register.CreateApartment.Create(ctx, application.CreateApartmentInput{User: user, Block: b.block, Floor: f, Number: n})
	return out.Apartment, err
}

// Move gives an apartment the floor that it is on, unless someone else has changed it since it was read.
func (b *Building) Move(ctx context.Context, user domain.UserID, a domain.Apartment, floor domain.Floor) (domain.Apartment, error) {
	in := application.CorrectApartmentInput{Caller: application.Caller{User: user}, Block: b.block, Apartment: a.ID(), Floor: floor, IfVersion: a.Version()}
	out, err := b.register.CorrectApartment.Correct(ctx, in)
	return out.Apartment, err
}

// Apartments returns the first apartments in the order of their numbers.
func (b *Building) Apartments(ctx context.Context, user domain.UserID) ([]domain.Apartment, error) {
	query := application.ApartmentQuery{Block: b.block}
	page, err := b.register.ListApartments.List(ctx, application.ListApartmentsInput{User: user, ApartmentQuery: query})
	return page.Items, err
}

// History returns who has changed what, the newest first.
func (b *Building) History(ctx context.Context, user domain.UserID) ([]domain.LedgerEntry, error) {
	query := application.LedgerQuery{Block: b.block, Descending: true}
	page, err := b.register.ReadLedger.Read(ctx, application.ReadLedgerInput{User: user, LedgerQuery: query})
	return page.Items, err
}
