package domain

// ChangeKind says what a change does to an apartment.
type ChangeKind string

// The kinds of change. Imports are in the ledger alone: no change set asks for one.
const (
	ChangeRegister ChangeKind = "register"
	ChangeCorrect  ChangeKind = "correct"
	ChangeRetire   ChangeKind = "retire"
	ChangeRestore  ChangeKind = "restore"
	ChangeImport   ChangeKind = "import"
)

// ParseChangeKind reads a kind by its name, or returns a *FieldError with the code NotKnown, or Missing for none.
func ParseChangeKind(text string) (ChangeKind, error) {
	return oneOf(FieldKind, text, ChangeRegister, ChangeCorrect, ChangeRetire, ChangeRestore, ChangeImport)
}

// Change is one change to an apartment, as it is asked for. The zero value is none.
type Change struct {
	kind      ChangeKind
	apartment ApartmentID
	floor     Floor
	number    Number
	ifVersion Sequence
	ifAbsent  bool
}

// NewRegister returns the change that registers an apartment. It returns a *FieldError with the code Missing for a floor or a
// number that was not built by its constructor.
func NewRegister(floor Floor, number Number) (Change, error) {
	if err := placeGiven(floor, number); err != nil {
		return Change{}, err
	}
	return Change{kind: ChangeRegister, floor: floor, number: number}, nil
}

// IfAbsent returns a change that registers an apartment unless the block has one with this number on this very floor, which
// stays as it is.
func (c Change) IfAbsent() Change {
	c.ifAbsent = true
	return c
}

// NewCorrect returns the change that gives an apartment another floor, another number, or both; the zero Floor and the zero
// Number leave what there is. IfVersion is the version that the apartment must have, 0 for any. It returns a *FieldError for
// an id that is not above 0 or a version below 0.
func NewCorrect(apartment ApartmentID, floor Floor, number Number, ifVersion Sequence) (Change, error) {
	c, err := newChange(ChangeCorrect, apartment, ifVersion)
	if err != nil {
		return Change{}, err
	}
	c.floor, c.number = floor, number
	return c, nil
}

// NewRetire returns the change that retires an apartment, which frees its number. IfVersion and errors are those of NewCorrect.
func NewRetire(apartment ApartmentID, ifVersion Sequence) (Change, error) {
	return newChange(ChangeRetire, apartment, ifVersion)
}

// NewRestore returns the change that puts a retired apartment back under its number. IfVersion and errors are those of
// NewCorrect.
func NewRestore(apartment ApartmentID, ifVersion Sequence) (Change, error) {
	return newChange(ChangeRestore, apartment, ifVersion)
}

func newChange(kind ChangeKind, apartment ApartmentID, ifVersion Sequence) (Change, error) {
	if _, err := NewApartmentID(int64(apartment)); err != nil && apartment != NoSuchApartment {
		return Change{}, err
	}
	if ifVersion < 0 {
		return Change{}, &FieldError{Field: FieldVersion, Code: NotPositive}
	}
	return Change{kind: kind, apartment: apartment, ifVersion: ifVersion}, nil
}

// Kind returns what the change does.
func (c Change) Kind() ChangeKind { return c.kind }

// Apartment returns the id of the apartment that is changed, zero for one that is registered.
func (c Change) Apartment() ApartmentID { return c.apartment }

// Floor returns the floor that the apartment is to have, the zero Floor where that stays.
func (c Change) Floor() Floor { return c.floor }

// Number returns the number that the apartment is to have, the zero Number where that stays.
func (c Change) Number() Number { return c.number }

// of returns what the change makes of an apartment in a state. The zero State is an apartment that is not there.
func (c Change) of(before State) (State, error) {
	after := before
	switch c.kind {
	case ChangeRegister:
		return State{c.floor, c.number, ApartmentRegistered}, nil
	case ChangeCorrect:
		if before.status == ApartmentRetired {
			return before, AlreadyRetired
		}
		if c.floor.given {
			after.floor = c.floor
		}
		if c.number.n != 0 {
			after.number = c.number
		}
	case ChangeRetire:
		if before.status == ApartmentRetired {
			return before, AlreadyRetired
		}
		after.status = ApartmentRetired
	case ChangeRestore:
		if before.status != ApartmentRetired {
			return before, NotRetired
		}
		after.status = ApartmentRegistered
	}
	return after, nil
}
