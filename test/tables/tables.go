// Package tables reads the register's tables as the wire contract describes them (What is kept), with plain SQL that MySQL
// and SQLite understand alike, so that tests see what is kept by other means than the store's own.
package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
)

// Read returns all rows of the register, as they are at one moment. It returns an error for whatever the contract does
// not allow: a change set's id of another length than 16 bytes, a time in another form than UTC to the microsecond, an
// id that is 0 or less, a 0 or an empty text where what is absent is NULL.
func Read(ctx context.Context, db *sql.DB) (rows storetest.Rows, err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return rows, fmt.Errorf("read the tables: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if rows.Blocks, err = read(ctx, tx, "SELECT id, name, status, version, registered, retired FROM blocks", scanBlock); err != nil {
		return rows, err
	}
	if rows.Apartments, err = read(ctx, tx, `SELECT id, block_id, floor, number, live, registered_by, CAST(registered_at AS CHAR),
		CAST(changed_at AS CHAR), version FROM apartments`, scanApartment); err != nil {
		return rows, err
	}
	if rows.Memberships, err = read(ctx, tx, "SELECT user_id, block_id, apartment_id, role, status FROM memberships", scanMembership); err != nil {
		return rows, err
	}
	if rows.Changes, err = read(ctx, tx, `SELECT block_id, sequence, change_set_id, position, kind, apartment_id,
		before_floor, before_number, before_status, after_floor, after_number, after_status,
		user_id, through_apartment_id, longitude, latitude, source, request_id, asked, CAST(at AS CHAR) FROM changes`, scanChange); err != nil {
		return rows, err
	}
	rows.Logs, err = read(ctx, tx, `SELECT registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude,
		CAST(created_at AS CHAR) FROM logs`, scanLog)
	return rows, err
}

// scanner is a row of a result.
type scanner func(columns ...any) error

func read[Row any](ctx context.Context, tx *sql.Tx, query string, scan func(scanner) (Row, error)) (rows []Row, err error) {
	result, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	for result.Next() {
		row, err := scan(result.Scan)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", query, err)
		}
		rows = append(rows, row)
	}
	return rows, result.Err()
}

func scanBlock(scan scanner) (row storetest.BlockRow, err error) {
	var id domain.BlockID
	var name, status string
	if err := scan(&id, &name, &status, &row.Version, &row.Registered, &row.Retired); err != nil {
		return row, err
	}
	row.Block, err = domain.NewBlock(id, name, domain.BlockStatus(status))
	return row, err
}

func scanApartment(scan scanner) (row storetest.ApartmentRow, err error) {
	var live *int
	var registeredAt string
	var changedAt *string
	if err := scan(&row.ID, &row.Block, &row.Floor, &row.Number, &live, &row.RegisteredBy, &registeredAt, &changedAt, &row.Version); err != nil {
		return row, err
	}
	switch {
	case live == nil:
		row.Status = domain.ApartmentRetired
	case *live == 1:
		row.Status = domain.ApartmentRegistered
	default:
		return row, fmt.Errorf("an apartment has %d in live", *live)
	}
	if changedAt != nil {
		at, err := moment(*changedAt)
		if err != nil {
			return row, err
		}
		row.ChangedAt = &at
	}
	row.RegisteredAt, err = moment(registeredAt)
	return row, err
}

func scanMembership(scan scanner) (domain.Membership, error) {
	var user domain.UserID
	var block domain.BlockID
	var apartment *domain.ApartmentID
	var role, status string
	if err := scan(&user, &block, &apartment, &role, &status); err != nil {
		return domain.Membership{}, err
	}
	if apartment == nil {
		apartment = new(domain.ApartmentID)
	} else if *apartment == 0 {
		return domain.Membership{}, errors.New("a membership through no apartment has 0 instead of NULL")
	}
	return domain.NewMembership(user, block, *apartment, domain.Role(role), domain.MembershipStatus(status))
}

func scanLog(scan scanner) (row storetest.LogRow, err error) {
	var registration []byte
	var at string
	err = scan(&registration, &row.User, &row.Action, &row.Block, &row.Apartment, &row.Record, &row.Longitude, &row.Latitude, &at)
	if err != nil {
		return row, err
	}
	if row.Registration, err = sixteenBytes(registration); err != nil {
		return row, err
	}
	row.CreatedAt, err = moment(at)
	return row, err
}

// sixteenBytes reads an id or a digest.
func sixteenBytes(kept []byte) ([16]byte, error) {
	if len(kept) != 16 {
		return [16]byte{}, fmt.Errorf("an id or a digest has %d bytes", len(kept))
	}
	return [16]byte(kept), nil
}

// moment reads the one form that times are kept in.
func moment(text string) (time.Time, error) {
	const layout = "2006-01-02 15:04:05.000000"
	at, err := time.Parse(layout, text)
	if err == nil && at.Format(layout) != text {
		err = errors.New("the time " + text + " is not in the contract's form")
	}
	return at, err
}
