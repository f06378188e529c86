package registerfile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var formats = []registerfile.Format{registerfile.YAML, registerfile.JSON}

// oddNames are names that a format may take for something else.
var oddNames = []string{
	"", "Block 4", "4", "null", "true", "~", "- a", "{a: b}", "a: b # c", `"quoted"`, `it's`, `back\slash`, "two\nlines", "\r\n", "a\tb", " a ",
	"برج النيل", "\u200fبرج\u200f", "a\u2028b\u2029c\u0085d", "👩‍🚒", "\U000e0001\U0010ffff", "\ufeffmarked", "\ufffe\uffff", "\x00\x1b[2J\x7f\u009b",
	"=1+1", "+1", "-1", "@a", "\t=1", strings.Repeat("é", domain.MaxBlockName),
}

// oddRegister has every name, status and role.
func oddRegister() application.Register {
	var r application.Register
	for i, name := range oddNames {
		status := []domain.BlockStatus{domain.BlockActive, domain.BlockSuspended}[i%2]
		r.Blocks = append(r.Blocks, block(int64(i+1), name, status))
	}
	r.Apartments = []domain.Apartment{
		apartment(1, 1, domain.MinFloor, domain.MinNumber), apartment(2, 1, domain.MaxFloor, domain.MaxNumber), apartment(3, 2, 0, 12),
		apartment(4, 2, -1, 12).WithStatus(domain.ApartmentRetired), apartment(5, 2, -2, 12).WithStatus(domain.ApartmentRetired),
		apartment(int64(application.MaxImportedApartmentID), 3, 0, 1),
	}
	for _, role := range []domain.Role{domain.RoleManager, domain.RoleBoardMember, domain.RoleCashier, domain.RoleResident, domain.RoleWatchman} {
		for i, status := range []domain.MembershipStatus{domain.MembershipPending, domain.MembershipActive, domain.MembershipBanned} {
			r.Memberships = append(r.Memberships, membership(int64(7+i), 1, int64(i%3), role, status))
		}
	}
	return r
}

// written writes what an export hands out.
func written(t *testing.T, format registerfile.Format, export func(context.Context, application.RegisterReader, ...domain.BlockID) error) string {
	t.Helper()
	var text strings.Builder
	w := registerfile.NewWriter(&text, format)
	if err := errors.Join(export(t.Context(), w.Reader()), w.Close()); err != nil {
		t.Fatal(err)
	}
	if w.Size() != int64(text.Len()) {
		t.Errorf("it says that it has %d bytes, and has %d", w.Size(), text.Len())
	}
	return text.String()
}

// exportOf hands out a register as it is.
func exportOf(r application.Register) func(context.Context, application.RegisterReader, ...domain.BlockID) error {
	return func(_ context.Context, to application.RegisterReader, _ ...domain.BlockID) error {
		for _, b := range r.Blocks {
			if err := to.Block(b); err != nil {
				return err
			}
		}
		for _, a := range r.Apartments {
			if err := to.Apartment(a); err != nil {
				return err
			}
		}
		for _, m := range r.Memberships {
			if err := to.Membership(m); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkWritten checks that a register is read as it was written.
func checkWritten(t *testing.T, r application.Register) {
	t.Helper()
	for _, format := range formats {
		text := written(t, format, exportOf(r))
		again, err := registerfile.Read(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%q", err, text)
		}
		register, err := again.Register()
		if err != nil {
			t.Fatalf("%v\n%q", err, text)
		}
		equal(t, "blocks", register.Blocks, r.Blocks)
		equal(t, "apartments", register.Apartments, r.Apartments)
		equal(t, "memberships", register.Memberships, r.Memberships)
	}
}

func TestWriter(t *testing.T) {
	register := application.Register{
		Blocks:      []domain.Block{block(4, `Block "4"`, domain.BlockActive), block(5, "", domain.BlockSuspended)},
		Apartments:  []domain.Apartment{apartment(1, 4, -1, 12), apartment(2, 4, 0, 12).WithStatus(domain.ApartmentRetired)},
		Memberships: []domain.Membership{membership(7, 4, 1, domain.RoleManager, domain.MembershipActive), membership(8, 4, 0, domain.RoleCashier, domain.MembershipBanned)},
	}
	for format, want := range map[registerfile.Format]string{
		registerfile.YAML: `blocks:
  - {id: 4, name: "Block \"4\"", status: active}
  - {id: 5, name: "", status: suspended}
apartments:
  - {id: 1, block: 4, floor: -1, number: 12}
  - {id: 2, block: 4, floor: 0, number: 12, status: retired}
memberships:
  - {user: 7, block: 4, apartment: 1, role: manager, status: active}
  - {user: 8, block: 4, role: cashier, status: banned}
`,
		registerfile.JSON: `{
"blocks": [
{"id": 4, "name": "Block \"4\"", "status": "active"},
{"id": 5, "name": "", "status": "suspended"}
],
"apartments": [
{"id": 1, "block": 4, "floor": -1, "number": 12},
{"id": 2, "block": 4, "floor": 0, "number": 12, "status": "retired"}
],
"memberships": [
{"user": 7, "block": 4, "apartment": 1, "role": "manager", "status": "active"},
{"user": 8, "block": 4, "role": "cashier", "status": "banned"}
]
}
`,
	} {
		equal(t, string(format), written(t, format, exportOf(register)), want)
	}
	equal(t, "nothing in YAML", written(t, registerfile.YAML, exportOf(application.Register{})), "blocks:\napartments:\nmemberships:\n")
	equal(t, "nothing in JSON", written(t, registerfile.JSON, exportOf(application.Register{})), "{\n\"blocks\": [\n],\n\"apartments\": [\n],\n\"memberships\": [\n]\n}\n")
	checkWritten(t, register)
	checkWritten(t, oddRegister())
}

// An import of an export changes nothing, whatever users have changed since. Into an empty register it brings what an export of that
// writes again.
func TestWriterAndImport(t *testing.T) {
	store := memstore.New()
	now := func() time.Time { return time.Date(2026, 11, 24, 3, 4, 5, 0, time.UTC) }
	app := application.New(store, application.WithClock(now))
	if _, err := app.ImportRegister.Import(t.Context(), oddRegister(), nil); err != nil {
		t.Fatal(err)
	}
	manager := application.Caller{User: 8} // of block 1
	_, errRetire := app.RetireApartment.Retire(t.Context(), application.RetireApartmentInput{Caller: manager, Block: 1, Apartment: 1})
	_, errCorrect := app.CorrectApartment.Correct(t.Context(), application.CorrectApartmentInput{
		Caller: manager, Block: 1, Apartment: 2, Number: must(domain.NewNumber(5)),
	})
	if err := errors.Join(errRetire, errCorrect); err != nil {
		t.Fatal(err)
	}
	for _, format := range formats {
		text := written(t, format, app.ExportRegister.Export)
		if summary := imported(t, store, text); summary.Added+summary.Changed > 0 {
			t.Errorf("an import of the export has added and changed %v", summary)
		}
		other := memstore.New()
		if summary := imported(t, other, text); summary.Changed+summary.Unchanged > 0 {
			t.Errorf("an import into nothing has %v", summary)
		}
		equal(t, "an export of the import", written(t, format, application.NewExportRegister(other).Export), text)
	}
}

func imported(t *testing.T, store *memstore.Store, text string) application.Summary {
	t.Helper()
	summary, err := read(t, text).Import(t.Context(), application.New(store).ImportRegister, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// What an import would refuse is named, and nothing is written in its place.
func TestWriterRefuses(t *testing.T) {
	state := must(domain.RestoreState(domain.MaxFloor+1, 1, domain.ApartmentRegistered))
	none := must(domain.RestoreState(1, domain.MaxNumber+1, domain.ApartmentRegistered))
	for want, register := range map[string]application.Register{
		"block 4 is kept in a way that an import would refuse: ":                           {Blocks: []domain.Block{must(domain.RestoreBlock(4, "\xff", domain.BlockActive))}},
		"block 5 is kept in a way that an import would refuse: ":                           {Blocks: []domain.Block{must(domain.RestoreBlock(5, "", "demolished, {id: 6"))}},
		"apartment 6 is kept in a way that an import would refuse: ":                       {Apartments: []domain.Apartment{apartment(6, 4, 1, 1).WithState(state)}},
		"apartment 7 is kept in a way that an import would refuse: ":                       {Apartments: []domain.Apartment{apartment(7, 4, 1, 1).WithState(none)}},
		"the membership of user 8 in block 4 is kept in a way that an import would refuse": {Memberships: []domain.Membership{must(domain.RestoreMembership(8, 4, 0, "king", domain.MembershipActive))}},
	} {
		w := registerfile.NewWriter(new(strings.Builder), registerfile.YAML)
		err := exportOf(register)(t.Context(), w.Reader())
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, domain.Invalid) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What cannot be written is told.
func TestWriterFails(t *testing.T) {
	full := errors.New("the disk is full")
	w := registerfile.NewWriter(failing{full}, registerfile.JSON)
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("the end: %v", err)
	}
	w = registerfile.NewWriter(failing{full}, registerfile.JSON)
	var err error
	for i := 1; err == nil && i < 10_000; i++ {
		err = w.Reader().Block(block(int64(i), "", domain.BlockActive))
	}
	if !errors.Is(err, full) {
		t.Errorf("a row: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, fmt.Errorf("write: %w", f.err) }
