package domain

import "time"

// The ranges of an apartment's place in its block, both ends included (wire contract, Request).
const (
	MinFloor  = -20
	MaxFloor  = 300
	MinNumber = 1
	MaxNumber = 999_999
)

// Floor is a floor of a block: 0 is the ground floor, basements are negative. The zero value is no floor at all, so that
// a forgotten floor is not taken for the ground floor.
type Floor struct {
	level int
	given bool
}

// NewFloor returns the floor at a level, or a *FieldError with the code OutOfRange.
func NewFloor(level int64) (Floor, error) {
	if level < MinFloor || level > MaxFloor {
		return Floor{}, &FieldError{Field: FieldFloor, Code: OutOfRange, Low: MinFloor, High: MaxFloor}
	}
	return Floor{level: int(level), given: true}, nil
}

// Level returns the floor's level; 0 is the ground floor.
func (f Floor) Level() int { return f.level }

// Number is an apartment's number, once in a block whatever the floor. The zero value is no number.
type Number struct{ n int }

// NewNumber returns n as a number, or a *FieldError with the code OutOfRange.
func NewNumber(n int64) (Number, error) {
	if n < MinNumber || n > MaxNumber {
		return Number{}, &FieldError{Field: FieldNumber, Code: OutOfRange, Low: MinNumber, High: MaxNumber}
	}
	return Number{int(n)}, nil
}

// Int returns the number.
func (n Number) Int() int { return n.n }

// ApartmentStatus says whether an apartment is in use.
type ApartmentStatus string

// The statuses of an apartment. A retired one keeps its id and its history, and frees its number.
const (
	ApartmentRegistered ApartmentStatus = "registered"
	ApartmentRetired    ApartmentStatus = "retired"
)

// ParseApartmentStatus reads a status by its name, or returns a *FieldError with the code NotKnown, or Missing for none.
func ParseApartmentStatus(text string) (ApartmentStatus, error) {
	return oneOf(FieldStatus, text, ApartmentRegistered, ApartmentRetired)
}

// State is what changes of an apartment. Two states may be compared. The zero value is that of an apartment that is not there.
type State struct {
	floor  Floor
	number Number
	status ApartmentStatus
}

// RestoreState reloads a state that a store kept, wherever today's ranges end. It returns a *FieldError for a status that is
// not known.
func RestoreState(floor, number int, status ApartmentStatus) (State, error) {
	if _, err := ParseApartmentStatus(string(status)); err != nil {
		return State{}, err
	}
	return State{Floor{level: floor, given: true}, Number{number}, status}, nil
}

// Floor returns the floor that the apartment is on.
func (s State) Floor() Floor { return s.floor }

// Number returns the apartment's number.
func (s State) Number() Number { return s.number }

// Status returns whether the apartment is in use.
func (s State) Status() ApartmentStatus { return s.status }

// IsZero reports whether the state is that of an apartment that is not there.
func (s State) IsZero() bool { return s == State{} }

// Apartment is an apartment of a block. It has an id, a version and times once a store keeps it.
type Apartment struct {
	id           ApartmentID
	block        BlockID
	state        State
	registeredBy UserID
	registeredAt time.Time
	changedAt    time.Time
	version      Sequence
}

// NewApartment returns a registered apartment that no store keeps yet. It returns a *FieldError for an id that is not above 0
// and, with the code Missing, for a floor or a number that was not built by its constructor.
func NewApartment(block BlockID, floor Floor, number Number) (Apartment, error) {
	if _, err := NewBlockID(int64(block)); err != nil {
		return Apartment{}, err
	}
	if err := placeGiven(floor, number); err != nil {
		return Apartment{}, err
	}
	return Apartment{block: block, state: State{floor, number, ApartmentRegistered}}, nil
}

func placeGiven(floor Floor, number Number) error {
	switch {
	case !floor.given:
		return &FieldError{Field: FieldFloor, Code: Missing}
	case number.n == 0:
		return &FieldError{Field: FieldNumber, Code: Missing}
	default:
		return nil
	}
}

// ApartmentRecord is an apartment as a store keeps it.
type ApartmentRecord struct {
	ID    ApartmentID
	Block BlockID
	State State
	// RegisteredBy is zero where the apartment was imported.
	RegisteredBy UserID
	RegisteredAt time.Time
	// ChangedAt is zero where nothing has changed since.
	ChangedAt time.Time
	Version   Sequence
}

// RestoreApartment reloads an apartment that a store kept. It returns a *FieldError for an id that is not above 0 or a state
// that is not there.
func RestoreApartment(r ApartmentRecord) (Apartment, error) {
	if _, err := NewApartmentID(int64(r.ID)); err != nil {
		return Apartment{}, err
	}
	if _, err := NewBlockID(int64(r.Block)); err != nil {
		return Apartment{}, err
	}
	if r.State.IsZero() {
		return Apartment{}, &FieldError{Field: FieldStatus, Code: Missing}
	}
	return Apartment{
		id: r.ID, block: r.Block, state: r.State, registeredBy: r.RegisteredBy,
		registeredAt: r.RegisteredAt, changedAt: r.ChangedAt, version: r.Version,
	}, nil
}

// Record returns the apartment as a store keeps it.
func (a Apartment) Record() ApartmentRecord {
	return ApartmentRecord{a.id, a.block, a.state, a.registeredBy, a.registeredAt, a.changedAt, a.version}
}

// WithID returns the apartment under the id that a store keeps it by.
func (a Apartment) WithID(id ApartmentID) Apartment {
	a.id = id
	return a
}

// WithState returns the apartment in another state.
func (a Apartment) WithState(s State) Apartment {
	a.state = s
	return a
}

// WithStatus returns the apartment in use or retired, as the status says.
func (a Apartment) WithStatus(status ApartmentStatus) Apartment {
	a.state.status = status
	return a
}

// ID returns the apartment's id, zero while no store keeps it.
func (a Apartment) ID() ApartmentID { return a.id }

// Block returns the id of the block that the apartment is in.
func (a Apartment) Block() BlockID { return a.block }

// State returns the apartment's floor, number and status.
func (a Apartment) State() State { return a.state }

// Floor returns the floor that the apartment is on.
func (a Apartment) Floor() Floor { return a.state.floor }

// Number returns the apartment's number.
func (a Apartment) Number() Number { return a.state.number }

// Status returns whether the apartment is in use.
func (a Apartment) Status() ApartmentStatus { return a.state.status }

// RegisteredBy returns the user who registered the apartment, zero where it was imported.
func (a Apartment) RegisteredBy() UserID { return a.registeredBy }

// RegisteredAt returns when the apartment was registered or imported, in UTC, to Precision.
func (a Apartment) RegisteredAt() time.Time { return a.registeredAt }

// ChangedAt returns when the apartment was last changed, in UTC, to Precision: when it was registered, where nothing has
// changed since.
func (a Apartment) ChangedAt() time.Time {
	if a.changedAt.IsZero() {
		return a.registeredAt
	}
	return a.changedAt
}

// Version returns the sequence of the last change to the apartment.
func (a Apartment) Version() Sequence { return a.version }
