package domain

import "fmt"

// Kind is what sort of refusal an error is. A Kind is itself an error: errors.Is(err, domain.Denied) asks whether err is
// a refusal of that sort, whatever its code.
type Kind string

// The kinds of refusal.
const (
	Invalid         Kind = "invalid"         // what was asked cannot be: a value is missing, malformed or out of range
	Unauthenticated Kind = "unauthenticated" // who asks is not known
	Denied          Kind = "denied"          // who asks may not
	Taken           Kind = "taken"           // another has it
	Conflict        Kind = "conflict"        // it contradicts what was asked before
	Unavailable     Kind = "unavailable"     // it cannot be answered now; asking again may succeed
)

// Error returns the kind's name.
func (k Kind) Error() string { return string(k) }

// Code names one refusal. Codes are stable: clients, logs and metrics may keep them. A Code is itself an error, so
// errors.Is(err, domain.NumberTaken) and errors.Is(err, domain.Taken) both work, however err was wrapped.
type Code string

// The refusals of the register.
const (
	// Missing refuses a required value that is not there.
	Missing Code = "missing"
	// OutOfRange refuses a number outside of its range, which a *FieldError tells.
	OutOfRange Code = "out_of_range"
	// NotPositive refuses an id that is 0 or less.
	NotPositive Code = "not_positive"
	// NotKnown refuses a word that is not one of the register's.
	NotKnown Code = "not_known"
	// TooLong refuses a text longer than the register keeps.
	TooLong Code = "too_long"
	// NotText refuses a text that is not in UTF-8.
	NotText Code = "not_text"
	// BlockRequired refuses a request that leaves open which of several blocks is meant (wire contract, check 13).
	BlockRequired Code = "block_required"
	// NotPermitted refuses a caller who does not manage the block, or a block that is not there (check 14).
	NotPermitted Code = "not_permitted"
	// NumberTaken refuses an apartment whose number the block already has (check 16).
	NumberTaken Code = "number_taken"
	// KeyInvalid refuses a malformed idempotency key (check 12).
	KeyInvalid Code = "key_invalid"
	// KeyReused refuses an idempotency key that registered another apartment (check 15).
	KeyReused Code = "key_reused"
	// TokenInvalid refuses an access token that is not genuine, not yet in date or names no user (check 4).
	TokenInvalid Code = "token_invalid"
	// TokenExpired refuses a genuine access token past its expiry (check 4).
	TokenExpired Code = "token_expired"
	// StoreUnavailable says that the store cannot answer now. A write that ends so may have been done or not.
	StoreUnavailable Code = "store_unavailable"
)

var refusals = map[Code]struct {
	kind Kind
	text string
}{
	Missing:          {Invalid, "is required"},
	OutOfRange:       {Invalid, "is out of range"},
	NotPositive:      {Invalid, "must be above 0"},
	NotKnown:         {Invalid, "is not known"},
	TooLong:          {Invalid, "is too long"},
	NotText:          {Invalid, "is not text in UTF-8"},
	BlockRequired:    {Invalid, "the user manages several blocks: say which one"},
	NotPermitted:     {Denied, "the user does not have permissions in this block"},
	NumberTaken:      {Taken, "the block already has an apartment with this number"},
	KeyInvalid:       {Invalid, "an idempotency key is 1 to 255 visible ASCII characters"},
	KeyReused:        {Conflict, "the idempotency key was used for another apartment"},
	TokenInvalid:     {Unauthenticated, "the access token is not valid"},
	TokenExpired:     {Unauthenticated, "the access token has expired"},
	StoreUnavailable: {Unavailable, "the store cannot answer now, try again"},
}

// Kind returns the sort of refusal that c is.
func (c Code) Kind() Kind { return refusals[c].kind }

// Error says in English what is refused.
func (c Code) Error() string {
	if text := refusals[c].text; text != "" {
		return text
	}
	return string(c)
}

// Unwrap returns the code's kind.
func (c Code) Unwrap() error { return c.Kind() }

// Field names the value that is at fault.
type Field string

// The values that can be at fault.
const (
	FieldBlock        Field = "block"
	FieldApartment    Field = "apartment"
	FieldUser         Field = "user"
	FieldFloor        Field = "floor"
	FieldNumber       Field = "number"
	FieldLongitude    Field = "longitude"
	FieldLatitude     Field = "latitude"
	FieldName         Field = "name"
	FieldRole         Field = "role"
	FieldStatus       Field = "status"
	FieldRegistration Field = "registration"
	FieldTime         Field = "time"
)

// FieldError is a refusal for the sake of one value. It wraps its Code.
type FieldError struct {
	Field Field
	Code  Code
	// Low and High are the range of a value that is OutOfRange, both included.
	Low, High int
}

// Error says which value is refused, why, and what its range is.
func (e *FieldError) Error() string {
	if e.Code == OutOfRange {
		return fmt.Sprintf("%s must be between %d and %d", e.Field, e.Low, e.High)
	}
	return string(e.Field) + " " + e.Code.Error()
}

// Unwrap returns the code.
func (e *FieldError) Unwrap() error { return e.Code }
