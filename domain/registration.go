package domain

import "time"

// ActionCreateApartment is what the log says of a registered apartment.
const ActionCreateApartment = "CreateApartment"

// Precision is how exactly the register keeps a time, in every store.
const Precision = time.Microsecond

// Registration is an apartment about to be registered, and what the log keeps of how it came to be.
type Registration struct {
	id        RegistrationID
	apartment Apartment
	by        UserID
	through   ApartmentID
	location  Location
	at        time.Time
}

// NewRegistration returns the registration of an apartment by a user at a time, which is kept in UTC and cut to
// Precision. Through is the user's own apartment as the user named it, zero for none. It returns a *FieldError for an id,
// an apartment or a time that is not there.
func NewRegistration(id RegistrationID, apartment Apartment, by UserID, through ApartmentID, location Location, at time.Time) (Registration, error) {
	if id == (RegistrationID{}) {
		return Registration{}, &FieldError{Field: FieldRegistration, Code: Missing}
	}
	if apartment == (Apartment{}) {
		return Registration{}, &FieldError{Field: FieldApartment, Code: Missing}
	}
	if _, err := NewUserID(int64(by)); err != nil {
		return Registration{}, err
	}
	if through != 0 {
		if _, err := NewApartmentID(int64(through)); err != nil {
			return Registration{}, err
		}
	}
	if at.IsZero() {
		return Registration{}, &FieldError{Field: FieldTime, Code: Missing}
	}
	return Registration{id: id, apartment: apartment, by: by, through: through, location: location, at: at.UTC().Truncate(Precision)}, nil
}

// ID returns the registration's id.
func (r Registration) ID() RegistrationID { return r.id }

// Apartment returns the apartment, which no store keeps yet.
func (r Registration) Apartment() Apartment { return r.apartment }

// By returns the user who registers it.
func (r Registration) By() UserID { return r.by }

// Through returns the user's own apartment, zero where none was named.
func (r Registration) Through() ApartmentID { return r.through }

// Location returns where the user's device was.
func (r Registration) Location() Location { return r.location }

// At returns when, in UTC, to Precision.
func (r Registration) At() time.Time { return r.at }

// AskedAgain judges a registration whose id the register already has, for the apartment kept: nil if it is the same
// block, floor and number, so that asking again has the answer of the first time, else KeyReused (wire contract, check 15
// and Asking again).
func (r Registration) AskedAgain(kept Apartment) error {
	if !r.apartment.SamePlace(kept) {
		return KeyReused
	}
	return nil
}
