package domain

import "fmt"

// ChangeError refuses one change of a set. It wraps its Code.
type ChangeError struct {
	// Index is the change's place in its set, from 0.
	Index int
	Code  Code
	// Existing is the apartment that stands in the way: the one that has the number (NumberTaken), or the one to change as it is
	// now. It has no id where the set itself would register it, and is the zero Apartment where the code is NotFound.
	Existing Apartment
}

// Error says which change is refused and why.
func (e *ChangeError) Error() string { return fmt.Sprintf("change %d: %s", e.Index, e.Code.Error()) }

// Unwrap returns the code.
func (e *ChangeError) Unwrap() error { return e.Code }

// ChangeSetError refuses a change set, with every change of it that cannot be made. Each of their codes is found by errors.Is, and
// so is ChangeRefused.
type ChangeSetError struct {
	// Changes are in the order of their indexes.
	Changes []*ChangeError
}

// Error says how many changes are refused, and why the first is.
func (e *ChangeSetError) Error() string {
	if len(e.Changes) == 1 {
		return e.Changes[0].Error()
	}
	return fmt.Sprintf("%d changes are refused, the first: %s", len(e.Changes), e.Changes[0])
}

// Unwrap returns the refusal of each change, and ChangeRefused.
func (e *ChangeSetError) Unwrap() []error {
	all := make([]error, 0, len(e.Changes)+1)
	for _, c := range e.Changes {
		all = append(all, c)
	}
	return append(all, ChangeRefused)
}

// StaleBlockError refuses a change set whose block is not at the version that it expects. It wraps VersionMismatch.
type StaleBlockError struct {
	// Current is the version that the block is at.
	Current Sequence
}

// Error says what the version is.
func (e *StaleBlockError) Error() string {
	return fmt.Sprintf("the block is at version %d: %s", e.Current, VersionMismatch.Error())
}

// Unwrap returns VersionMismatch.
func (e *StaleBlockError) Unwrap() error { return VersionMismatch }

// UndoError refuses to undo a change set. It wraps UndoRefused.
type UndoError struct {
	// Changed are the apartments that have changed since, as they are now.
	Changed []Apartment
}

// Error says how many apartments have changed.
func (e *UndoError) Error() string {
	return fmt.Sprintf("%d of its apartments: %s", len(e.Changed), UndoRefused.Error())
}

// Unwrap returns UndoRefused.
func (e *UndoError) Unwrap() error { return UndoRefused }
