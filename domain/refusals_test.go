package domain_test

import (
	"errors"
	"fmt"
	"testing"

	"omarty.net/registry/domain"
)

func TestTextsOfRefusals(t *testing.T) {
	taken := &domain.ChangeError{Index: 2, Code: domain.NumberTaken, Existing: apartmentsOf("1 0/11")[0]}
	gone := &domain.ChangeError{Index: 4, Code: domain.NotFound}
	for want, err := range map[string]error{
		"change 2: the block already has an apartment with this number": taken,
		"change 4: is not there": &domain.ChangeSetError{Changes: []*domain.ChangeError{gone}},
		"2 changes are refused, the first: change 2: the block already has an apartment with this number": &domain.ChangeSetError{
			Changes: []*domain.ChangeError{taken, gone},
		},
		"the block is at version 9: it has changed since: read it again": &domain.StaleBlockError{Current: 9},
		"2 of its apartments: apartments have changed since: undoing would overwrite a later change": &domain.UndoError{
			Changed: apartmentsOf("1 0/11; 2 0/12"),
		},
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

// Whoever has a refusal asks for its code, its kind or its details, however it was wrapped.
func TestRefusalsAreFoundThroughWrapping(t *testing.T) {
	set := &domain.ChangeSetError{Changes: []*domain.ChangeError{{Index: 2, Code: domain.NumberTaken}, {Index: 4, Code: domain.NotFound}}}
	stale, undo := &domain.StaleBlockError{Current: 9}, &domain.UndoError{Changed: apartmentsOf("1 0/11")}
	for _, c := range []struct {
		err      error
		is       []error
		isNot    []error
		setError bool
		change   bool
		stale    bool
		undo     bool
	}{
		{
			err: set, is: []error{domain.ChangeRefused, domain.NumberTaken, domain.NotFound, domain.Taken, domain.NotThere, domain.Conflict},
			isNot: []error{domain.VersionMismatch, domain.Invalid, domain.UndoRefused}, setError: true, change: true,
		},
		{
			err: set.Changes[0], is: []error{domain.NumberTaken, domain.Taken},
			isNot: []error{domain.ChangeRefused, domain.NotFound, domain.Conflict}, change: true,
		},
		{err: stale, is: []error{domain.VersionMismatch, domain.Conflict}, isNot: []error{domain.ChangeRefused, domain.UndoRefused}, stale: true},
		{err: undo, is: []error{domain.UndoRefused, domain.Conflict}, isNot: []error{domain.VersionMismatch, domain.ChangeRefused}, undo: true},
	} {
		err := fmt.Errorf("apply: %w", c.err)
		for _, target := range c.is {
			if !errors.Is(err, target) {
				t.Errorf("%v is not %s", err, target)
			}
		}
		for _, target := range c.isNot {
			if errors.Is(err, target) {
				t.Errorf("%v is %s", err, target)
			}
		}
		var asSet *domain.ChangeSetError
		var asChange *domain.ChangeError
		var asStale *domain.StaleBlockError
		var asUndo *domain.UndoError
		if errors.As(err, &asSet) != c.setError || errors.As(err, &asChange) != c.change || errors.As(err, &asStale) != c.stale || errors.As(err, &asUndo) != c.undo {
			t.Errorf("%v: errors.As finds %v, %v, %v, %v", err, asSet, asChange, asStale, asUndo)
		}
		if c.change && asChange.Index != 2 {
			t.Errorf("%v: the first change found is %d", err, asChange.Index)
		}
	}
}
