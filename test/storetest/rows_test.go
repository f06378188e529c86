package storetest_test

import (
	"strings"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// must is for values that a test only needs: one that cannot be built is a fault of the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestContradictions(t *testing.T) {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	member := func(block domain.BlockID, through domain.ApartmentID) domain.Membership {
		return must(domain.NewMembership(7, block, through, domain.RoleManager, domain.MembershipActive))
	}
	for _, c := range []struct {
		want    string
		disturb func(r *storetest.Rows)
	}{
		{"", func(*storetest.Rows) {}},
		{"block 4 is there twice", func(r *storetest.Rows) { r.Blocks = append(r.Blocks, r.Blocks[0]) }},
		{"apartment 1 is there twice", func(r *storetest.Rows) { r.Apartments[1].ID = 1 }},
		{"number [4 2] is there twice", func(r *storetest.Rows) { r.Apartments[1].Number = 2 }},
		{"registration 01", func(r *storetest.Rows) { r.Apartments[1].Registration = r.Apartments[0].Registration }},
		{"in block 9, which is not there", func(r *storetest.Rows) { r.Apartments[1].Block = 9 }},
		{"an apartment has the id 0", func(r *storetest.Rows) { r.Apartments[1].ID = 0 }},
		{"without the other", func(r *storetest.Rows) { r.Apartments[1].RegisteredBy = new(domain.UserID(7)) }},
		{"without the other", func(r *storetest.Rows) { r.Apartments[0].RegisteredBy = nil }},
		{"membership {7 4 2 manager} is there twice", func(r *storetest.Rows) { r.Memberships = append(r.Memberships, r.Memberships[0]) }},
		{"member of block 9, which is not there", func(r *storetest.Rows) { r.Memberships[0] = member(9, 0) }},
		{"through apartment 9, which is not in it", func(r *storetest.Rows) { r.Memberships[0] = member(4, 9) }},
		{"has no registration", func(r *storetest.Rows) { r.Logs[0].Registration = nil }},
		{"is logged twice", func(r *storetest.Rows) { r.Logs = append(r.Logs, r.Logs[0]) }},
		{"and no apartment has it", func(r *storetest.Rows) { r.Apartments = r.Apartments[1:] }},
		{"is not logged", func(r *storetest.Rows) { r.Logs = nil }},
		{"is logged as", func(r *storetest.Rows) { r.Logs[0].Record = 2 }},
		{"is logged as", func(r *storetest.Rows) { r.Logs[0].Block = 5 }},
		{"is logged as", func(r *storetest.Rows) { r.Logs[0].User = 8 }},
		{"is logged as", func(r *storetest.Rows) { r.Logs[0].Action = "createApartment" }},
		{"is logged as", func(r *storetest.Rows) { r.Logs[0].CreatedAt = noon.Add(time.Microsecond) }},
	} {
		registration := &domain.RegistrationID{0: 1}
		rows := storetest.Rows{
			Blocks: []domain.Block{must(domain.NewBlock(4, "", domain.BlockActive))},
			Apartments: []storetest.ApartmentRow{
				{ID: 1, Registration: registration, Block: 4, Number: 2, RegisteredBy: new(domain.UserID(7)), RegisteredAt: noon},
				{ID: 2, Block: 4, Number: 3, RegisteredAt: noon},
			},
			Memberships: []domain.Membership{member(4, 2)},
			Logs:        []storetest.LogRow{{Registration: registration, User: 7, Action: "CreateApartment", Block: 4, Record: 1, CreatedAt: noon}},
		}
		c.disturb(&rows)
		got := strings.Join(rows.Contradictions(), "\n")
		if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("contradictions %q, want %q", got, c.want)
		}
	}
}
