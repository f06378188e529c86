package application

import (
	"context"

	"omarty.net/registry/domain"
)

// RestoreApartmentInput is what a caller asks RestoreApartment for.
type RestoreApartmentInput struct {
	Caller
	Block     domain.BlockID
	Apartment domain.ApartmentID
	// IfVersion is the version that the apartment must have, 0 for any.
	IfVersion domain.Sequence
}

// RestoreApartment takes retired apartments into use again. Use NewRestoreApartment; it is safe for concurrent use.
type RestoreApartment struct{ writing }

// NewRestoreApartment returns the use case over its ports.
func NewRestoreApartment(members Members, writer Writer, now Clock, newID NewChangeSetID) *RestoreApartment {
	return &RestoreApartment{writing{members, writer, now, newID}}
}

// Restore puts a retired apartment back under its number.
//
// Its errors are those of CorrectApartment.Correct, with domain.NotRetired in place of domain.AlreadyRetired.
func (r *RestoreApartment) Restore(ctx context.Context, in RestoreApartmentInput) (ApartmentOutput, error) {
	change, err := domain.NewRestore(in.Apartment, in.IfVersion)
	return r.changeOne(ctx, in.Caller, in.Block, change, err)
}
