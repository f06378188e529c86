package application

import (
	"context"
	"time"

	"omarty.net/registry/domain"
)

// Store is all the ports of a register.
type Store interface {
	Members
	Writer
	Blocks
	Apartments
	Ledger
	Importer
	Exporter
}

// Members reads who belongs where.
type Members interface {
	// MembersOf returns every membership of the user, whatever its role and status, each with its block as it is now, in
	// no particular order; where block is not zero, those in that block alone. A user, or a block, that the store has
	// nothing of has no memberships, which is no error. The slice is the caller's own.
	//
	// It returns domain.StoreUnavailable where the store cannot answer now or ctx is done.
	MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error)
}

// Writer applies change sets.
type Writer interface {
	// Apply makes the changes of a set and one entry of the ledger for each that changed something, all or none: on an error, on
	// a cancelled context and on a panic alike, nothing is written. Once it returns without an error, all is durable, as far as
	// the store keeps anything at all. The sets of a block are applied one after the other, each as domain.BlockState.Apply says,
	// and their entries have the block's next sequences in the order in which they are committed: whoever has read the ledger up
	// to one never later finds another at or below it.
	//
	// A set whose id the ledger has is not applied again: it is answered as domain.ChangeSet.Replay says, or with
	// domain.KeyReused. That comes before all other refusals. A set that changed nothing has left nothing in the ledger.
	//
	// It returns domain.NotFound where the block is not there, *domain.StaleBlockError, *domain.ChangeSetError, and
	// domain.StoreUnavailable where the store cannot answer now or ctx is done; the changes may then have been made, and may
	// still be: applying the same set again tells, as soon as it succeeds. A refusal tells of its own moment alone.
	Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error)

	// DryRun returns what Apply would return now, and writes nothing. The outcome of what would be changed is domain.Planned,
	// without a sequence, an apartment that would be registered has no id, and the version is the block's as it is. Its errors
	// are those of Apply.
	DryRun(ctx context.Context, set domain.ChangeSet) (domain.Applied, error)
}

// Blocks reads blocks.
type Blocks interface {
	// BlocksByID returns the blocks with these ids, in the order of their ids, each once and all as they are at one moment. Ids
	// that the store has no block of are left out. It returns domain.StoreUnavailable.
	BlocksByID(ctx context.Context, ids []domain.BlockID) ([]BlockSummary, error)
}

// BlockSummary is a block and what there is in it.
type BlockSummary struct {
	domain.Block
	// Version is the sequence of the block's last change.
	Version domain.Sequence
	// Registered and Retired count its apartments.
	Registered, Retired int
	// Lowest and Highest are the outermost floors that have a registered apartment; the zero Floor where none is.
	Lowest, Highest domain.Floor
}

// Apartments reads apartments.
type Apartments interface {
	// ApartmentsByID returns those of the block's apartments that have these ids, each once, in no particular order. Ids that the block has
	// no apartment of are left out. It returns domain.StoreUnavailable.
	ApartmentsByID(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error)

	// FindApartments returns the page of a block's apartments that the query asks for. Whoever reads page after page finds each
	// apartment that meets the query all the time, in one place of its order, exactly once, whatever is written meanwhile. It
	// returns domain.StoreUnavailable.
	FindApartments(ctx context.Context, query ApartmentQuery) (Page[domain.Apartment, ApartmentCursor], error)
}

// Ledger reads the ledger.
type Ledger interface {
	// FindChanges returns the page of a block's ledger that the query asks for. It may hold fewer entries than the query's limit,
	// or none, and yet not be the last: the store looks at a bounded part of the ledger at a time. It returns
	// domain.StoreUnavailable.
	FindChanges(ctx context.Context, query LedgerQuery) (Page[domain.LedgerEntry, domain.Sequence], error)

	// ChangeSetEntries returns the entries of a change set of a block in their order, none where the block's ledger does not have
	// it. It returns domain.StoreUnavailable.
	ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error)
}

// Importer changes the register as a whole.
type Importer interface {
	// UpdateRegister reads what the register keeps within the scope, hands it to plan, and writes the changes that plan
	// returns, all in one transaction: all of them or, on an error, on a cancelled context and on a panic alike, none.
	// What plan sees does not change before its changes are written. Plan may be called again where the store has to try
	// again, so it must have no effect of its own; its error is returned as it is. Each new or changed apartment has an entry in
	// its block's ledger, of the kind domain.ChangeImport, by nobody, in the order of the apartments' ids; new ones are kept as
	// registered by nobody at the time of the changes. Progress, if it is not nil, is called from time to time with the number of
	// rows written so far, entries of the ledger not counted.
	//
	// It returns domain.StoreUnavailable where the store cannot answer now or ctx is done.
	UpdateRegister(ctx context.Context, scope Scope, plan func(Kept) (Changes, error), progress func(rows int)) error
}

// Exporter reads the register as a whole.
type Exporter interface {
	// ExportRegister hands out every block, then every apartment, then every membership, each in the order of their ids
	// (memberships by block and user), all as they are at one moment; where blocks is not nil, those of these blocks alone. It
	// holds a bounded part of them at a time, and keeps nobody from writing. It ends with the first error of a function of to,
	// which it returns as it is, or with domain.StoreUnavailable.
	ExportRegister(ctx context.Context, blocks []domain.BlockID, to RegisterReader) error
}

// RegisterReader takes the parts of a register, one at a time.
type RegisterReader struct {
	Block      func(domain.Block) error
	Apartment  func(domain.Apartment) error
	Membership func(domain.Membership) error
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
	// Imported says that the last change to it was an import. Else a user registered or changed it.
	Imported bool
}

// Changes are rows to write. None of them overwrites what a user has changed or moves an apartment to another block.
type Changes struct {
	// At is when the changes are made, in UTC, to domain.Precision.
	At time.Time
	// ChangeSets are the ids under which the ledger has the changes of each block that has new or changed apartments.
	ChangeSets map[domain.BlockID]domain.ChangeSetID
	// NewBlocks and NewApartments have ids that the register does not have.
	NewBlocks     []domain.Block
	NewApartments []domain.Apartment
	// NewMemberships have keys that the register does not have.
	NewMemberships []domain.Membership
	// ChangedBlocks replace the name and status of the block with the same id, ChangedMemberships the status of the membership
	// with the same key.
	ChangedBlocks      []domain.Block
	ChangedMemberships []domain.Membership
	// ChangedApartments give apartments another state. Numbers of the same block may change places.
	ChangedApartments []ApartmentChange
}

// ApartmentChange gives an apartment another state.
type ApartmentChange struct {
	// Apartment is as it is kept.
	Apartment domain.Apartment
	After     domain.State
}

// Len returns how many rows change.
func (c Changes) Len() int {
	return len(c.NewBlocks) + len(c.NewApartments) + len(c.NewMemberships) +
		len(c.ChangedBlocks) + len(c.ChangedApartments) + len(c.ChangedMemberships)
}

// Clock tells the time.
type Clock func() time.Time

// NewChangeSetID draws an id that no change set has had. UUIDv7 is one.
type NewChangeSetID func() domain.ChangeSetID
