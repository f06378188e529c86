package application

import (
	"context"
	"time"

	"omarty.net/registry/domain"
)

// Members reads who belongs where.
type Members interface {
	// MembersOf returns every membership of the user, whatever its role and status, each with its block as it is now, in
	// no particular order; where block is not zero, those in that block alone. A user, or a block, that the store has
	// nothing of has no memberships, which is no error. The slice is the caller's own.
	//
	// It returns domain.StoreUnavailable where the store cannot answer now or ctx is done.
	MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error)
}

// Registrar writes registrations.
type Registrar interface {
	// Register keeps the apartment of the registration and one row of the log, both or neither: on an error, on a
	// cancelled context and on a panic alike, nothing is written. Once it returns without an error, both are durable, as
	// far as the store keeps anything at all. A number is in a block once: of any number of registrations for the same one
	// at a time, a single one succeeds.
	//
	// A registration whose id the register already has is not written again: if the apartment kept is the same place, the
	// outcome is Replayed, else the error is domain.KeyReused. Both come before domain.NumberTaken.
	//
	// It returns domain.NumberTaken where the block has an apartment with that number, whatever its floor, and
	// domain.StoreUnavailable where the store cannot answer now or ctx is done; the registration may then have been kept,
	// and may still be: only registering it again under the same id tells.
	Register(ctx context.Context, registration domain.Registration) (Outcome, error)
}

// Outcome says how a registration came to be in the register.
type Outcome int

// The outcomes of a registration that succeeded.
const (
	// Registered is one that this call wrote.
	Registered Outcome = iota + 1
	// Replayed is one that an earlier attempt under the same registration id wrote.
	Replayed
)

// Importer changes the register as a whole.
type Importer interface {
	// UpdateRegister reads what the register keeps within the scope, hands it to plan, and writes the changes that plan
	// returns, all in one transaction: all of them or, on an error, on a cancelled context and on a panic alike, none.
	// What plan sees does not change before its changes are written. Plan may be called again where the store has to try
	// again, so it must have no effect of its own; its error is returned as it is. New apartments are kept as registered
	// by nobody at the time of the changes, and no log is written. Progress, if it is not nil, is called from time to time
	// with the number of rows written so far.
	//
	// It returns domain.StoreUnavailable where the store cannot answer now or ctx is done.
	UpdateRegister(ctx context.Context, scope Scope, plan func(Kept) (Changes, error), progress func(rows int)) error
}

// Scope names the part of the register that an import touches.
type Scope struct {
	// Blocks asks for these blocks, for all apartments in them and for all memberships in them.
	Blocks []domain.BlockID
	// Apartments asks for these apartments too, whatever block they are in.
	Apartments []domain.ApartmentID
}

// Kept is what the register has within a scope.
type Kept struct {
	Blocks      []domain.Block
	Apartments  []KeptApartment
	Memberships []domain.Membership
}

// KeptApartment is an apartment of the register.
type KeptApartment struct {
	Apartment domain.Apartment
	// Registered tells an apartment that its manager registered through CreateApartment from an imported one.
	Registered bool
}

// Changes are rows to write. None of them overwrites a registered apartment or moves one to another block.
type Changes struct {
	// At is when the new apartments are registered, in UTC, to domain.Precision.
	At time.Time
	// NewBlocks and NewApartments have ids that the register does not have.
	NewBlocks     []domain.Block
	NewApartments []domain.Apartment
	// NewMemberships have keys that the register does not have.
	NewMemberships []domain.Membership
	// ChangedBlocks replace the name and status of the block with the same id, ChangedApartments the floor and number of
	// the apartment with the same id, ChangedMemberships the status of the membership with the same key. Numbers of the
	// same block may change places.
	ChangedBlocks      []domain.Block
	ChangedApartments  []domain.Apartment
	ChangedMemberships []domain.Membership
}

// Len returns how many rows change.
func (c Changes) Len() int {
	return len(c.NewBlocks) + len(c.NewApartments) + len(c.NewMemberships) +
		len(c.ChangedBlocks) + len(c.ChangedApartments) + len(c.ChangedMemberships)
}

// Clock tells the time.
type Clock func() time.Time

// NewRegistrationID draws an id that no registration has had. UUIDv7 is one.
type NewRegistrationID func() domain.RegistrationID
