package domain

import "encoding/hex"

// BlockID names a block. It is above 0; the zero value names none.
type BlockID int64

// ApartmentID names an apartment of the register. It is above 0; the zero value names none.
type ApartmentID int64

// UserID names a user of Omarty. It is above 0; the zero value names none. The register knows nothing else of a user.
type UserID int64

// The ids that nothing has. They stand for a whole number beyond 64 bits, which is an id like any other (wire contract,
// Request) but can name nothing, so that asking for it is answered as asking for any other block that is not there.
const (
	NoSuchBlock     BlockID     = -1
	NoSuchApartment ApartmentID = -1
)

// NewBlockID returns n as a block's id, or a *FieldError with the code NotPositive.
func NewBlockID(n int64) (BlockID, error) { return positive[BlockID](n, FieldBlock) }

// NewApartmentID returns n as an apartment's id, or a *FieldError with the code NotPositive.
func NewApartmentID(n int64) (ApartmentID, error) { return positive[ApartmentID](n, FieldApartment) }

// NewUserID returns n as a user's id, or a *FieldError with the code NotPositive.
func NewUserID(n int64) (UserID, error) { return positive[UserID](n, FieldUser) }

func positive[ID ~int64](n int64, field Field) (ID, error) {
	if n <= 0 {
		return 0, &FieldError{Field: field, Code: NotPositive}
	}
	return ID(n), nil
}

// Sequence counts the changes of a block: 1, 2, 3 and so on, without a gap, in the order in which they were committed. A block's
// version is the sequence of its last change, an apartment's that of the last change to it. Zero is before the first change.
type Sequence int64

// ChangeSetID names one attempt to change the register, however often it is tried: a UUID that is drawn before the first
// write. Whoever finds it in the ledger knows that the attempt succeeded. The zero value names none.
type ChangeSetID [16]byte

// String returns the id in the form of RFC 9562, such as 0192f5e0-8b7a-7c3d-9f21-5a6b7c8d9e0f.
func (id ChangeSetID) String() string {
	var text [36]byte
	at := 0
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[at] = '-'
			at++
		}
		hex.Encode(text[at:at+2], []byte{b})
		at += 2
	}
	return string(text[:])
}
