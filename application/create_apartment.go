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
}

// CreateApartmentOutput is what came of it.
type CreateApartmentOutput struct {
	// Outcome is zero where the apartment was refused.
	Outcome Outcome
	// Apartment is what was asked for, in the block that was told. With an error it is there too, unless the error comes
	// before it: for the log of the caller.
	Apartment domain.Apartment
}

// CreateApartment registers apartments. Use NewCreateApartment; it is safe for concurrent use.
type CreateApartment struct {
	members   Members
	registrar Registrar
	now       Clock
	newID     NewRegistrationID
}

// NewCreateApartment returns the use case over its ports.
func NewCreateApartment(members Members, registrar Registrar, now Clock, newID NewRegistrationID) *CreateApartment {
	return &CreateApartment{members: members, registrar: registrar, now: now, newID: newID}
}

// Create registers an apartment for a manager of its block and logs it, both or neither (wire contract, checks 13 to 16).
// It asks the store once for the caller's memberships and once to write.
//
// It returns domain.BlockRequired, domain.NotPermitted, domain.KeyReused or domain.NumberTaken, in that order of
// precedence; a *domain.FieldError for a floor or number that was not built by its constructor; and domain.StoreUnavailable where
// the store cannot answer, in which case the apartment may be registered: ask again with the same key.
func (c *CreateApartment) Create(ctx context.Context, in CreateApartmentInput) (out CreateApartmentOutput, err error) {
	members, err := c.members.MembersOf(ctx, in.User, in.Block)
	if err != nil {
		return out, err
	}
	block, err := domain.BlockToRegisterIn(members, in.Block, in.Apartment)
	if err != nil {
		return out, err
	}
	if out.Apartment, err = domain.NewApartment(block, in.Floor, in.Number); err != nil {
		return out, err
	}
	id := c.registrationID(in.User, in.Key)
	registration, err := domain.NewRegistration(id, out.Apartment, in.User, in.Apartment, in.Location, c.now())
	if err != nil {
		return out, err
	}
	out.Outcome, err = c.registrar.Register(ctx, registration)
	return out, err
}

func (c *CreateApartment) registrationID(user domain.UserID, key IdempotencyKey) domain.RegistrationID {
	if key == (IdempotencyKey{}) {
		return c.newID()
	}
	return registrationIDFor(user, key)
}
