package main

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// The refusals of what is asked of the database.
var (
	errTaken  = refusal{200, "Apartment already registered."}
	errReused = refusal{422, "Idempotency-Key was used for another apartment."}
	errDenied = refusal{200, "User does not have permissions in this block."}
)

// register is a database.
type register interface {
	// manages says whether the user manages the block, and belongs to it through the apartment where that is not 0.
	manages(ctx context.Context, user, block, apartment int64) (bool, error)
	// add writes an apartment and its log row in one transaction. Where the id was there before, replayed is true.
	add(ctx context.Context, a apartment) (replayed bool, err error)
	close() error
}

// apartment is what a request registers.
type apartment struct {
	id                  [16]byte
	user, block         int64
	floor, number       int64
	through             *int64
	longitude, latitude *float64
	at                  time.Time
}

// The statements, for either database.
const (
	selectMemberships = `SELECT m.apartment_id, m.role FROM memberships AS m JOIN blocks AS b ON b.id = m.block_id
		WHERE m.user_id = ? AND m.block_id = ? AND m.status = 'active' AND b.status = 'active'`
	insertApartment = `INSERT INTO apartments (registration_id, block_id, floor, number, registered_by, registered_at)
		VALUES (?, ?, ?, ?, ?, ?)`
	insertLog = `INSERT INTO logs (registration_id, user_id, action, block_id, apartment_id, record_id, longitude, latitude, created_at)
		VALUES (?, ?, 'CreateApartment', ?, ?, ?, ?, ?, ?)`
	selectApartment = "SELECT block_id, floor, number FROM apartments WHERE registration_id = ?"
)

const timeLayout = "2006-01-02 15:04:05.000000"

// managesBy reads the memberships of a user in a block.
func managesBy(ctx context.Context, statement *sql.Stmt, user, block, apartment int64) (bool, error) {
	rows, err := statement.QueryContext(ctx, user, block)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	manages, through := false, apartment == 0
	for rows.Next() {
		var of sql.NullInt64
		var role string
		if err := rows.Scan(&of, &role); err != nil {
			return false, err
		}
		manages = manages || role == "manager"
		through = through || of.Int64 == apartment
	}
	return manages && through, rows.Err()
}

// insertBoth writes the two rows.
func insertBoth(ctx context.Context, apartments, logs *sql.Stmt, a apartment) error {
	at := a.at.UTC().Format(timeLayout)
	written, err := apartments.ExecContext(ctx, a.id[:], a.block, a.floor, a.number, a.user, at)
	if err != nil {
		return err
	}
	record, err := written.LastInsertId()
	if err != nil {
		return err
	}
	_, err = logs.ExecContext(ctx, a.id[:], a.user, a.block, a.through, record, a.longitude, a.latitude, at)
	return err
}

// settle tells what a duplicate means.
func settle(ctx context.Context, byID *sql.Stmt, a apartment) (replayed bool, err error) {
	var block, floor, number int64
	switch err := byID.QueryRowContext(ctx, a.id[:]).Scan(&block, &floor, &number); {
	case errors.Is(err, sql.ErrNoRows):
		return false, errTaken
	case err != nil:
		return false, err
	case block != a.block || floor != a.floor || number != a.number:
		return false, errReused
	default:
		return true, nil
	}
}

// prepareAll prepares statements on a pool or on a connection.
func prepareAll(ctx context.Context, on interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}, into map[string]**sql.Stmt) (err error) {
	for query, statement := range into {
		if *statement, err = on.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}
