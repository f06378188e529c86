package linearizability

import (
	"cmp"
	"slices"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// Kept is what a store holds.
type Kept struct {
	Blocks     []BlockRow
	Apartments []Apartment
	// Entries are in the order of their blocks and sequences.
	Entries []Entry
}

// BlockRow is a block as it is kept.
type BlockRow struct {
	ID                  domain.BlockID
	Version             domain.Sequence
	Registered, Retired int
}

// KeptIn returns what rows hold.
func KeptIn(rows storetest.Rows) Kept {
	var k Kept
	for _, b := range rows.Blocks {
		k.Blocks = append(k.Blocks, BlockRow{ID: b.ID(), Version: b.Version, Registered: b.Registered, Retired: b.Retired})
	}
	for _, row := range rows.Apartments {
		a := Apartment{
			ID: row.ID, Block: row.Block, State: State{row.Floor, row.Number, row.Status},
			RegisteredAt: micros(row.RegisteredAt), ChangedAt: micros(row.RegisteredAt), Version: row.Version,
		}
		if row.RegisteredBy != nil {
			a.RegisteredBy = *row.RegisteredBy
		}
		if row.ChangedAt != nil {
			a.ChangedAt = micros(*row.ChangedAt)
		}
		k.Apartments = append(k.Apartments, a)
	}
	for _, e := range rows.Changes {
		k.Entries = append(k.Entries, ofEntry(e))
	}
	slices.SortFunc(k.Blocks, func(a, b BlockRow) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(k.Apartments, func(a, b Apartment) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(k.Entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.Sequence, b.Sequence))
	})
	return k
}
