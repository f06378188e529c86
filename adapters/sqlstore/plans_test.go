package sqlstore_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/tables"
)

// A register in which the optimizer has a choice. Half of the apartments of the block that is read are retired: forty of each of
// 25 numbers. Of the thousand entries of each hundred users, one has kind restore.
const (
	largeBlocks, apartmentsInEach = 20, 2000
	blockRead                     = 7
	firstRead                     = (blockRead-1)*apartmentsInEach + 1
	retiredOfNumber               = 40
	ledgerOfBlockRead             = 20_000
	entriesOfSet                  = 10
)

func fillLarge(t testing.TB, db *sql.DB) {
	t.Helper()
	const at = "2026-03-04 12:00:00.000000"
	var blocks, apartments, changes [][]any
	for b := 1; b <= largeBlocks; b++ {
		blocks = append(blocks, []any{b, "A block", "active", ledgerOfBlockRead, apartmentsInEach, 0})
		for i := range apartmentsInEach {
			number, live := i+1, new(1)
			if b == blockRead && i%2 == 1 {
				number, live = 1+i%50, nil
			}
			apartments = append(apartments, []any{(b-1)*apartmentsInEach + i + 1, b, i / 20, number, live, at, i + 1})
		}
	}
	for i := 1; i <= ledgerOfBlockRead; i++ {
		kind := "correct"
		if i%1000 == 0 {
			kind = "restore"
		}
		set := binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i/entriesOfSet))
		changes = append(changes, []any{blockRead, i, set, i % entriesOfSet, kind, firstRead + i%apartmentsInEach, 1 + i/100, "api", at})
	}
	insertRows(t, db, "blocks (id, name, status, version, registered, retired)", blocks)
	insertRows(t, db, "apartments (id, block_id, floor, number, live, registered_at, version)", apartments)
	insertRows(t, db, "changes (block_id, sequence, change_set_id, position, kind, apartment_id, user_id, source, at)", changes)
}

func insertRows(t testing.TB, db *sql.DB, into string, rows [][]any) {
	t.Helper()
	one := "(" + strings.Repeat(", ?", len(rows[0]))[2:] + ")"
	for chunk := range slices.Chunk(rows, 500) {
		text := "INSERT INTO " + into + " VALUES " + strings.Repeat(", "+one, len(chunk))[2:]
		if _, err := db.ExecContext(t.Context(), text, slices.Concat(chunk...)...); err != nil {
			t.Fatal(err)
		}
	}
}

// read is something that a store is asked for.
type read struct {
	name string
	do   func(t *testing.T, s *sqlstore.Store) (items int)
	// looksAt is how many rows it may look at beside those that it returns; sorts says that it may sort what it has read.
	looksAt int
	sorts   bool
}

const pageRead = 10

// reads are every filter in every order, from the beginning and from the middle.
func reads() (all []read) {
	registered, retired := domain.ApartmentRegistered, domain.ApartmentRetired
	statuses := [][]domain.ApartmentStatus{{registered}, {retired}, {registered, retired}}
	orders := []application.ApartmentOrder{application.ByNumber, application.ByNumberDescending, application.ByFloor, application.ByFloorDescending}
	floor, number := must(domain.NewFloor(1)), must(domain.NewNumber(30))
	filters := []application.ApartmentQuery{
		{}, {Floor: floor}, {Number: number}, {NumberPrefix: 1}, {Floor: floor, Number: number}, {Floor: floor, NumberPrefix: 3}, {Number: number, NumberPrefix: 3},
	}
	cursors := []*application.ApartmentCursor{nil, {Floor: 1, Number: 30, ID: firstRead + 29}}
	for _, q := range filters {
		for _, q.Statuses = range statuses {
			for _, q.Order = range orders {
				for _, q.After = range cursors {
					q.Block, q.Limit = blockRead, pageRead
					all = append(all, apartmentsRead(q))
				}
			}
		}
	}
	sequences := []*domain.Sequence{nil, new(domain.Sequence(10_000))}
	for _, q := range []application.LedgerQuery{
		{}, {Apartment: firstRead + 5}, {By: 7}, {Kind: domain.ChangeRestore}, {Apartment: firstRead + 5, Kind: domain.ChangeRestore},
		{Since: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}, {Until: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)},
	} {
		for _, q.Descending = range []bool{false, true} {
			for _, q.After = range sequences {
				q.Block, q.Limit = blockRead, pageRead
				all = append(all, changesRead(q))
			}
		}
	}
	return append(all,
		read{name: "blocks by id", do: func(t *testing.T, s *sqlstore.Store) int {
			return 3 * len(must(s.BlocksByID(t.Context(), []domain.BlockID{3, blockRead, 404, 20, 1}))) // the row, and a seek to either end
		}},
		read{name: "apartments by id", do: func(t *testing.T, s *sqlstore.Store) int {
			return len(must(s.ApartmentsByID(t.Context(), blockRead, []domain.ApartmentID{firstRead, firstRead + 1, 1, 99_999})))
		}},
		read{name: "entries of a change set", do: func(t *testing.T, s *sqlstore.Store) int {
			return len(must(s.ChangeSetEntries(t.Context(), blockRead, domain.ChangeSetID{14: 1, 15: 3})))
		}},
	)
}

func apartmentsRead(q application.ApartmentQuery) read {
	r := read{name: fmt.Sprintf("apartments %v by %q floor=%v number=%v prefix=%d after=%t", q.Statuses, q.Order, q.Floor, q.Number, q.NumberPrefix, q.After != nil)}
	byFloor := q.Order == application.ByFloor || q.Order == application.ByFloorDescending
	switch {
	case byFloor && q.Floor == domain.Floor{} && q.Number != domain.Number{}:
		r.sorts, r.looksAt = true, 2*retiredOfNumber
	case byFloor && q.Floor == domain.Floor{} && q.NumberPrefix != 0:
		r.looksAt = apartmentsInEach // the entries of the index
	case slices.Contains(q.Statuses, domain.ApartmentRetired) && (q.After != nil || q.Number != domain.Number{}):
		r.looksAt = retiredOfNumber // on MariaDB
	}
	read := 1
	if len(q.Statuses) > 1 { // a page of each, which the statement then reads again
		read = 2 * len(q.Statuses)
	}
	r.do = func(t *testing.T, s *sqlstore.Store) int {
		return read * len(must(s.FindApartments(t.Context(), q)).Items)
	}
	return r
}

func changesRead(q application.LedgerQuery) read {
	r := read{name: fmt.Sprintf("changes apartment=%d by=%d kind=%s since=%t until=%t desc=%t after=%t", q.Apartment, q.By, q.Kind, !q.Since.IsZero(), !q.Until.IsZero(), q.Descending, q.After != nil)}
	if q.Apartment != 0 {
		r.looksAt = ledgerOfBlockRead / apartmentsInEach
	} else if q.By != 0 || q.Kind != "" || !q.Since.IsZero() || !q.Until.IsZero() {
		r.looksAt = 10_000
	}
	r.do = func(t *testing.T, s *sqlstore.Store) int { return len(must(s.FindChanges(t.Context(), q)).Items) }
	return r
}

// Whatever is asked for, an index finds it: on servers, as they count, no more rows are read than are returned, but for what is
// said of it; on SQLite, by its plans, nothing is scanned and nothing sorted.
func TestReadsLookAtNoMoreThanTheyReturn(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			address, told := k.empty(t), &statements{}
			store := must(sqlstore.Open(t.Context(), address, sqlstore.Options{MaxConnections: 1, Logger: slog.New(told)}))
			defer store.Close() //nolint:errcheck // nothing was written
			must(store.Migrate(t.Context()))
			db := tables.Open(t, address)
			fillLarge(t, db)
			if k.dialect == "sqlite" {
				for _, r := range reads() {
					told.texts = nil
					r.do(t, store)
					for _, text := range told.texts {
						wantSearches(t, db, r, text)
					}
				}
				return
			}
			pool := store.Pools()["mysql"] // its one connection
			for _, r := range reads() {
				before := rowsRead(t, pool)
				own := rowsRead(t, pool) - before
				before += own
				items := r.do(t, store)
				if got := rowsRead(t, pool) - before - own; got > items+r.looksAt+fewRows {
					t.Errorf("%s: %d rows read for %d that were returned", r.name, got, items)
				}
			}
		})
	}
}

// Where a number is several apartments', retired ones, pages of some of them are all of them, in order.
func TestPagesOfOneNumber(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			address := k.empty(t)
			store := migrated(t, address, 0)
			fillLarge(t, tables.Open(t, address))
			all := func(q application.ApartmentQuery) (ids []domain.ApartmentID) {
				for {
					page := must(store.FindApartments(t.Context(), q))
					for _, a := range page.Items {
						ids = append(ids, a.ID())
					}
					if page.Next == nil {
						return ids
					}
					q.After = page.Next
				}
			}
			for _, q := range []application.ApartmentQuery{
				{Number: must(domain.NewNumber(30))}, {NumberPrefix: 30}, {NumberPrefix: 4}, {Floor: must(domain.NewFloor(1))}, {},
			} {
				q.Block, q.Statuses = blockRead, []domain.ApartmentStatus{domain.ApartmentRetired}
				for _, q.Order = range []application.ApartmentOrder{application.ByNumber, application.ByNumberDescending, application.ByFloor, application.ByFloorDescending} {
					q.Limit = application.MaxPageSize
					want := all(q)
					q.Limit = 7
					if got := all(q); len(want) == 0 || !slices.Equal(got, want) {
						t.Errorf("%+v: pages of %d apartments, of %d", q, len(got), len(want))
					}
				}
			}
		})
	}
}

// fewRows are those that tell that there is a next page, and the seeks to the ranges of an index.
const fewRows = 24

func rowsRead(t *testing.T, db *sql.DB) (sum int) {
	t.Helper()
	rows := must(db.QueryContext(t.Context(), "SHOW SESSION STATUS LIKE 'Handler_read%'"))
	defer rows.Close() //nolint:errcheck // Err has it
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return sum
}

// wantSearches fails the test unless SQLite finds what a statement reads.
func wantSearches(t *testing.T, db *sql.DB, r read, text string) {
	t.Helper()
	rows := must(db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...))
	defer rows.Close() //nolint:errcheck // Err has it
	var searches int
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(step, "SEARCH") {
			searches++
		}
		scans := strings.HasPrefix(step, "SCAN") && step != "SCAN a" && step != "SCAN b" // what a UNION is of
		if scans || strings.Contains(step, "TEMP B-TREE") && !r.sorts {
			t.Errorf("%s: %s: %s", r.name, text, step)
		}
	}
	if err := rows.Err(); err != nil || searches == 0 {
		t.Errorf("%s: %s: searches nothing, %v", r.name, text, err)
	}
}

// statements takes the texts of statements from a store's log.
type statements struct {
	slog.Handler
	texts []string
}

func (*statements) Enabled(context.Context, slog.Level) bool { return true }

func (s *statements) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "sql" {
			s.texts = append(s.texts, a.Value.String())
		}
		return true
	})
	return nil
}
