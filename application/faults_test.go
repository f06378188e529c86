package application_test

import (
	"errors"
	"fmt"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func TestFaultsAreOneInvalidError(t *testing.T) {
	faults := application.Faults{{Line: 3, Problem: "block 9 does not exist"}, {Line: 12, Problem: "role is not known"}}
	err := fmt.Errorf("import: %w", faults)
	if want := "import: line 3: block 9 does not exist\nline 12: role is not known"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, domain.Invalid) {
		t.Error("faults are not of the kind Invalid")
	}
	if errors.Is(err, domain.Denied) || errors.Is(err, domain.Missing) || errors.Is(err, errors.New("invalid")) {
		t.Error("faults are another kind, code or error too")
	}
	var found application.Faults
	if !errors.As(err, &found) || len(found) != 2 || found[1] != faults[1] {
		t.Errorf("errors.As finds %v", found)
	}
}
