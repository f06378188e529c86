package registerfile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// town is what is kept before a file is imported: block 4 with its manager, user 7, and apartments 1 and 2.
const town = `blocks: [{id: 4, name: Block 4, status: active}]
apartments:
- {id: 1, block: 4, floor: 1, number: 1}
- {id: 2, block: 4, floor: 1, number: 3}
memberships: [{user: 7, block: 4, role: manager, status: active}]
`

// openTown returns an import into a store that has the town.
func openTown(t *testing.T) (*memstore.Store, *application.ImportRegister) {
	t.Helper()
	store := memstore.New()
	imports := application.NewImportRegister(store, time.Now, application.UUIDv7(time.Now))
	if got, err := read(t, town).Import(t.Context(), imports, nil); err != nil || got != (application.Summary{Added: 4}) {
		t.Fatal(got, err)
	}
	return store, imports
}

// What is wrong with rows, and among them, is told at once, by line; what a faulty row may mend is not.
func TestImportFaults(t *testing.T) {
	for _, test := range []struct {
		what, text string
		want       []string
	}{
		{"faults of the import", `memberships:
- {user: 8, block: 4, apartment: 2, role: resident, status: active}
- {user: 8, block: 4, apartment: 2, role: resident, status: active}
apartments:
- {id: 20, block: 4, floor: 1, number: 5}
- {id: 20, block: 4, floor: 1, number: 6}
- {id: 21, block: 4, floor: 1, number: 5}
blocks: [{id: 9, status: active},
  {id: 9, status: active}]
`, []string{
			"line 3: the membership of user 8 stands in line 2 already: keep one of them",
			"line 6: apartment 20 stands in line 5 already: keep one of them",
			"line 7: apartment 21: number 5 of block 4 is apartment 20 in line 5: a number is in a block once",
			"line 9: block 9 stands in line 8 already: keep one of them",
		}},
		{"faults of both", `memberships:
- {user: 7, block: 99, role: manager, status: active}
- {user: 7, block: 4, role: boss, status: active}
apartments:
- {id: 20, block: 98, floor: 1, number: 5}
blocks:
- {id: 98, status: gone}
`, []string{
			"line 2: the membership of user 7: block 99 does not exist: add it to blocks",
			`line 3: memberships: role "boss" is not known: use manager, board_member, cashier, resident or watchman`,
			`line 7: blocks: status "gone" is not known: use active or suspended`,
		}},
		{"faults of rows alone", `blocks:
- {id: 8, status: gone}
- {id: 9, status: active}
`, []string{`line 2: blocks: status "gone" is not known: use active or suspended`}},
		{"a number whose holder may change it in a faulty row", `apartments:
- {id: 22, block: 4, floor: 1, number: 3}
- {id: 23, block: 4, floor: 1, number: 1}
- {id: 2, block: 4, floor: 1}
`, []string{
			"line 3: apartment 23: number 1 of block 4 is apartment 1 already: a number is in a block once",
			"line 4: apartments: number is required",
		}},
		{"a block without an id may be any, an apartment with one is that", `blocks: [{status: active}]
apartments:
- {id: 20, block: 99, floor: 1, number: 5}
- {id: 98, block: 4, floor: 1}
memberships:
- {user: 7, block: 99, role: manager, status: active}
- {user: 7, block: 4, apartment: 98, role: manager, status: active}
- {user: 7, block: 4, apartment: 97, role: manager, status: active}
- {user: 7, block: 4, apartment: 20, role: manager, status: active}
- {user: 7, block: 99, apartment: 1, role: manager, status: active}
`, []string{
			"line 1: blocks: id is required",
			"line 4: apartments: number is required",
			"line 8: the membership of user 7: apartment 97 does not exist: add it to apartments",
			"line 9: the membership of user 7 in block 4 is through apartment 20, which is in block 99",
			"line 10: the membership of user 7 in block 99 is through apartment 1, which is in block 4",
		}},
		{"an unknown list may be any", `block: [{id: 99, status: active}]
apartments: [{id: 20, block: 99, floor: 1, number: 5}]
memberships:
- {user: 7, block: 98, apartment: 97, role: manager, status: active}
`, []string{`line 1: "block" is not known: use blocks, apartments or memberships`}},
	} {
		t.Run(test.what, func(t *testing.T) {
			store, imports := openTown(t)
			file, err := registerfile.Read(strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			before, want := store.Apartments(), strings.Join(test.want, "\n")
			untouched := func(int, int) { t.Error("rows were written") }
			summary, err := file.Import(t.Context(), imports, untouched)
			_, differences, checked := file.Check(t.Context(), imports)
			for _, err := range []error{err, checked} {
				if faults, ok := errors.AsType[registerfile.Faults](err); !ok || faults.Error() != want || !errors.Is(err, domain.Invalid) {
					t.Errorf("faults\n%v\nwant\n%s", err, want)
				}
			}
			if summary != (application.Summary{}) || differences != nil {
				t.Errorf("%v and %v beside faults", summary, differences)
			}
			members := must(store.MembersOf(t.Context(), 8, 0))
			if !slices.Equal(store.Apartments(), before) || len(members) != 0 {
				t.Errorf("the register has %v and %v", store.Apartments(), members)
			}
		})
	}
}

func TestCheckThenImport(t *testing.T) {
	_, imports := openTown(t)
	file := read(t, strings.Replace(town, "Block 4", "Palm Tower", 1))
	want := application.Summary{Changed: 1, Unchanged: 3}
	summary, differences, err := file.Check(t.Context(), imports)
	if err != nil || summary != want || len(differences) != 1 || differences[0].What != "block 4" {
		t.Errorf("checked %v, %v, %v", summary, differences, err)
	}
	if summary, err := file.Import(t.Context(), imports, nil); err != nil || summary != want {
		t.Errorf("imported %v, %v, want %v", summary, err, want)
	}
}

// That the store cannot answer is told as it is, even where the file has faults.
func TestImportIntoAStoreThatIsDown(t *testing.T) {
	imports := application.NewImportRegister(down{}, time.Now, application.UUIDv7(time.Now))
	for _, text := range []string{town, "blocks: [4]"} {
		file := must(registerfile.Read(strings.NewReader(text)))
		if _, err := file.Import(t.Context(), imports, nil); !errors.Is(err, domain.StoreUnavailable) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// down is a store that cannot answer.
type down struct{}

func (down) UpdateRegister(context.Context, application.Scope, func(application.Kept) (application.Changes, error), func(int)) error {
	return domain.StoreUnavailable
}
