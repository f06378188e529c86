package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var ledgerPromises = []promise[LedgerStore]{
	{"every filter, ascending and descending, in pages of every size", ledgerFilters},
	{"a page begins after any sequence, be it one or not", ledgerAfter},
	{"a page has as many as is asked for, within its limits", ledgerLimit},
	{"the entries of a change set", ledgerChangeSets},
	{"what goes out is copied", ledgerCopied},
	{"who has read up to a sequence never finds another at or below it", ledgerInOrder},
	{"unavailable to a caller who is gone", ledgerGone},
}

// checkLedgerPage says what is wrong with a page, or nothing. It may have fewer entries than its limit, and yet not be the last.
func (m *model) checkLedgerPage(q application.LedgerQuery, page application.Page[domain.LedgerEntry, domain.Sequence]) string {
	want := m.changes(q)
	if len(page.Items) > application.PageSize(q.Limit) {
		return fmt.Sprintf("%d entries, with a limit of %d", len(page.Items), q.Limit)
	}
	if page.Next != nil { // all that come before the next page are on this one
		want = slices.DeleteFunc(want, func(e domain.LedgerEntry) bool {
			return (!q.Descending && e.Sequence > *page.Next) || (q.Descending && e.Sequence < *page.Next)
		})
	}
	return difference("entries", page.Items, want)
}

// wantChanges reads page after page, and compares each with the model.
func wantChanges(t *testing.T, s *subject[LedgerStore], q application.LedgerQuery) int {
	t.Helper()
	entries := 0
	const most = 1000
	for range most {
		page, err := s.Store.FindChanges(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := s.model.checkLedgerPage(q, page); wrong != "" {
			t.Errorf("query %+v: %s", q, wrong)
		}
		entries += len(page.Items)
		if page.Next == nil {
			return entries
		}
		if q.After != nil && (*page.Next == *q.After || (*page.Next < *q.After) != q.Descending) {
			t.Fatalf("query %+v: the next page begins after %d", q, *page.Next)
		}
		q.After = page.Next
	}
	t.Fatalf("query %+v: %d pages, and no last one", q, most)
	return 0
}

// pastOf is a block with a history of some sixty changes of all kinds, by several users at several times, and another beside it.
func pastOf(t *testing.T, k *kept) {
	t.Helper()
	k.update(t, five())
	k.update(t, changeSets(application.Changes{
		At: noon, NewBlocks: []domain.Block{block(5, "", domain.BlockActive)}, NewApartments: []domain.Apartment{apartment(50, 5, 1, 1)},
	}))
	for i := range 12 {
		spec := asked(1+i, register(i, 100+i), correct(domain.ApartmentID(1+i%5), i+1, 0), retire(domain.ApartmentID(1+i%5)), restore(domain.ApartmentID(1+i%5)))
		spec.Origin.By, spec.Origin.At = domain.UserID(1+i%3), noon.Add(time.Duration(i%4)*time.Second) // not in the order of commits
		if i == 3 {
			spec.Changes = append(spec.Changes, register(0, 100).IfAbsent(), correct(1, unmoved, 0))
		}
		if _, err := k.apply(t, spec); err != nil {
			t.Fatal(err)
		}
		k.done(t, askedIn(5, 100+i, correct(50, 2+i, 0)))
	}
	k.update(t, changeSets(application.Changes{At: noon.Add(time.Hour), ChangedApartments: []application.ApartmentChange{
		{Apartment: k.model.blocks[4].apartments[1], After: state(9, 2, domain.ApartmentRegistered)},
		{Apartment: k.model.blocks[4].apartments[2], After: state(9, 1, domain.ApartmentRegistered)},
	}}))
}

func ledgerFilters(t *testing.T, s *subject[LedgerStore]) {
	pastOf(t, s.kept)
	var queries []application.LedgerQuery
	for _, apartment := range []domain.ApartmentID{0, 1, 50, 99} {
		for _, by := range []domain.UserID{0, 1, 99} {
			for _, kind := range []domain.ChangeKind{"", domain.ChangeRegister, domain.ChangeRetire, domain.ChangeImport} {
				queries = append(queries, application.LedgerQuery{Apartment: apartment, By: by, Kind: kind})
			}
		}
	}
	for _, since := range []time.Time{{}, noon, noon.Add(time.Second), noon.Add(2*time.Second + time.Microsecond), noon.Add(2 * time.Hour)} {
		for _, until := range []time.Time{{}, noon, noon.Add(3 * time.Second), noon.Add(3*time.Second + time.Microsecond)} {
			queries = append(queries, application.LedgerQuery{Since: since, Until: until}, application.LedgerQuery{Since: since, Until: until, By: 2, Kind: domain.ChangeCorrect})
		}
	}
	cairo := time.FixedZone("Cairo", 3*60*60)
	queries = append(queries, application.LedgerQuery{Since: noon.Add(time.Second).In(cairo), Until: noon.Add(2 * time.Second).In(cairo)})
	found := 0
	for _, q := range queries {
		for _, descending := range []bool{false, true} {
			q.Block, q.Descending = 4, descending
			for _, limit := range []int{1000, 7} {
				q.Limit = limit
				found += wantChanges(t, s, q)
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d entries met a query: the case says little", found)
	}
	for _, block := range []domain.BlockID{5, 99, domain.NoSuchBlock} {
		for _, limit := range []int{1, 2, 12, 13, 14} {
			wantChanges(t, s, application.LedgerQuery{Block: block, Limit: limit})
			wantChanges(t, s, application.LedgerQuery{Block: block, Limit: limit, Descending: true})
		}
	}
}

func ledgerAfter(t *testing.T, s *subject[LedgerStore]) {
	pastOf(t, s.kept)
	last := s.model.blocks[4].version()
	for _, after := range []domain.Sequence{0, 1, 2, last / 2, last - 1, last, last + 1, math.MaxInt64, -1, math.MinInt64} {
		for _, descending := range []bool{false, true} {
			for _, limit := range []int{1, 100} {
				page, err := s.Store.FindChanges(t.Context(), application.LedgerQuery{Block: 4, After: &after, Descending: descending, Limit: limit})
				if err != nil {
					t.Fatal(err)
				}
				if wrong := s.model.checkLedgerPage(application.LedgerQuery{Block: 4, After: &after, Descending: descending, Limit: limit}, page); wrong != "" {
					t.Errorf("after %d, descending %t: %s", after, descending, wrong)
				}
			}
			wantChanges(t, s, application.LedgerQuery{Block: 4, After: &after, Descending: descending, Limit: 9, Kind: domain.ChangeRetire})
		}
	}
}

func ledgerLimit(t *testing.T, s *subject[LedgerStore]) {
	changes := five()
	for i := range application.MaxPageSize + 1 {
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(6+i), 4, 0, 6+i))
	}
	s.update(t, changes)
	for _, limit := range []int{0, application.MaxPageSize, math.MaxInt} {
		page, err := s.Store.FindChanges(t.Context(), application.LedgerQuery{Block: 4, Limit: limit})
		if err != nil || len(page.Items) == 0 || len(page.Items) > application.PageSize(limit) || page.Next == nil {
			t.Errorf("limit %d: %d entries, %v", limit, len(page.Items), err)
		}
	}
	if got := wantChanges(t, s, application.LedgerQuery{Block: 4}); got != application.MaxPageSize+6 {
		t.Errorf("%d entries", got)
	}
}

func ledgerChangeSets(t *testing.T, s *subject[LedgerStore]) {
	pastOf(t, s.kept)
	s.outcomes(t, asked(77, correct(3, unmoved, 0)), domain.Unchanged) // which leaves none
	for set := range s.model.sets {
		wantEntries(t, s, 4, set)
		wantEntries(t, s, 5, set)
		wantEntries(t, s, 99, set)
	}
	for _, set := range []domain.ChangeSetID{id(77), id(78), {}} {
		wantEntries(t, s, 4, set)
	}
}

func wantEntries(t *testing.T, s *subject[LedgerStore], block domain.BlockID, set domain.ChangeSetID) []domain.LedgerEntry {
	t.Helper()
	got, err := s.Store.ChangeSetEntries(t.Context(), block, set)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := difference("entries", got, s.model.entriesOf(block, set)); wrong != "" {
		t.Errorf("block %d, set %s: %s", block, set, wrong)
	}
	return got
}

func (m *model) entriesOf(block domain.BlockID, set domain.ChangeSetID) []domain.LedgerEntry {
	if entries := m.sets[set]; len(entries) > 0 && entries[0].Block == block {
		return entries
	}
	return nil
}

func ledgerCopied(t *testing.T, s *subject[LedgerStore]) {
	pastOf(t, s.kept)
	page, err := s.Store.FindChanges(t.Context(), application.LedgerQuery{Block: 4})
	if err != nil {
		t.Fatal(err)
	}
	clear(page.Items)
	clear(wantEntries(t, s, 4, id(1)))
	wantEntries(t, s, 4, id(1))
	wantChanges(t, s, application.LedgerQuery{Block: 4})
}

// Readers follow the ledger while others write: what each has read, in its order, is the ledger as it is in the end.
func ledgerInOrder(t *testing.T, s *subject[LedgerStore]) {
	const writers, sets, readers = 8, 12, 3
	s.update(t, town())
	var h history
	written := make(chan struct{})
	go func() {
		defer close(written)
		atOnce(writers, func(w int) error {
			for i := range sets {
				n := 1 + w*sets + i
				spec := asked(n, register(w, 10*n), register(w, 10*n+1))
				if i%3 == 0 {
					spec.Changes = append(spec.Changes, correct(101, w, 0), register(w, 901)) // refused
				}
				_, _ = h.apply(spec, func(set domain.ChangeSet) (domain.Applied, error) { return s.Store.Apply(t.Context(), set) })
			}
			return nil
		})
	}()
	followed := atOnce(readers, func(r int) []domain.LedgerEntry {
		var all []domain.LedgerEntry
		for last := false; ; {
			after := domain.Sequence(0)
			if len(all) > 0 {
				after = all[len(all)-1].Sequence
			}
			page, err := s.Store.FindChanges(t.Context(), application.LedgerQuery{Block: 4, After: &after, Limit: 2 + 50*r})
			if err != nil {
				t.Errorf("reader %d: %v", r, err)
				return nil
			}
			all = append(all, page.Items...)
			if last && len(page.Items) == 0 {
				return all
			}
			select {
			case <-written:
				last = true
			default:
			}
		}
	})
	h.explained(t, s.model, s.rows(t))
	for _, all := range followed {
		if wrong := difference("entries", all, s.model.changes(application.LedgerQuery{Block: 4})); wrong != "" {
			t.Error(wrong)
		}
	}
}

func ledgerGone(t *testing.T, s *subject[LedgerStore]) {
	s.update(t, town())
	wantUnavailable(t, func(ctx context.Context) error {
		page, err := s.Store.FindChanges(ctx, application.LedgerQuery{Block: 4})
		if len(page.Items) > 0 {
			t.Errorf("%v", page)
		}
		return err
	})
	wantUnavailable(t, func(ctx context.Context) error {
		_, err := s.Store.ChangeSetEntries(ctx, 4, id(1))
		return err
	})
}
