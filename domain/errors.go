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
	NotThere        Kind = "not_found"       // what was asked for is not there, or not for who asks
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
	// Unreadable refuses a text that is not in the form that it must have.
	Unreadable Code = "unreadable"
	// Repeated refuses a value that may come once and comes again.
	Repeated Code = "repeated"
	// BlockRequired refuses a request that leaves open which of several blocks is meant (wire contract, check 13).
	BlockRequired Code = "block_required"
	// NotPermitted refuses a caller who does not manage the block, or a block that is not there (check 14).
	NotPermitted Code = "not_permitted"
	// NumberTaken refuses an apartment whose number the block already has (check 16).
	NumberTaken Code = "number_taken"
	// NotFound refuses a block or an apartment that is not there, or that the caller does not belong to.
	NotFound Code = "not_found"
	// AlreadyRetired refuses to change an apartment that is retired.
	AlreadyRetired Code = "already_retired"
	// NotRetired refuses to restore an apartment that is not retired.
	NotRetired Code = "not_retired"
	// ChangeRefused refuses a change set for the sake of some of its changes, which a *ChangeSetError tells.
	ChangeRefused Code = "change_refused"
	// UndoRefused refuses to undo a change set that a later change came after, which an *UndoError tells.
	UndoRefused Code = "undo_refused"
	// VersionMismatch refuses a change to what is not as the caller last saw it.
	VersionMismatch Code = "version_mismatch"
	// KeyInvalid refuses a malformed idempotency key (check 12).
	KeyInvalid Code = "key_invalid"
	// KeyReused refuses an idempotency key that was used for something else (check 15).
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
	Unreadable:       {Invalid, "cannot be read"},
	Repeated:         {Invalid, "comes twice"},
	BlockRequired:    {Invalid, "the user manages several blocks: say which one"},
	NotPermitted:     {Denied, "the user does not have permissions in this block"},
	NumberTaken:      {Taken, "the block already has an apartment with this number"},
	NotFound:         {NotThere, "is not there"},
	AlreadyRetired:   {Conflict, "the apartment is retired: restore it first"},
	NotRetired:       {Conflict, "the apartment is not retired"},
	ChangeRefused:    {Conflict, "some of the changes cannot be made, so none was"},
	UndoRefused:      {Conflict, "apartments have changed since: undoing would overwrite a later change"},
	VersionMismatch:  {Conflict, "it has changed since: read it again"},
	KeyInvalid:       {Invalid, "an idempotency key is 1 to 255 visible ASCII characters"},
	KeyReused:        {Conflict, "the idempotency key was used for something else"},
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
	FieldBlock     Field = "block"
	FieldApartment Field = "apartment"
	FieldUser      Field = "user"
	FieldFloor     Field = "floor"
	FieldNumber    Field = "number"
	FieldLongitude Field = "longitude"
	FieldLatitude  Field = "latitude"
	FieldName      Field = "name"
	FieldRole      Field = "role"
	FieldStatus    Field = "status"
	FieldChangeSet Field = "changeSet"
	FieldChanges   Field = "changes"
	FieldKind      Field = "kind"
	FieldRequest   Field = "request"
	FieldSource    Field = "source"
	FieldTime      Field = "time"
	FieldVersion   Field = "version"
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
