package domain

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

// Apartment is an apartment's place: its block, floor and number. It has an id once a store keeps it.
type Apartment struct {
	id     ApartmentID
	block  BlockID
	floor  Floor
	number Number
}

// NewApartment returns an apartment that no store keeps yet. It returns a *FieldError for an id that is not above 0 and,
// with the code Missing, for a floor or a number that was not built by its constructor.
func NewApartment(block BlockID, floor Floor, number Number) (Apartment, error) {
	if _, err := NewBlockID(int64(block)); err != nil {
		return Apartment{}, err
	}
	if !floor.given {
		return Apartment{}, &FieldError{Field: FieldFloor, Code: Missing}
	}
	if number.n == 0 {
		return Apartment{}, &FieldError{Field: FieldNumber, Code: Missing}
	}
	return Apartment{block: block, floor: floor, number: number}, nil
}

// RestoreApartment reloads an apartment that a store kept, wherever today's ranges of floor and number end. It returns a
// *FieldError for an id that is not above 0.
func RestoreApartment(id ApartmentID, block BlockID, floor, number int) (Apartment, error) {
	if _, err := NewApartmentID(int64(id)); err != nil {
		return Apartment{}, err
	}
	if _, err := NewBlockID(int64(block)); err != nil {
		return Apartment{}, err
	}
	return Apartment{id: id, block: block, floor: Floor{level: floor, given: true}, number: Number{number}}, nil
}

// WithID returns the apartment under the id that a store keeps it by.
func (a Apartment) WithID(id ApartmentID) Apartment {
	a.id = id
	return a
}

// ID returns the apartment's id, zero while no store keeps it.
func (a Apartment) ID() ApartmentID { return a.id }

// Block returns the id of the block that the apartment is in.
func (a Apartment) Block() BlockID { return a.block }

// Floor returns the floor that the apartment is on.
func (a Apartment) Floor() Floor { return a.floor }

// Number returns the apartment's number.
func (a Apartment) Number() Number { return a.number }

// SamePlace reports whether both are the same block, floor and number, whatever their ids.
func (a Apartment) SamePlace(other Apartment) bool {
	return a.WithID(0) == other.WithID(0)
}
