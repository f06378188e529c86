package linearizability

import (
	"fmt"
	"time"

	"omarty.net/registry/domain"
)

// Kind is which use case an operation asks for.
type Kind string

// The kinds of operation.
const (
	Create     Kind = "create apartment"
	Correct    Kind = "correct apartment"
	Retire     Kind = "retire apartment"
	Restore    Kind = "restore apartment"
	Apply      Kind = "apply change set"
	Undo       Kind = "undo change set"
	Ledger     Kind = "read ledger"
	Apartments Kind = "list apartments"
	Get        Kind = "get apartment"
	Block      Kind = "get block"
)

// writes says whether operations of the kind write, unless they are dry runs.
func (k Kind) writes() bool {
	switch k {
	case Ledger, Apartments, Get, Block:
		return false
	default:
		return true
	}
}

// alone says that the use case takes one change, and answers its apartment and outcome.
func (k Kind) alone() bool { return k == Create || k == Correct || k == Retire || k == Restore }

// Change is a change that is asked for. A floor that is nil and a number that is 0 stay as they are.
type Change struct {
	Kind      domain.ChangeKind
	Apartment domain.ApartmentID
	Floor     *int
	Number    int
	IfVersion domain.Sequence
	IfAbsent  bool
}

func (c Change) domain() (domain.Change, error) {
	floor, number, err := c.place()
	if err != nil {
		return domain.Change{}, err
	}
	switch c.Kind {
	case domain.ChangeRegister:
		change, err := domain.NewRegister(floor, number)
		if c.IfAbsent {
			change = change.IfAbsent()
		}
		return change, err
	case domain.ChangeCorrect:
		return domain.NewCorrect(c.Apartment, floor, number, c.IfVersion)
	case domain.ChangeRetire:
		return domain.NewRetire(c.Apartment, c.IfVersion)
	default:
		return domain.NewRestore(c.Apartment, c.IfVersion)
	}
}

func (c Change) place() (floor domain.Floor, number domain.Number, err error) {
	if c.Floor != nil {
		if floor, err = domain.NewFloor(int64(*c.Floor)); err != nil {
			return floor, number, err
		}
	}
	if c.Number != 0 {
		number, err = domain.NewNumber(int64(c.Number))
	}
	return floor, number, err
}

// Operation is what a client asks for, once or again.
type Operation struct {
	Kind  Kind
	User  domain.UserID
	Block domain.BlockID
	// Key is the idempotency key and the request id. No other operation has it.
	Key     string
	Changes []Change
	// IfVersion is the version that the block must have, 0 for any.
	IfVersion domain.Sequence
	DryRun    bool
	// Undoes is what Undo undoes.
	Undoes domain.ChangeSetID
	// Apartment is what Get reads, and Floor the floor that Apartments lists, nil for all.
	Apartment domain.ApartmentID
	Floor     *int
	// After is the sequence after which Ledger reads, and Limit the size of the page.
	After domain.Sequence
	Limit int
	// Timeout is how long the server tries.
	Timeout time.Duration
}

func (o Operation) writes() bool { return o.Kind.writes() && !o.DryRun }

func (o Operation) String() string {
	return fmt.Sprintf("%s %s in block %d by user %d %+v", o.Key, o.Kind, o.Block, o.User, o.Changes)
}

// changeSet is the change set that an operation, of changes that are told, asks for under an id.
func (o Operation) changeSet(id domain.ChangeSetID, origin domain.Origin, changes []domain.Change) (domain.ChangeSet, error) {
	spec := domain.ChangeSetSpec{ID: id, Block: o.Block, Changes: changes, Origin: origin, Undoes: o.Undoes}
	if o.IfVersion != 0 {
		spec.IfVersion = &o.IfVersion
	}
	return domain.NewChangeSet(spec)
}

func (o Operation) domainChanges() ([]domain.Change, error) {
	changes := make([]domain.Change, len(o.Changes))
	for i, c := range o.Changes {
		var err error
		if changes[i], err = c.domain(); err != nil {
			return nil, err
		}
	}
	return changes, nil
}
