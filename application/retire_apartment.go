package application

import (
	"context"

	"omarty.net/registry/domain"
)

// RetireApartmentInput is what a caller asks RetireApartment for.
type RetireApartmentInput struct {
	Caller
	Block     domain.BlockID
	Apartment domain.ApartmentID
	// IfVersion is the version that the apartment must have, 0 for any.
	IfVersion domain.Sequence
}

// RetireApartment takes apartments out of use. Use NewRetireApartment; it is safe for concurrent use.
type RetireApartment struct{ writing }

// NewRetireApartment returns the use case over its ports.
func NewRetireApartment(members Members, writer Writer, now Clock, newID NewChangeSetID) *RetireApartment {
	return &RetireApartment{writing{members, writer, now, newID}}
}

// Retire takes an apartment out of use. It keeps its id and its history and frees its number.
//
// Its errors are those of CorrectApartment.Correct, but for domain.NumberTaken.
func (r *RetireApartment) Retire(ctx context.Context, in RetireApartmentInput) (ApartmentOutput, error) {
	change, err := domain.NewRetire(in.Apartment, in.IfVersion)
	return r.changeOne(ctx, in.Caller, in.Block, change, err)
}
