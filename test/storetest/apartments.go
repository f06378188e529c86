package storetest

import (
	"context"
	"math"
	"slices"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var apartmentsPromises = []promise[ApartmentsStore]{
	{"apartments by their ids, as they are now", apartmentsByID},
	{"apartments of another block, and what is not there, are left out", apartmentsLeftOut},
	{"more ids than a statement takes", apartmentsMany},
	{"every filter in every order", apartmentsFilters},
	{"pages of every size, from first to last", apartmentsPages},
	{"a page has as many as is asked for, within its limits", apartmentsLimit},
	{"a page begins after a place where no apartment is any more", apartmentsAfterNone},
	{"what goes out is copied", apartmentsCopied},
	{"each apartment once while others write", apartmentsOnce},
	{"unavailable to a caller who is gone", apartmentsGone},
}

var orders = []application.ApartmentOrder{
	"", application.ByNumber, application.ByNumberDescending, application.ByFloor, application.ByFloorDescending,
}

func wantByID(t *testing.T, s *subject[ApartmentsStore], block domain.BlockID, ids ...domain.ApartmentID) []domain.Apartment {
	t.Helper()
	got, err := s.Store.ApartmentsByID(t.Context(), block, ids)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := difference("apartments", sortedApartments(got), s.model.apartmentsByID(block, ids)); wrong != "" {
		t.Errorf("block %d, apartments %v: %s", block, ids, wrong)
	}
	return got
}

func sortedApartments(apartments []domain.Apartment) []domain.Apartment {
	return slices.SortedFunc(slices.Values(apartments), func(a, b domain.Apartment) int { return int(a.ID() - b.ID()) })
}

func apartmentsByID(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, town())
	wantByID(t, s, 4, 101, 102)
	a := s.done(t, asked(1, register(-3, 7)))[0].ID()
	wantByID(t, s, 4, 102, a)
	s.done(t, asked(2, correct(a, 3, 8), retire(101)))
	wantByID(t, s, 4, 101, a)
	s.done(t, asked(3, restore(101)))
	wantByID(t, s, 4, 102, a, 101)
}

func apartmentsLeftOut(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, town())
	for _, block := range []domain.BlockID{4, 5, 6, 99, domain.NoSuchBlock, 0} {
		for _, ids := range [][]domain.ApartmentID{nil, {}, {101}, {101, 103, 104}, {99}, {math.MaxInt64, 104}, {domain.NoSuchApartment, 0}, {102, 102}} {
			wantByID(t, s, block, ids...)
		}
	}
}

func apartmentsMany(t *testing.T, s *subject[ApartmentsStore]) {
	changes := five()
	changes.NewApartments = nil
	var ids []domain.ApartmentID
	for i := range 1203 {
		id := domain.ApartmentID(1 + 2*i)
		changes.NewApartments = append(changes.NewApartments, apartment(id, 4, 0, 1+i))
		ids = append(ids, id, id+1)
	}
	s.update(t, changes)
	if got := wantByID(t, s, 4, ids...); len(got) != 1203 {
		t.Errorf("%d apartments", len(got))
	}
}

// tower is a block whose numbers, floors and statuses make every filter and order tell: 40 apartments and those that were
// retired under the same numbers.
func tower() application.Changes {
	changes := application.Changes{At: noon, NewBlocks: []domain.Block{block(4, "", domain.BlockActive), block(5, "", domain.BlockActive)}}
	add := func(block domain.BlockID, floor, number int) domain.Apartment {
		a := apartment(domain.ApartmentID(1+len(changes.NewApartments)*7%83), block, floor, number) // ids in another order than numbers
		changes.NewApartments = append(changes.NewApartments, a)
		return a
	}
	for i, n := range []int{
		1, 2, 9, 10, 11, 12, 19, 20, 99, 100, 101, 102, 109, 110, 119, 120, 199, 200, 999, 1000, 1001, 1099, 1100, 1199, 1200, 9999, 10000, 10001,
		10999, 11000, 12000, 99999, 100000, 100001, 110000, 119999, 120000, 199999, 999999,
	} {
		add(4, []int{0, -1, 3, -20, 300, 12, 2}[i%7], n)
		for range i % 3 {
			add(4, i%5-1, n)
			last := &changes.NewApartments[len(changes.NewApartments)-1]
			*last = retired(*last)
		}
	}
	add(5, 0, 1)
	add(5, 1, 10)
	return changeSets(changes)
}

// readAll reads page after page, and returns all and how many there were on each.
func readAll(t *testing.T, store application.Apartments, q application.ApartmentQuery) (all []domain.Apartment, sizes []int) {
	t.Helper()
	const most = 1000
	for range most {
		page, err := store.FindApartments(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all, sizes = append(all, page.Items...), append(sizes, len(page.Items))
		if page.Next == nil {
			return all, sizes
		}
		q.After = page.Next
	}
	t.Fatalf("query %+v: %d pages, and no last one", q, most)
	return nil, nil
}

func wantFound(t *testing.T, s *subject[ApartmentsStore], q application.ApartmentQuery) []domain.Apartment {
	t.Helper()
	got, sizes := readAll(t, s.Store, q)
	want := s.model.find(q)
	if wrong := difference("apartments", got, want); wrong != "" {
		t.Errorf("query %+v: %s", q, wrong)
	}
	limit := application.PageSize(q.Limit)
	for i, size := range sizes {
		if last := i == len(sizes)-1; size > limit || (!last && size < limit) || (last && size == 0 && i > 0) {
			t.Errorf("query %+v: pages of %v", q, sizes)
		}
	}
	return got
}

func apartmentsFilters(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, tower())
	const registered, retired = domain.ApartmentRegistered, domain.ApartmentRetired
	found := 0
	for _, statuses := range [][]domain.ApartmentStatus{nil, {}, {registered}, {retired}, {registered, retired}, {retired, registered, retired}} {
		for _, floor := range []domain.Floor{{}, floorAt(0), floorAt(-20), floorAt(300), floorAt(7)} {
			for _, number := range []domain.Number{{}, numbered(1), numbered(100), numbered(999999), numbered(5)} {
				prefixes := []int{0}
				if number == (domain.Number{}) || number.Int() == 100 {
					prefixes = []int{0, 1, 10, 11, 100, 999999, 9, 5, 12000, 1000000}
				}
				for _, prefix := range prefixes {
					for _, order := range orders[1:] {
						found += len(wantFound(t, s, application.ApartmentQuery{
							Block: 4, Statuses: statuses, Floor: floor, Number: number, NumberPrefix: prefix, Order: order,
						}))
					}
				}
			}
		}
	}
	if found < 4000 {
		t.Errorf("only %d apartments met a query: the case says little", found)
	}
	for _, block := range []domain.BlockID{5, 99, domain.NoSuchBlock} {
		wantFound(t, s, application.ApartmentQuery{Block: block})
	}
}

func apartmentsPages(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, tower())
	all := []domain.ApartmentStatus{domain.ApartmentRegistered, domain.ApartmentRetired}
	n := len(s.model.blocks[4].apartments)
	for _, order := range orders {
		for _, limit := range []int{1, 2, 3, 7, n - 1, n, n + 1} {
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit})
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit, Statuses: all})
		}
		for _, limit := range []int{1, 2, 3, 5} {
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit, Statuses: all[1:]})
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit, NumberPrefix: 1})
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit, NumberPrefix: 10, Statuses: all})
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit, Floor: floorAt(3), Statuses: all})
			wantFound(t, s, application.ApartmentQuery{Block: 4, Order: order, Limit: limit, Number: numbered(11), Statuses: all})
		}
	}
}

func apartmentsLimit(t *testing.T, s *subject[ApartmentsStore]) {
	changes := five()
	for i := range application.MaxPageSize + 1 {
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(6+i), 4, 0, 6+i))
	}
	s.update(t, changes)
	for limit, want := range map[int]int{0: application.DefaultPageSize, application.MaxPageSize: application.MaxPageSize, math.MaxInt: application.MaxPageSize} {
		page, err := s.Store.FindApartments(t.Context(), application.ApartmentQuery{Block: 4, Limit: limit})
		if err != nil || len(page.Items) != want || page.Next == nil {
			t.Errorf("limit %d: %d apartments, %v, want %d and more to come", limit, len(page.Items), err, want)
		}
	}
}

func apartmentsAfterNone(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, five())
	for _, order := range orders {
		q := application.ApartmentQuery{Block: 4, Order: order, Limit: 2}
		page, err := s.Store.FindApartments(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		last := page.Items[1].ID()
		s.done(t, asked(int(last)*100+len(order), correct(last, unmoved, 100))) // where the next page begins is nobody now
		q.After = page.Next
		next, _ := readAll(t, s.Store, q)
		next = slices.DeleteFunc(next, func(a domain.Apartment) bool { return a.ID() == last })
		want := slices.DeleteFunc(s.model.find(q), func(a domain.Apartment) bool { return a.ID() == last || a.ID() == page.Items[0].ID() })
		if wrong := difference("apartments", next, want); wrong != "" {
			t.Errorf("order %q: %s", order, wrong)
		}
		s.done(t, asked(int(last)*100+50+len(order), correct(last, unmoved, int(last))))
	}
}

func apartmentsCopied(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, town())
	clear(wantByID(t, s, 4, 101, 102))
	page, err := s.Store.FindApartments(t.Context(), application.ApartmentQuery{Block: 4, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	clear(page.Items)
	*page.Next = application.ApartmentCursor{}
	wantByID(t, s, 4, 101, 102)
	wantFound(t, s, application.ApartmentQuery{Block: 4})
}

// Of the numbers 1 to 60, the even ones stay. Between one page and the next, odd ones at both ends are retired or restored, and
// others get another number.
func apartmentsOnce(t *testing.T, s *subject[ApartmentsStore]) {
	const n = 60
	changes := five()
	changes.NewApartments = nil
	for i := range n {
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(1+i), 4, i%3, 1+i))
	}
	s.update(t, changes)
	sets := 0
	write := func() {
		sets++
		var changes []domain.Change
		for _, id := range []domain.ApartmentID{1, 3, 5, 7, 9, 51, 53, 55, 57, 59} {
			if sets%2 == 1 {
				changes = append(changes, retire(id))
			} else {
				changes = append(changes, restore(id))
			}
		}
		s.done(t, asked(sets, append(changes, correct(25, unmoved, 100+sets), register(1, 1000+sets))...))
	}
	for _, order := range orders {
		q := application.ApartmentQuery{Block: 4, Order: order, Limit: 13}
		seen := map[int]int{}
		for {
			page, err := s.Store.FindApartments(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page.Items {
				seen[a.Number().Int()]++
			}
			if page.Next == nil {
				break
			}
			q.After = page.Next
			write()
		}
		for number := 2; number <= n; number += 2 {
			if seen[number] != 1 {
				t.Errorf("order %q: number %d was there all the time, and comes %d times", order, number, seen[number])
			}
		}
	}
}

func apartmentsGone(t *testing.T, s *subject[ApartmentsStore]) {
	s.update(t, town())
	wantUnavailable(t, func(ctx context.Context) error {
		_, err := s.Store.ApartmentsByID(ctx, 4, []domain.ApartmentID{101})
		return err
	})
	wantUnavailable(t, func(ctx context.Context) error {
		page, err := s.Store.FindApartments(ctx, application.ApartmentQuery{Block: 4})
		if len(page.Items) > 0 {
			t.Errorf("%v", page)
		}
		return err
	})
}
