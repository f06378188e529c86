package storetest_test

import (
	"slices"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// eachChange breaks each entry of the ledger, and the log with it.
func eachChange(breaking func(e *domain.LedgerEntry)) func(b *broken) {
	return func(b *broken) {
		b.rows = func(rows *storetest.Rows) {
			for i := range rows.Changes {
				breaking(&rows.Changes[i])
			}
			rows.Logs = storetest.LogsOf(rows.Changes)
		}
	}
}

var rowsBreakages = []breakage{
	{"absent coordinates kept as 0", "^Writer$/absent", eachChange(func(e *domain.LedgerEntry) {
		if _, ok := e.Origin.Location.Longitude(); !ok {
			latitude, _ := e.Origin.Location.Latitude()
			e.Origin.Location = must(domain.NewLocation(new(float64), &latitude))
		}
	})},
	{"coordinates kept in 32 bits", "^Writer$/coordinates", eachChange(func(e *domain.LedgerEntry) {
		if degrees, ok := e.Origin.Location.Longitude(); ok {
			latitude, _ := e.Origin.Location.Latitude()
			e.Origin.Location = must(domain.NewLocation(new(float64(float32(degrees))), &latitude))
		}
	})},
	{"users kept in 53 bits", "^Writer$/limits", eachChange(func(e *domain.LedgerEntry) { e.Origin.By = domain.UserID(float64(e.Origin.By)) })},
	{"times kept to the millisecond", "^Writer$/times", eachChange(func(e *domain.LedgerEntry) { e.Origin.At = e.Origin.At.Truncate(time.Millisecond) })},
	{"request ids kept in 32 bytes", "^Writer$/request_ids", eachChange(func(e *domain.LedgerEntry) {
		e.Origin.RequestID = e.Origin.RequestID[:min(32, len(e.Origin.RequestID))]
	})},
	{"sources are not kept", "^Writer$/each_kind", eachChange(func(e *domain.LedgerEntry) { e.Origin.Source = domain.SourceAPI })},
	{"states before are not kept", "^Writer$/each_kind", eachChange(func(e *domain.LedgerEntry) { e.Before = domain.State{} })},
	{"digests are not kept", "^Writer$/several_times", eachChange(func(e *domain.LedgerEntry) { e.Asked = domain.Digest{} })},
	{"positions are not kept", "^Writer$/several_times", eachChange(func(e *domain.LedgerEntry) { e.Position = 0 })},
	{"a gap in a sequence", "^Writer$/without_a_gap", eachChange(func(e *domain.LedgerEntry) {
		if e.Sequence > 5 {
			e.Sequence++
		}
	})},
	{"a sequence twice", "^Writer$/without_a_gap", eachChange(func(e *domain.LedgerEntry) { e.Sequence -= e.Sequence / 9 })},
	{"entries in another order than their commits", "all_together/many_callers", func(b *broken) {
		b.rows = func(rows *storetest.Rows) {
			for i := 7; i+1 < len(rows.Changes); i += 2 {
				one, other := &rows.Changes[i], &rows.Changes[i+1]
				if one.Block == other.Block && one.ChangeSet != other.ChangeSet {
					one.Sequence, other.Sequence = other.Sequence, one.Sequence
				}
			}
		}
	}},
	{"an entry is lost", "^Writer$/each_kind", func(b *broken) {
		b.rows = func(rows *storetest.Rows) { rows.Changes = slices.Delete(rows.Changes, 4, 5) }
	}},
	{"counts are not kept", "^Writer$/frees_its_number", func(b *broken) {
		b.rows = func(rows *storetest.Rows) {
			for i := range rows.Blocks {
				rows.Blocks[i].Registered += rows.Blocks[i].Retired
				rows.Blocks[i].Retired = 0
			}
		}
	}},
	{"versions of blocks are not kept", "^Importer$/each_with_an_entry", func(b *broken) {
		b.rows = func(rows *storetest.Rows) { rows.Blocks[0].Version = 0 }
	}},
	{"versions of apartments are not kept", "^Writer$/each_kind", func(b *broken) {
		b.rows = func(rows *storetest.Rows) { rows.Apartments[0].Version = 1 }
	}},
	{"a time of change where nothing has changed", "^Importer$/each_with_an_entry", func(b *broken) {
		b.rows = func(rows *storetest.Rows) { rows.Apartments[0].ChangedAt = &rows.Apartments[0].RegisteredAt }
	}},
	{"a row of the log twice", "^Writer$/each_kind", func(b *broken) {
		b.rows = func(rows *storetest.Rows) { rows.Logs = append(rows.Logs, rows.Logs[0]) }
	}},
}
