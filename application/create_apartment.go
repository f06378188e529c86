package application

import (
	"context"

	"omarty.net/registry/domain"
)

// CreateApartmentInput is what a caller asks CreateApartment for.
type CreateApartmentInput struct {
	// User is the caller, already authenticated.
	User domain.UserID
	// Floor and Number are the new apartment's.
	Floor  domain.Floor
	Number domain.Number
	// Block is where the apartment is. Zero leaves it to be told from Apartment or from what the caller manages.
	Block domain.BlockID
	// Apartment is the caller's own apartment, zero for none.
	Apartment domain.ApartmentID
	// Location is where the caller's device is.
	Location domain.Location
	// Key lets the caller ask again for the same registration; zero for none.
	Key IdempotencyKey
	// Source is the way that the request came; "" stands for domain.SourceAPI.
	Source domain.Source
	// RequestID names the request in logs, "" for none.
	RequestID string
}

// CreateApartment registers apartments. Use NewCreateApartment; it is safe for concurrent use.
type CreateApartment struct{ writing }

// NewCreateApartment returns the use case over its ports.
func NewCreateApartment(members Members, writer Writer, now Clock, newID NewChangeSetID) *CreateApartment {
	return &CreateApartment{writing{members, writer, now, newID}}
}

// Create registers an apartment for a manager of its block and logs it, both or neither (wire contract, checks 13 to 16).
// It asks the store once for the caller's memberships and once to write. With an error, the apartment is what was asked for, in
// the block that was told, unless the error comes before it: for the log of the caller.
//
// It returns domain.BlockRequired, domain.NotPermitted, domain.KeyReused or domain.NumberTaken, in that order of
// precedence, the last as a *domain.ChangeError; a *domain.FieldError for a floor or number that was not built by its constructor;
// and domain.StoreUnavailable where the store cannot answer, in which case the apartment may be registered: ask again with the
// same key.
func (c *CreateApartment) Create(ctx context.Context, in CreateApartmentInput) (ApartmentOutput, error) {
	members, err := c.members.MembersOf(ctx, in.User, in.Block)
	if err != nil {
		return ApartmentOutput{}, err
	}
	block, err := domain.BlockToRegisterIn(members, in.Block, in.Apartment)
	if err != nil {
		return ApartmentOutput{}, err
	}
	register, err := domain.NewRegister(in.Floor, in.Number)
	if err != nil {
		return ApartmentOutput{}, err
	}
	caller := Caller{User: in.User, Through: in.Apartment, Location: in.Location, Key: in.Key, Source: in.Source, RequestID: in.RequestID}
	out, err := c.applyOne(ctx, c.changeSet(caller, block, register))
	if err != nil {
		out.Apartment, _ = domain.NewApartment(block, in.Floor, in.Number) // of what was checked above
	}
	return out, err
}
