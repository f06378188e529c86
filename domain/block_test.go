package domain_test

import (
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

func TestNewBlock(t *testing.T) {
	const longest = 255
	for _, name := range []string{"", "Block 4", "برج النخيل", strings.Repeat("ن", longest)} {
		for _, status := range []domain.BlockStatus{domain.BlockActive, domain.BlockSuspended} {
			b, err := domain.NewBlock(4, name, status)
			if err != nil || b.ID() != 4 || b.Name() != name || b.Status() != status {
				t.Errorf("block %+v, %v", b, err)
			}
		}
	}
	for _, c := range []struct {
		id     domain.BlockID
		name   string
		status domain.BlockStatus
		field  domain.Field
		code   domain.Code
	}{
		{0, "Block 4", domain.BlockActive, domain.FieldBlock, domain.NotPositive},
		{-4, "Block 4", domain.BlockActive, domain.FieldBlock, domain.NotPositive},
		{4, strings.Repeat("ن", longest+1), domain.BlockActive, domain.FieldName, domain.TooLong},
		{4, "Block \xd9", domain.BlockActive, domain.FieldName, domain.NotText},
		{4, "Block 4", "", domain.FieldStatus, domain.Missing},
		{4, "Block 4", "archived", domain.FieldStatus, domain.NotKnown},
	} {
		b, err := domain.NewBlock(c.id, c.name, c.status)
		wantRefusal(t, b, err, c.field, c.code)
	}
}

func TestRestoreBlockKeepsWhatTodaysRulesRefuse(t *testing.T) {
	name := strings.Repeat("n", 256) + "\xff"
	b, err := domain.RestoreBlock(4, name, "archived")
	if err != nil || b.ID() != 4 || b.Name() != name || b.Status() != "archived" {
		t.Errorf("block %+v, %v", b, err)
	}
	b, err = domain.RestoreBlock(0, name, domain.BlockActive)
	wantRefusal(t, b, err, domain.FieldBlock, domain.NotPositive)
}

// The words are the wire contract's, What is kept, and those of REST v1.
func TestWordsOfTheRegister(t *testing.T) {
	testWords(t, domain.FieldStatus, domain.ParseBlockStatus, map[string]domain.BlockStatus{
		"active": domain.BlockActive, "suspended": domain.BlockSuspended,
	})
	testWords(t, domain.FieldStatus, domain.ParseMembershipStatus, map[string]domain.MembershipStatus{
		"pending": domain.MembershipPending, "active": domain.MembershipActive, "banned": domain.MembershipBanned,
	})
	testWords(t, domain.FieldStatus, domain.ParseApartmentStatus, map[string]domain.ApartmentStatus{
		"registered": domain.ApartmentRegistered, "retired": domain.ApartmentRetired,
	})
	testWords(t, domain.FieldKind, domain.ParseChangeKind, map[string]domain.ChangeKind{
		"register": domain.ChangeRegister, "correct": domain.ChangeCorrect, "retire": domain.ChangeRetire,
		"restore": domain.ChangeRestore, "import": domain.ChangeImport,
	})
	testWords(t, domain.FieldRole, domain.ParseRole, map[string]domain.Role{
		"manager": domain.RoleManager, "board_member": domain.RoleBoardMember, "cashier": domain.RoleCashier,
		"resident": domain.RoleResident, "watchman": domain.RoleWatchman,
	})
}

func testWords[T ~string](t *testing.T, field domain.Field, parse func(string) (T, error), words map[string]T) {
	for text, want := range words {
		if got, err := parse(text); err != nil || got != want {
			t.Errorf("%s %q: %q, %v", field, text, got, err)
		}
		for _, other := range []string{strings.ToUpper(text), " " + text, text + "s"} {
			got, err := parse(other)
			wantRefusal(t, got, err, field, domain.NotKnown)
		}
	}
	got, err := parse("")
	wantRefusal(t, got, err, field, domain.Missing)
}
