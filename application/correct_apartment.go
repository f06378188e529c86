package application

import (
	"context"

	"omarty.net/registry/domain"
)

// CorrectApartmentInput is what a caller asks CorrectApartment for.
type CorrectApartmentInput struct {
	Caller
	Block     domain.BlockID
	Apartment domain.ApartmentID
	// Floor and Number are what the apartment is to have; the zero values leave what it has.
	Floor  domain.Floor
	Number domain.Number
	// IfVersion is the version that the apartment must have, 0 for any.
	IfVersion domain.Sequence
}

// CorrectApartment puts an apartment's floor and number right. Use NewCorrectApartment; it is safe for concurrent use.
type CorrectApartment struct{ writing }

// NewCorrectApartment returns the use case over its ports.
func NewCorrectApartment(members Members, writer Writer, now Clock, newID NewChangeSetID) *CorrectApartment {
	return &CorrectApartment{writing{members, writer, now, newID}}
}

// Correct gives an apartment another floor, another number, or both. Where it has them already, nothing is written.
//
// It returns domain.NotFound for a block that the caller does not belong to or an apartment that it does not have,
// domain.NotPermitted, domain.KeyReused, a *domain.ChangeError with domain.AlreadyRetired, domain.VersionMismatch or
// domain.NumberTaken, a *domain.FieldError, and domain.StoreUnavailable, after which the change may have been made.
func (c *CorrectApartment) Correct(ctx context.Context, in CorrectApartmentInput) (ApartmentOutput, error) {
	change, err := domain.NewCorrect(in.Apartment, in.Floor, in.Number, in.IfVersion)
	return c.changeOne(ctx, in.Caller, in.Block, change, err)
}
