package domain

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Precision is how exactly the register keeps a time, in every store.
const Precision = time.Microsecond

// MaxRequestID is the length of the longest request id that the ledger keeps, in bytes.
const MaxRequestID = 64

// Source says by which way a change came.
type Source string

// The sources of changes.
const (
	SourceApp    Source = "app"    // the mobile app's endpoint
	SourceAPI    Source = "api"    // everything else that asks through a use case
	SourceImport Source = "import" // a register file
	SourceUndo   Source = "undo"   // the inverse of an earlier change set
)

// Origin is who asks for changes, from where, when and by which way.
type Origin struct {
	// By is the user, zero for an import.
	By UserID
	// Through is the user's own apartment as the user named it, zero for none.
	Through ApartmentID
	// Location is where the user's device is.
	Location Location
	// At is when, in UTC, to Precision.
	At     time.Time
	Source Source
	// RequestID names the request in logs, "" for none.
	RequestID string
}

// ChangeSetSpec is what a change set is made of.
type ChangeSetSpec struct {
	ID      ChangeSetID
	Block   BlockID
	Changes []Change
	// Origin has its time brought to UTC and cut to Precision.
	Origin Origin
	// IfVersion is the version that the block must have, nil for any.
	IfVersion *Sequence
	// Undoes is the change set of which this one is the inverse, zero for none.
	Undoes ChangeSetID
}

// ChangeSet is one or more changes to the apartments of one block, all or none. The zero value is none.
type ChangeSet struct {
	spec  ChangeSetSpec
	asked Digest
}

// Digest is a digest of what a change set asked for. The zero value says that the ledger's entry tells it: a lone change.
type Digest [16]byte

// NewChangeSet returns a change set. It returns a *FieldError for an id, changes, a user or a time that are not there, for more
// than MaxChanges changes, for a through that is not above 0, an unknown source and a request id that is too long.
func NewChangeSet(spec ChangeSetSpec) (ChangeSet, error) {
	if spec.ID == (ChangeSetID{}) {
		return ChangeSet{}, &FieldError{Field: FieldChangeSet, Code: Missing}
	}
	if _, err := NewBlockID(int64(spec.Block)); err != nil {
		return ChangeSet{}, err
	}
	if len(spec.Changes) > MaxChanges {
		return ChangeSet{}, &FieldError{Field: FieldChanges, Code: TooLong}
	}
	missing := len(spec.Changes) == 0
	for _, c := range spec.Changes {
		missing = missing || c.kind == ""
	}
	if missing {
		return ChangeSet{}, &FieldError{Field: FieldChanges, Code: Missing}
	}
	if err := spec.Origin.check(); err != nil {
		return ChangeSet{}, err
	}
	spec.Origin.At = spec.Origin.At.UTC().Truncate(Precision)
	s := ChangeSet{spec: spec}
	if len(spec.Changes) > 1 || spec.Undoes != (ChangeSetID{}) {
		s.asked = digest(spec)
	}
	return s, nil
}

func (o Origin) check() error {
	if _, err := NewUserID(int64(o.By)); err != nil {
		return err
	}
	if o.Through != 0 {
		if _, err := NewApartmentID(int64(o.Through)); err != nil {
			return err
		}
	}
	if o.At.IsZero() {
		return &FieldError{Field: FieldTime, Code: Missing}
	}
	if len(o.RequestID) > MaxRequestID {
		return &FieldError{Field: FieldRequest, Code: TooLong}
	}
	_, err := oneOf(FieldSource, string(o.Source), SourceApp, SourceAPI, SourceUndo)
	return err
}

// digest is that of the changes or, of an undo, of the set that it undoes: which changes undo it depends on when it is asked.
func digest(spec ChangeSetSpec) Digest {
	h := sha256.New()
	if spec.Undoes != (ChangeSetID{}) {
		h.Write([]byte("undo"))
		h.Write(spec.Undoes[:])
	} else {
		for _, c := range spec.Changes {
			text := binary.AppendVarint([]byte(c.kind), int64(c.apartment))
			text = binary.AppendVarint(text, int64(c.floor.level))
			text = binary.AppendVarint(text, int64(c.number.n))
			h.Write(append(text, flag(c.floor.given), flag(c.ifAbsent)))
		}
	}
	return Digest(h.Sum(nil)[:16])
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// ID returns the change set's id.
func (s ChangeSet) ID() ChangeSetID { return s.spec.ID }

// Block returns the id of the block that is changed.
func (s ChangeSet) Block() BlockID { return s.spec.Block }

// Changes returns the changes, at least one. They are not to be modified.
func (s ChangeSet) Changes() []Change { return s.spec.Changes }

// Origin returns who asks, from where, when and by which way.
func (s ChangeSet) Origin() Origin { return s.spec.Origin }

// Asked returns the digest of what is asked for, zero where the ledger's entry tells it.
func (s ChangeSet) Asked() Digest { return s.asked }

// RegistersOne reports whether the change set registers one apartment and does nothing else, on no condition.
func (s ChangeSet) RegistersOne() bool {
	return len(s.spec.Changes) == 1 && s.spec.Changes[0].kind == ChangeRegister && !s.spec.Changes[0].ifAbsent && s.spec.IfVersion == nil
}

// Apartments returns the ids of the apartments that the changes name, each once.
func (s ChangeSet) Apartments() []ApartmentID {
	var ids []ApartmentID
	seen := map[ApartmentID]bool{}
	for _, c := range s.spec.Changes {
		if c.apartment != 0 && !seen[c.apartment] {
			seen[c.apartment] = true
			ids = append(ids, c.apartment)
		}
	}
	return ids
}

// Numbers returns the numbers that the changes give to apartments, each once. Kept are the apartments that they name.
func (s ChangeSet) Numbers(kept []Apartment) []Number {
	var numbers []Number
	seen := map[Number]bool{{}: true}
	add := func(n Number) {
		if !seen[n] {
			seen[n] = true
			numbers = append(numbers, n)
		}
	}
	restored := map[ApartmentID]bool{}
	for _, c := range s.spec.Changes {
		add(c.number)
		if c.kind == ChangeRestore {
			restored[c.apartment] = true
		}
	}
	for _, a := range kept {
		if restored[a.id] {
			add(a.state.number)
		}
	}
	return numbers
}

// AskedAgain judges a change set whose id the ledger has, by the entries under that id in their order: nil if the same was asked
// for then, so that it is answered as then, else KeyReused (wire contract, check 15 and Asking again).
func (s ChangeSet) AskedAgain(entries []LedgerEntry) error {
	first := entries[0]
	same := first.Block == s.spec.Block && first.Asked == s.asked
	if same && s.asked == (Digest{}) {
		same = first.tells(s.spec.Changes[0])
	}
	if !same {
		return KeyReused
	}
	return nil
}
