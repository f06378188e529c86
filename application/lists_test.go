package application_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// sizes are how many items a page has that is asked for with a limit.
var sizes = map[int]int{-1: 100, 0: 100, 1: 1, 99: 99, 1000: 1000, 1001: 1000, 1 << 40: 1000}

func TestPageSize(t *testing.T) {
	for asked, want := range sizes {
		if got := application.PageSize(asked); got != want {
			t.Errorf("%d: %d, want %d", asked, got, want)
		}
	}
}

// tower has a block 4 of 1,100 apartments, numbered from 1, with as many entries in its ledger.
func tower() *memstore.Store {
	numbers := make([]int, 1100)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return memstore.New().WithBlock(4, "Tower", memstore.Apartments(3, numbers...)...).WithManager(7, 4)
}

func TestPagesOfLists(t *testing.T) {
	app := over(tower())
	for limit, size := range sizes {
		apartments := application.ListApartmentsInput{User: 7, ApartmentQuery: application.ApartmentQuery{Block: 4, Limit: limit}}
		page, err := app.ListApartments.List(t.Context(), apartments)
		if err != nil || len(page.Items) != size || page.Next == nil || page.Next.Number != size || page.Version != 1100 {
			t.Errorf("limit %d: %d apartments, next %+v, version %d, %v", limit, len(page.Items), page.Next, page.Version, err)
		}
		entries, err := app.ReadLedger.Read(t.Context(), application.ReadLedgerInput{User: 7, LedgerQuery: application.LedgerQuery{Block: 4, Limit: limit}})
		if err != nil || len(entries.Items) != size || entries.Next == nil || *entries.Next != domain.Sequence(size) || entries.Version != 1100 {
			t.Errorf("limit %d: %d entries, next %v, version %d, %v", limit, len(entries.Items), entries.Next, entries.Version, err)
		}
	}
}

// Page after page, each item comes once, and the last page has no next.
func TestPageAfterPage(t *testing.T) {
	app := over(tower())
	var numbers []int
	apartments := application.ListApartmentsInput{User: 7, ApartmentQuery: application.ApartmentQuery{Block: 4, Limit: 300, Order: application.ByNumberDescending}}
	for pages := 1; ; pages++ {
		page, err := app.ListApartments.List(t.Context(), apartments)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Items {
			numbers = append(numbers, a.Number().Int())
		}
		if page.Next == nil {
			if pages != 4 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		apartments.After = page.Next
	}
	if len(numbers) != 1100 || numbers[0] != 1100 || numbers[1099] != 1 || !slices.IsSortedFunc(numbers, func(a, b int) int { return b - a }) {
		t.Errorf("%d numbers", len(numbers))
	}

	var sequences []domain.Sequence
	entries := application.ReadLedgerInput{User: 7, LedgerQuery: application.LedgerQuery{Block: 4, Limit: 550}}
	for {
		page, err := app.ReadLedger.Read(t.Context(), entries)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			sequences = append(sequences, e.Sequence)
		}
		if page.Next == nil {
			break
		}
		entries.After = page.Next
	}
	if len(sequences) != 1100 || sequences[0] != 1 || sequences[1099] != 1100 || !slices.IsSorted(sequences) {
		t.Errorf("%d sequences", len(sequences))
	}
}

func TestListApartmentsFilters(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	change(t, app, register(0, 30), register(0, 31), register(2, 4), retire(2))
	for _, c := range []struct {
		query application.ApartmentQuery
		want  []int
	}{
		{application.ApartmentQuery{}, []int{1, 4, 30, 31}},
		{application.ApartmentQuery{Order: application.ByFloor}, []int{30, 31, 1, 4}},
		{application.ApartmentQuery{Order: application.ByFloorDescending}, []int{4, 1, 31, 30}},
		{application.ApartmentQuery{Statuses: rows(domain.ApartmentRetired)}, []int{3}},
		{application.ApartmentQuery{Statuses: rows(domain.ApartmentRetired, domain.ApartmentRegistered)}, []int{1, 3, 4, 30, 31}},
		{application.ApartmentQuery{Floor: floorAt(0)}, []int{30, 31}},
		{application.ApartmentQuery{Number: numbered(4)}, []int{4}},
		{application.ApartmentQuery{NumberPrefix: 3, Statuses: rows(domain.ApartmentRetired, domain.ApartmentRegistered)}, []int{3, 30, 31}},
		{application.ApartmentQuery{Floor: floorAt(9)}, nil},
	} {
		c.query.Block = 4
		page, err := app.ListApartments.List(t.Context(), application.ListApartmentsInput{User: 8, ApartmentQuery: c.query})
		var got []int
		for _, a := range page.Items {
			got = append(got, a.Number().Int())
		}
		if err != nil || !slices.Equal(got, c.want) || page.Next != nil || page.Version != 6 {
			t.Errorf("%+v: %v, %v, want %v", c.query, got, err, c.want)
		}
	}
}

func TestGetApartment(t *testing.T) {
	app := over(newStore(t, town()))
	change(t, app, retire(2))
	get := func(block domain.BlockID, id domain.ApartmentID) (domain.Apartment, error) {
		return app.GetApartment.Get(t.Context(), application.GetApartmentInput{User: 10, Block: block, Apartment: id})
	}
	a, err := get(4, 2) // a retired one, too
	if err != nil || a.ID() != 2 || a.Status() != domain.ApartmentRetired || a.Version() != 3 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, id := range []domain.ApartmentID{3, 99, 0, domain.NoSuchApartment} { // the first is in another block
		a, err := get(4, id)
		wantNothing(t, a, err, domain.NotFound)
	}
}

func blockText(b application.BlockOutput) string {
	return fmt.Sprintf("%d %s v%d, %d and %d retired, %v to %v: %v", b.ID(), b.Name(), b.Version, b.Registered, b.Retired, b.Lowest.Level(), b.Highest.Level(), b.Permissions)
}

func TestGetBlock(t *testing.T) {
	app := over(newStore(t, town()))
	change(t, app, retire(2), register(-2, 30), register(9, 31))
	for user, want := range map[domain.UserID]string{
		7: "4 Block 4 v5, 3 and 1 retired, -2 to 9: [read readLedger readLocations write]",
		8: "4 Block 4 v5, 3 and 1 retired, -2 to 9: [read]",
	} {
		b, err := app.GetBlock.Get(t.Context(), application.GetBlockInput{User: user, Block: 4})
		if got := blockText(b); err != nil || got != want {
			t.Errorf("user %d: %s, %v, want %s", user, got, err, want)
		}
	}
}

// emptied is a store whose blocks are gone by the time that they are read.
type emptied struct{ *memstore.Store }

func (emptied) BlocksByID(context.Context, []domain.BlockID) ([]application.BlockSummary, error) {
	return nil, nil
}

func TestGetBlockThatIsGone(t *testing.T) {
	out, err := over(emptied{newStore(t, town())}).GetBlock.Get(t.Context(), application.GetBlockInput{User: 7, Block: 4})
	wantNothing(t, out, err, domain.NotFound)
}

// blocksOf has user 7 in blocks 1 to 1,050: a resident of all, the manager of every tenth. Of what is suspended, or where the
// membership is not active, nothing is listed.
func blocksOf(t *testing.T) *memstore.Store {
	t.Helper()
	register := application.Register{
		Blocks:      rows(block(2000, "Closed", domain.BlockSuspended), block(2001, "Pending", domain.BlockActive), block(2002, "Another's", domain.BlockActive)),
		Memberships: rows(manages(7, 2000, 0), membership(7, 2001, 0, manager, domain.MembershipPending), manages(8, 2002, 0)),
	}
	for id := domain.BlockID(1); id <= 1050; id++ {
		register.Blocks = append(register.Blocks, block(id, fmt.Sprintf("Block %d", id), domain.BlockActive))
		register.Memberships = append(register.Memberships, livesIn(7, id, 0))
		if id%10 == 0 {
			register.Memberships = append(register.Memberships, manages(7, id, 0))
		}
	}
	slices.Reverse(register.Memberships) // a store has them in no particular order
	return newStore(t, register)
}

func TestListBlocks(t *testing.T) {
	app := over(blocksOf(t))
	for limit, size := range sizes {
		page, err := app.ListBlocks.List(t.Context(), application.ListBlocksInput{User: 7, Limit: limit})
		if err != nil || len(page.Items) != size || page.Next == nil || *page.Next != domain.BlockID(size) {
			t.Errorf("limit %d: %d blocks, next %v, %v", limit, len(page.Items), page.Next, err)
		}
	}
	in := application.ListBlocksInput{User: 7, Limit: 350}
	var ids []domain.BlockID
	for {
		page, err := app.ListBlocks.List(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Items {
			ids = append(ids, b.ID())
			want := []domain.Action{domain.ActionRead}
			if b.ID()%10 == 0 {
				want = append(want, domain.ActionReadLedger, domain.ActionReadLocations, domain.ActionWrite)
			}
			if !slices.Equal(b.Permissions, want) {
				t.Errorf("block %d: permissions %v", b.ID(), b.Permissions)
			}
		}
		if page.Next == nil {
			break
		}
		in.After = page.Next
	}
	if len(ids) != 1050 || ids[0] != 1 || ids[1049] != 1050 || !slices.IsSorted(ids) {
		t.Errorf("%d blocks", len(ids))
	}
}

func TestListBlocksOfFewOrNone(t *testing.T) {
	app := over(blocksOf(t))
	for _, c := range []struct {
		in   application.ListBlocksInput
		want int
	}{
		{application.ListBlocksInput{User: 8}, 1},
		{application.ListBlocksInput{User: 8, After: new(domain.BlockID(2001)), Limit: 1}, 1}, // the last page, and full
		{application.ListBlocksInput{User: 8, After: new(domain.BlockID(2002))}, 0},
		{application.ListBlocksInput{User: 9}, 0},
		{application.ListBlocksInput{}, 0},
	} {
		page, err := app.ListBlocks.List(t.Context(), c.in)
		if err != nil || len(page.Items) != c.want || page.Next != nil {
			t.Errorf("%+v: %+v, %v", c.in, page, err)
		}
	}
}

func TestListBlocksUnavailable(t *testing.T) {
	for _, port := range []string{"MembersOf", "BlocksByID"} {
		page, err := over(failing{blocksOf(t), port}).ListBlocks.List(t.Context(), application.ListBlocksInput{User: 7, Limit: 1})
		wantNothing(t, page, err, domain.StoreUnavailable)
	}
}

// Where devices were is the manager's to see.
func TestReadLedgerHidesLocations(t *testing.T) {
	store := memstore.New().WithBlock(4, "Palm Tower", memstore.Apartments(0, 1)...).WithManager(7, 4).WithMember(11, 4, domain.RoleBoardMember)
	app := over(store)
	here := must(domain.NewLocation(new(31.25), new(30.05)))
	retirement := application.RetireApartmentInput{Caller: application.Caller{User: 7, Location: here, RequestID: "request"}, Block: 4, Apartment: 1}
	if _, err := app.RetireApartment.Retire(t.Context(), retirement); err != nil {
		t.Fatal(err)
	}
	read := func(user domain.UserID) []domain.LedgerEntry {
		page, err := app.ReadLedger.Read(t.Context(), application.ReadLedgerInput{User: user, LedgerQuery: application.LedgerQuery{Block: 4}})
		if err != nil || len(page.Items) != 2 || page.Version != 2 {
			t.Fatalf("user %d: %+v, %v", user, page, err)
		}
		return page.Items
	}
	hidden, shown := read(11), read(7)
	if shown[1].Origin.Location != here || hidden[1].Origin.Location != (domain.Location{}) {
		t.Errorf("shown %+v, hidden %+v", shown[1].Origin, hidden[1].Origin)
	}
	shown[1].Origin.Location = domain.Location{}
	if !slices.Equal(shown, hidden) {
		t.Errorf("more than the location is hidden: %+v of %+v", hidden, shown)
	}
	if read(7)[1].Origin.Location != here {
		t.Error("the location is gone")
	}
}

func TestReadLedgerFilters(t *testing.T) {
	store := newStore(t, town())
	at := now.Add(time.Minute)
	app := application.New(store, application.WithClock(func() time.Time { return at }))
	change(t, app, register(0, 30), retire(2)) // 3 and 4, a minute after the import
	at = at.Add(time.Minute)
	change(t, app, renumber(1, 9)) // 5
	at = at.Add(time.Minute)
	if _, err := app.RestoreApartment.Restore(t.Context(), application.RestoreApartmentInput{Caller: application.Caller{User: 10}, Block: 4, Apartment: 2}); err != nil {
		t.Fatal(err)
	}
	minute := func(n int) time.Time { return kept.Add(time.Duration(n) * time.Minute) }
	for _, c := range []struct {
		query application.LedgerQuery
		want  []domain.Sequence
	}{
		{application.LedgerQuery{}, rows[domain.Sequence](1, 2, 3, 4, 5, 6)},
		{application.LedgerQuery{Descending: true, Limit: 2}, rows[domain.Sequence](6, 5)},
		{application.LedgerQuery{After: new(domain.Sequence(4))}, rows[domain.Sequence](5, 6)},
		{application.LedgerQuery{Apartment: 2}, rows[domain.Sequence](2, 4, 6)},
		{application.LedgerQuery{By: 10}, rows[domain.Sequence](6)},
		{application.LedgerQuery{Kind: domain.ChangeImport}, rows[domain.Sequence](1, 2)},
		{application.LedgerQuery{Since: minute(1), Until: minute(2)}, rows[domain.Sequence](3, 4)},
		{application.LedgerQuery{Since: minute(4)}, nil},
	} {
		c.query.Block = 4
		page, err := app.ReadLedger.Read(t.Context(), application.ReadLedgerInput{User: 7, LedgerQuery: c.query})
		var got []domain.Sequence
		for _, e := range page.Items {
			got = append(got, e.Sequence)
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v, %v, want %v", c.query, got, err, c.want)
		}
	}
}
