package memstore

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// ApartmentsByID implements application.Apartments.
func (s *Store) ApartmentsByID(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.blocks[block]
	if !ok {
		return nil, nil
	}
	return b.byID(ids), nil
}

// FindApartments implements application.Apartments.
func (s *Store) FindApartments(ctx context.Context, q application.ApartmentQuery) (application.Page[domain.Apartment, application.ApartmentCursor], error) {
	var page application.Page[domain.Apartment, application.ApartmentCursor]
	if err := alive(ctx); err != nil {
		return page, err
	}
	s.mu.Lock() // not RLock: the block may have to be sorted
	defer s.mu.Unlock()
	b, ok := s.blocks[q.Block]
	if !ok {
		return page, nil
	}
	limit := application.PageSize(q.Limit)
	for _, at := range b.after(q.Order, q.After) {
		a := b.apartments[at.ID]
		if !meets(a, q) {
			continue
		}
		if len(page.Items) == limit {
			page.Next = new(application.CursorAt(page.Items[limit-1]))
			break
		}
		page.Items = append(page.Items, a)
	}
	return page, nil
}

// after returns the places of the block's apartments that come after one in an order.
func (b *block) after(order application.ApartmentOrder, cursor *application.ApartmentCursor) func(yield func(int, application.ApartmentCursor) bool) {
	ascending, compare := application.ByNumber, compareNumbers
	if order == application.ByFloor || order == application.ByFloorDescending {
		ascending, compare = application.ByFloor, compareFloors
	}
	descending := order == application.ByNumberDescending || order == application.ByFloorDescending
	all := b.inOrder(ascending, compare)
	if cursor != nil {
		at, there := slices.BinarySearchFunc(all, *cursor, compare)
		switch {
		case descending:
			all = all[:at]
		case there:
			all = all[at+1:]
		default:
			all = all[at:]
		}
	}
	if descending {
		return slices.Backward(all)
	}
	return slices.All(all)
}

func (b *block) inOrder(order application.ApartmentOrder, compare func(a, b application.ApartmentCursor) int) []application.ApartmentCursor {
	if sorted, ok := b.sorted[order]; ok {
		return sorted
	}
	sorted := make([]application.ApartmentCursor, 0, len(b.apartments))
	for _, a := range b.apartments {
		sorted = append(sorted, application.CursorAt(a))
	}
	slices.SortFunc(sorted, compare)
	if b.sorted == nil {
		b.sorted = map[application.ApartmentOrder][]application.ApartmentCursor{}
	}
	b.sorted[order] = sorted
	return sorted
}

func compareNumbers(a, b application.ApartmentCursor) int {
	return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
}

func compareFloors(a, b application.ApartmentCursor) int {
	return cmp.Or(cmp.Compare(a.Floor, b.Floor), compareNumbers(a, b))
}

// meets reports whether a query asks for an apartment.
func meets(a domain.Apartment, q application.ApartmentQuery) bool {
	asked := a.Status() == domain.ApartmentRegistered
	if len(q.Statuses) > 0 {
		asked = slices.Contains(q.Statuses, a.Status())
	}
	return asked &&
		(q.Floor == domain.Floor{} || q.Floor == a.Floor()) &&
		(q.Number == domain.Number{} || q.Number == a.Number()) &&
		(q.NumberPrefix == 0 || strings.HasPrefix(strconv.Itoa(a.Number().Int()), strconv.Itoa(q.NumberPrefix)))
}
