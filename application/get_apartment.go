package application

import (
	"context"

	"omarty.net/registry/domain"
)

// GetApartmentInput is what a caller asks GetApartment for.
type GetApartmentInput struct {
	User      domain.UserID
	Block     domain.BlockID
	Apartment domain.ApartmentID
}

// GetApartment reads one apartment. Use NewGetApartment; it is safe for concurrent use.
type GetApartment struct {
	members    Members
	apartments Apartments
}

// NewGetApartment returns the use case over its ports.
func NewGetApartment(members Members, apartments Apartments) *GetApartment {
	return &GetApartment{members, apartments}
}

// Get returns an apartment of a block, be it retired.
//
// It returns domain.NotFound for a block that the caller does not belong to or an apartment that it does not have, and
// domain.StoreUnavailable.
func (g *GetApartment) Get(ctx context.Context, in GetApartmentInput) (domain.Apartment, error) {
	if _, err := permitted(ctx, g.members, in.User, domain.ActionRead, in.Block); err != nil {
		return domain.Apartment{}, err
	}
	found, err := g.apartments.ApartmentsByID(ctx, in.Block, []domain.ApartmentID{in.Apartment})
	if err != nil {
		return domain.Apartment{}, err
	}
	if len(found) == 0 {
		return domain.Apartment{}, domain.NotFound
	}
	return found[0], nil
}
