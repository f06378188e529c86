package application_test

import (
	"errors"
	"fmt"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func TestFaultsAreOneInvalidError(t *testing.T) {
	faults := application.Faults{
		{Row: application.RowRef{Section: application.SectionApartments, Index: 3}, Text: "block 9 does not exist"},
		{
			Row:   application.RowRef{Section: application.SectionBlocks, Index: 12},
			Text:  "it stands in " + application.OtherRow + " already",
			Other: application.RowRef{Section: application.SectionBlocks, Index: 2},
		},
	}
	err := fmt.Errorf("import: %w", faults)
	if want := "import: apartments[3]: block 9 does not exist\nblocks[12]: it stands in blocks[2] already"; err.Error() != want {
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
	inLines := func(row application.RowRef) string { return fmt.Sprintf("line %d", row.Index+5) }
	if got, want := faults[1].Problem(inLines), "it stands in line 7 already"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
