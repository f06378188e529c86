package storetest_test

import (
	"slices"
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
	state := func(floor, number int, status domain.ApartmentStatus) domain.State {
		return must(domain.RestoreState(floor, number, status))
	}
	const registered, retired = domain.ApartmentRegistered, domain.ApartmentRetired
	imported := domain.Origin{At: noon, Source: domain.SourceImport}
	by := domain.Origin{By: 7, At: noon.Add(time.Second), Source: domain.SourceAPI}
	for _, c := range []struct {
		want    string
		disturb func(r *storetest.Rows)
	}{
		{"", func(*storetest.Rows) {}},
		{"block 4 is there twice", func(r *storetest.Rows) { r.Blocks = append(r.Blocks, r.Blocks[0]) }},
		{"apartment 1 is there twice", func(r *storetest.Rows) { r.Apartments[1].ID = 1 }},
		{"number 2 is that of the apartments 1 and 2", func(r *storetest.Rows) { r.Apartments[1].Number = 2 }},
		{"in block 9, which is not there", func(r *storetest.Rows) { r.Apartments[1].Block = 9 }},
		{"an apartment has the id 0", func(r *storetest.Rows) { r.Apartments[1].ID = 0 }},
		{"membership {7 4 2 manager} is there twice", func(r *storetest.Rows) { r.Memberships = append(r.Memberships, r.Memberships[0]) }},
		{"member of block 9, which is not there", func(r *storetest.Rows) { r.Memberships[0] = member(9, 0) }},
		{"through apartment 9, which is not in it", func(r *storetest.Rows) { r.Memberships[0] = member(4, 9) }},
		{"apartment 2 is in the ledger alone", func(r *storetest.Rows) { r.Apartments = slices.Delete(r.Apartments, 1, 2) }},
		{"apartment 9 has no change in the ledger", func(r *storetest.Rows) {
			r.Apartments = append(r.Apartments, storetest.ApartmentRow{ID: 9, Block: 4, Number: 9, Status: retired, RegisteredAt: noon})
		}},
		{"apartment 2 is\n", func(r *storetest.Rows) { r.Apartments[1].Floor = 5 }},
		{"apartment 2 is\n", func(r *storetest.Rows) { r.Apartments[1].Version = 3 }},
		{"apartment 2 is\n", func(r *storetest.Rows) { r.Apartments[1].RegisteredBy = nil }},
		{"apartment 2 is\n", func(r *storetest.Rows) { r.Apartments[1].RegisteredAt = noon }},
		{"apartment 2 is\n", func(r *storetest.Rows) { r.Apartments[1].ChangedAt = &noon }},
		{"apartment 3 is\n", func(r *storetest.Rows) { r.Apartments[2].Status = registered }},
		{"apartment 3 is\n", func(r *storetest.Rows) { r.Apartments[2].ChangedAt = nil }},
		{"has version 5, and the last sequence of its ledger is 4", func(r *storetest.Rows) { r.Blocks[0].Version = 5 }},
		{"counts 3 registered and 1 retired apartments, and has 2 and 1", func(r *storetest.Rows) { r.Blocks[0].Registered = 3 }},
		{"counts 2 registered and 0 retired apartments, and has 2 and 1", func(r *storetest.Rows) { r.Blocks[0].Retired = 0 }},
		{"sequence 5 follows 3", func(r *storetest.Rows) { r.Changes[3].Sequence = 5 }},
		{"sequence 3 follows 3", func(r *storetest.Rows) { r.Changes[3].Sequence = 3 }},
		{"sequence 2 follows 0", func(r *storetest.Rows) { r.Changes = r.Changes[1:] }},
		{"change in block 9, which is not there", func(r *storetest.Rows) { r.Changes[3].Block = 9 }},
		{"has entries elsewhere", func(r *storetest.Rows) { r.Changes[3].ChangeSet = domain.ChangeSetID{1} }},
		{"position 0 follows 0", func(r *storetest.Rows) { r.Changes[2].Position = 0 }},
		{"and has a digest", func(r *storetest.Rows) { r.Changes[2].Asked = domain.Digest{1} }},
		{"and the entry says", func(r *storetest.Rows) { r.Changes[3].Before = state(2, 4, registered) }},
		{"and the entry says", func(r *storetest.Rows) { r.Changes[3].Before = domain.State{} }},
		{"a change of kind correct", func(r *storetest.Rows) { r.Changes[3].Kind = domain.ChangeCorrect }},
		{"a change of kind restore", func(r *storetest.Rows) { r.Changes[3].Kind = domain.ChangeRestore }},
		{"a change of kind gone", func(r *storetest.Rows) { r.Changes[3].Kind = "gone" }},
		{"a change of kind import by user 7", func(r *storetest.Rows) { r.Changes[0].Origin.By = 7 }},
		{"a change of kind retire by user 0", func(r *storetest.Rows) { r.Changes[3].Origin.By = 0 }},
		{"number 2 is registered 2 times", func(r *storetest.Rows) { r.Changes[1].After = state(1, 2, registered) }},
		{"the log is not that of the ledger", func(r *storetest.Rows) { r.Logs = r.Logs[1:] }},
		{"the log is not that of the ledger", func(r *storetest.Rows) { r.Logs[0].User = 8 }},
		{"the log is not that of the ledger", func(r *storetest.Rows) { r.Logs[0].Action = "createApartment" }},
		{"the log is not that of the ledger", func(r *storetest.Rows) { r.Logs = append(r.Logs, r.Logs[0]) }},
	} {
		rows := storetest.Rows{
			Blocks: []storetest.BlockRow{{Block: must(domain.NewBlock(4, "", domain.BlockActive)), Version: 4, Registered: 2, Retired: 1}},
			Apartments: []storetest.ApartmentRow{
				{ID: 1, Block: 4, Number: 2, Status: registered, RegisteredAt: noon, Version: 1},
				{ID: 2, Block: 4, Floor: 1, Number: 3, Status: registered, RegisteredBy: new(domain.UserID(7)), RegisteredAt: by.At, Version: 2},
				{ID: 3, Block: 4, Floor: 1, Number: 4, Status: retired, RegisteredBy: new(domain.UserID(7)), RegisteredAt: by.At, ChangedAt: &by.At, Version: 4},
			},
			Memberships: []domain.Membership{member(4, 2)},
			Changes: []domain.LedgerEntry{
				{Block: 4, Sequence: 1, ChangeSet: domain.ChangeSetID{1}, Kind: domain.ChangeImport, Apartment: 1, After: state(0, 2, registered), Origin: imported},
				{Block: 4, Sequence: 2, ChangeSet: domain.ChangeSetID{2}, Kind: domain.ChangeRegister, Apartment: 2, After: state(1, 3, registered), Origin: by, Asked: domain.Digest{9}},
				{Block: 4, Sequence: 3, ChangeSet: domain.ChangeSetID{2}, Position: 1, Kind: domain.ChangeRegister, Apartment: 3, After: state(1, 4, registered), Origin: by},
				{Block: 4, Sequence: 4, ChangeSet: domain.ChangeSetID{3}, Kind: domain.ChangeRetire, Apartment: 3, Before: state(1, 4, registered), After: state(1, 4, retired), Origin: by},
			},
		}
		rows.Logs = storetest.LogsOf(rows.Changes)
		c.disturb(&rows)
		got := strings.Join(rows.Contradictions(), "\n")
		if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("contradictions %q, want %q", got, c.want)
		}
	}
}
