package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// ApartmentsByID implements application.Apartments.
func (s *Store) ApartmentsByID(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error) {
	if err := s.db.Usable(); err != nil || len(ids) == 0 {
		return nil, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	query := s.query
	if len(ids) == 1 {
		query = s.queryPrepared
	}
	var found []domain.Apartment
	err := s.retry(ctx, func() error {
		found = make([]domain.Apartment, 0, len(ids))
		for chunk := range slices.Chunk(ids, readChunk) {
			if err := query(ctx, addApartment(&found), s.selectByID(len(chunk)), append(values(chunk), int64(block))...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read apartments: %w", s.refusal(err))
	}
	return found, nil
}

func (s *Store) selectByID(n int) string {
	return "SELECT " + rows.ApartmentColumns + " FROM apartments" + s.db.Engine().UsePrimary + " WHERE id IN (" + rows.List("?", n) + ") AND block_id = ?"
}

// addApartment returns what scans a row into an apartment more.
func addApartment(to *[]domain.Apartment) func(*sql.Rows) error {
	var row rows.Apartment
	return func(r *sql.Rows) error {
		if err := row.Scan(r); err != nil {
			return err
		}
		a, err := row.Apartment()
		*to = append(*to, a)
		return err
	}
}

// FindApartments implements application.Apartments. It reads the index that has the query's order from where the page begins, one
// apartment more than the page has; of each status, where both are asked for: in one statement, so that an apartment whose status
// changes meanwhile is read once.
func (s *Store) FindApartments(ctx context.Context, q application.ApartmentQuery) (application.Page[domain.Apartment, application.ApartmentCursor], error) {
	var page application.Page[domain.Apartment, application.ApartmentCursor]
	if err := s.db.Usable(); err != nil {
		return page, err
	}
	limit := application.PageSize(q.Limit)
	selects := s.selectApartments(q, limit+1)
	query := s.query
	if q.Floor == (domain.Floor{}) && q.Number == (domain.Number{}) && q.NumberPrefix == 0 {
		query = s.queryPrepared
	}
	var found []domain.Apartment
	err := s.retry(ctx, func() error {
		found = make([]domain.Apartment, 0, limit+1)
		for _, sel := range selects {
			if err := query(ctx, addApartment(&found), sel.text, sel.values...); err != nil {
				return err
			}
			if len(found) > limit {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return page, fmt.Errorf("read a page of apartments: %w", s.refusal(err))
	}
	slices.SortFunc(found, compareIn(q.Order))
	if len(found) > limit {
		found = found[:limit]
		page.Next = new(application.CursorAt(found[limit-1]))
	}
	page.Items = found
	return page, nil
}

// compareIn compares apartments as an order has them.
func compareIn(order application.ApartmentOrder) func(a, b domain.Apartment) int {
	byNumber := func(a, b domain.Apartment) int {
		return cmp.Or(cmp.Compare(a.Number().Int(), b.Number().Int()), cmp.Compare(a.ID(), b.ID()))
	}
	byFloor := func(a, b domain.Apartment) int {
		return cmp.Or(cmp.Compare(a.Floor().Level(), b.Floor().Level()), byNumber(a, b))
	}
	switch order {
	case application.ByNumberDescending:
		return func(a, b domain.Apartment) int { return byNumber(b, a) }
	case application.ByFloor:
		return byFloor
	case application.ByFloorDescending:
		return func(a, b domain.Apartment) int { return byFloor(b, a) }
	default:
		return byNumber
	}
}
