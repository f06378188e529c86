package domain

// The ranges of a location, in decimal degrees to both sides of zero, both ends included (wire contract, Request).
const (
	MaxLongitude = 180
	MaxLatitude  = 90
)

// Location is where a device says that it is, in decimal degrees. Each coordinate may be absent, on its own; the zero
// value has neither.
type Location struct {
	longitude, latitude       float64
	hasLongitude, hasLatitude bool
}

// NewLocation returns a location; nil is an absent coordinate. It returns a *FieldError with the code OutOfRange, for the
// longitude first.
func NewLocation(longitude, latitude *float64) (Location, error) {
	var l Location
	if longitude != nil {
		if !within(*longitude, MaxLongitude) {
			return Location{}, &FieldError{Field: FieldLongitude, Code: OutOfRange, Low: -MaxLongitude, High: MaxLongitude}
		}
		l.longitude, l.hasLongitude = *longitude, true
	}
	if latitude != nil {
		if !within(*latitude, MaxLatitude) {
			return Location{}, &FieldError{Field: FieldLatitude, Code: OutOfRange, Low: -MaxLatitude, High: MaxLatitude}
		}
		l.latitude, l.hasLatitude = *latitude, true
	}
	return l, nil
}

// within is false for what is not a number.
func within(degrees, bound float64) bool { return degrees >= -bound && degrees <= bound }

// Longitude returns the degrees east, and whether the device told them.
func (l Location) Longitude() (degrees float64, ok bool) { return l.longitude, l.hasLongitude }

// Latitude returns the degrees north, and whether the device told them.
func (l Location) Latitude() (degrees float64, ok bool) { return l.latitude, l.hasLatitude }
