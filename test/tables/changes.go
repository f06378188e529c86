package tables

import (
	"errors"

	"omarty.net/registry/domain"
)

// stateColumns are the three columns of an apartment before or after a change.
type stateColumns struct {
	floor, number *int
	status        *string
}

func (c stateColumns) state() (domain.State, error) {
	switch {
	case c.floor == nil && c.number == nil && c.status == nil:
		return domain.State{}, nil
	case c.floor == nil || c.number == nil || c.status == nil:
		return domain.State{}, errors.New("a change has a part of a state")
	default:
		return domain.RestoreState(*c.floor, *c.number, domain.ApartmentStatus(*c.status))
	}
}

func scanChange(scan scanner) (row domain.LedgerEntry, err error) {
	var set, asked []byte
	var before, after stateColumns
	var user *domain.UserID
	var through *domain.ApartmentID
	var longitude, latitude *float64
	var requestID *string
	var at string
	if err := scan(&row.Block, &row.Sequence, &set, &row.Position, &row.Kind, &row.Apartment,
		&before.floor, &before.number, &before.status, &after.floor, &after.number, &after.status,
		&user, &through, &longitude, &latitude, &row.Origin.Source, &requestID, &asked, &at); err != nil {
		return row, err
	}
	var errs [8]error
	row.ChangeSet, errs[0] = sixteenBytes(set)
	row.Before, errs[1] = before.state()
	row.After, errs[2] = after.state()
	row.Origin.By, errs[3] = orZero(user)
	row.Origin.Through, errs[4] = orZero(through)
	row.Origin.RequestID, errs[5] = orZero(requestID)
	row.Origin.Location, errs[6] = domain.NewLocation(longitude, latitude)
	row.Origin.At, errs[7] = moment(at)
	if asked != nil {
		row.Asked, err = sixteenBytes(asked)
	}
	return row, errors.Join(append(errs[:], err)...)
}

// orZero returns the zero value for NULL, and an error where the zero value itself is kept.
func orZero[T comparable](kept *T) (value T, err error) {
	switch {
	case kept == nil:
		return value, nil
	case *kept == value:
		return value, errors.New("what is absent is kept as 0 or as an empty text instead of NULL")
	default:
		return *kept, nil
	}
}
