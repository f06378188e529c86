package linearizability

import (
	"time"

	"omarty.net/registry/domain"
)

// The types of this file are those of package domain with exported fields, so that they can be sent and compared. Times are in
// microseconds, 0 for none.

// State is an apartment's. The zero value is that of an apartment that is not there.
type State struct {
	Floor, Number int
	Status        domain.ApartmentStatus
}

// Apartment is an apartment as it was answered or kept.
type Apartment struct {
	ID    domain.ApartmentID
	Block domain.BlockID
	State
	RegisteredBy            domain.UserID
	RegisteredAt, ChangedAt int64
	Version                 domain.Sequence
}

// Entry is an entry of the ledger.
type Entry struct {
	Block         domain.BlockID
	Sequence      domain.Sequence
	ChangeSet     domain.ChangeSetID
	Position      int
	Kind          domain.ChangeKind
	Apartment     domain.ApartmentID
	Before, After State
	By            domain.UserID
	Source        domain.Source
	RequestID     string
	At            int64
}

// Applied is what came of a change set.
type Applied struct {
	Version  domain.Sequence
	Replayed bool
	Changes  []AppliedChange
}

// AppliedChange is what came of a change. The use cases of one change answer the apartment and the outcome alone.
type AppliedChange struct {
	Kind      domain.ChangeKind
	Apartment Apartment
	Before    State
	Sequence  domain.Sequence
	Outcome   domain.Outcome
}

// RefusedChange is a change of a set that was refused.
type RefusedChange struct {
	Index    int
	Code     domain.Code
	Existing Apartment
}

// Summary is a block as it was answered.
type Summary struct {
	Version             domain.Sequence
	Registered, Retired int
	// Lowest and Highest are floors, nil for none.
	Lowest, Highest *int
}

func ofState(s domain.State) State {
	return State{Floor: s.Floor().Level(), Number: s.Number().Int(), Status: s.Status()}
}

func ofApartment(a domain.Apartment) Apartment {
	if a.State().IsZero() {
		return Apartment{}
	}
	return Apartment{
		ID: a.ID(), Block: a.Block(), State: ofState(a.State()), RegisteredBy: a.RegisteredBy(),
		RegisteredAt: micros(a.RegisteredAt()), ChangedAt: micros(a.ChangedAt()), Version: a.Version(),
	}
}

func ofApartments(apartments []domain.Apartment) []Apartment {
	all := make([]Apartment, len(apartments))
	for i, a := range apartments {
		all[i] = ofApartment(a)
	}
	return all
}

func ofEntry(e domain.LedgerEntry) Entry {
	return Entry{
		Block: e.Block, Sequence: e.Sequence, ChangeSet: e.ChangeSet, Position: e.Position, Kind: e.Kind, Apartment: e.Apartment,
		Before: ofState(e.Before), After: ofState(e.After), By: e.Origin.By, Source: e.Origin.Source, RequestID: e.Origin.RequestID, At: micros(e.Origin.At),
	}
}

func ofApplied(a domain.Applied) Applied {
	applied := Applied{Version: a.Version, Replayed: a.Replayed, Changes: make([]AppliedChange, len(a.Changes))}
	for i, c := range a.Changes {
		applied.Changes[i] = AppliedChange{Kind: c.Kind, Apartment: ofApartment(c.Apartment), Before: ofState(c.Before), Sequence: c.Sequence, Outcome: c.Outcome}
	}
	return applied
}

func ofFloor(f domain.Floor) *int {
	if f == (domain.Floor{}) {
		return nil
	}
	return new(f.Level())
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func (s State) domain() (domain.State, error) {
	if s == (State{}) {
		return domain.State{}, nil
	}
	return domain.RestoreState(s.Floor, s.Number, s.Status)
}

func (a Apartment) domain() (domain.Apartment, error) {
	state, err := a.State.domain()
	if err != nil {
		return domain.Apartment{}, err
	}
	record := domain.ApartmentRecord{
		ID: a.ID, Block: a.Block, State: state, RegisteredBy: a.RegisteredBy, RegisteredAt: moment(a.RegisteredAt), Version: a.Version,
	}
	if a.ChangedAt != a.RegisteredAt {
		record.ChangedAt = moment(a.ChangedAt)
	}
	return domain.RestoreApartment(record)
}

// entry is as much of an entry as an undo has to know.
func (e Entry) domain() (domain.LedgerEntry, error) {
	before, err := e.Before.domain()
	if err != nil {
		return domain.LedgerEntry{}, err
	}
	after, err := e.After.domain()
	return domain.LedgerEntry{
		Block: e.Block, Sequence: e.Sequence, ChangeSet: e.ChangeSet, Position: e.Position, Kind: e.Kind, Apartment: e.Apartment,
		Before: before, After: after, Origin: e.origin(),
	}, err
}

func (e Entry) origin() domain.Origin {
	return domain.Origin{By: e.By, At: moment(e.At), Source: e.Source, RequestID: e.RequestID}
}
