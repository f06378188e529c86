// Package rows has the rows of the tables, column by column (wire contract, What is kept), and what they are in package domain.
package rows

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/domain"
)

// List returns so many of a text, with commas between them.
func List(text string, n int) string {
	return strings.Repeat(text+", ", n-1) + text
}

// Apartment is a row of apartments.
type Apartment struct {
	ID, BlockID   int64
	Floor, Number int
	// Live is 1 for a registered apartment and NULL for a retired one, so that a unique key holds the numbers of registered ones
	// apart and no others.
	Live         *int
	RegisteredBy *int64
	RegisteredAt Timestamp
	ChangedAt    *Timestamp // NULL while nothing has changed
	Version      int64
}

// ApartmentColumns are those that Scan reads.
const ApartmentColumns = "id, block_id, floor, number, live, registered_by, registered_at, changed_at, version"

// Scan reads the row under the cursor, and further columns behind it.
func (a *Apartment) Scan(rows *sql.Rows, more ...any) error {
	return rows.Scan(append([]any{&a.ID, &a.BlockID, &a.Floor, &a.Number, &a.Live, &a.RegisteredBy, &a.RegisteredAt, &a.ChangedAt, &a.Version}, more...)...)
}

// Apartment returns the apartment that the row is of.
func (a *Apartment) Apartment() (domain.Apartment, error) {
	state, err := domain.RestoreState(a.Floor, a.Number, statusOf(a.Live))
	if err != nil {
		return domain.Apartment{}, cause.Fixed(err)
	}
	record := domain.ApartmentRecord{
		ID: domain.ApartmentID(a.ID), Block: domain.BlockID(a.BlockID), State: state,
		RegisteredAt: a.RegisteredAt.Time, Version: domain.Sequence(a.Version),
	}
	if a.RegisteredBy != nil {
		record.RegisteredBy = domain.UserID(*a.RegisteredBy)
	}
	if a.ChangedAt != nil {
		record.ChangedAt = a.ChangedAt.Time
	}
	restored, err := domain.RestoreApartment(record)
	if err != nil {
		return restored, cause.Fixed(fmt.Errorf("an apartment as kept: %w", err))
	}
	return restored, nil
}

func statusOf(live *int) domain.ApartmentStatus {
	if live == nil {
		return domain.ApartmentRetired
	}
	return domain.ApartmentRegistered
}

// OfApartment returns the row of an apartment.
func OfApartment(a domain.Apartment) Apartment {
	r := a.Record()
	row := Apartment{
		ID: int64(r.ID), BlockID: int64(r.Block), Floor: a.Floor().Level(), Number: a.Number().Int(), Live: live(r.State),
		RegisteredBy: Nullable(int64(r.RegisteredBy)), RegisteredAt: Timestamp{r.RegisteredAt}, Version: int64(r.Version),
	}
	if !r.ChangedAt.IsZero() {
		row.ChangedAt = &Timestamp{r.ChangedAt}
	}
	return row
}

func live(s domain.State) *int {
	if s.Status() != domain.ApartmentRegistered {
		return nil
	}
	return new(1)
}

// Nullable returns nil, which is NULL, for a zero id.
func Nullable(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// Entry is a row of changes.
type Entry struct {
	BlockID, Sequence        int64
	ChangeSetID              []byte
	Position                 int
	Kind                     string
	ApartmentID              int64
	Before, After            State
	UserID, ThroughApartment *int64
	Longitude, Latitude      *float64
	Source                   string
	RequestID                *string
	Asked                    []byte
	At                       Timestamp
}

// State is an apartment's before or after a change: all NULL where it was not there.
type State struct {
	Floor, Number *int
	Status        *string
}

// EntryColumns are those that Scan reads and Values returns.
const EntryColumns = "block_id, sequence, change_set_id, position, kind, apartment_id, before_floor, before_number, before_status, " +
	"after_floor, after_number, after_status, user_id, through_apartment_id, longitude, latitude, source, request_id, asked, at"

// InsertEntries begins a statement that EntryValues ends, once for each row.
const InsertEntries = "INSERT INTO changes (" + EntryColumns + ") VALUES "

// EntryValues takes what Values returns.
var EntryValues = "(" + List("?", 20) + ")"

// Scan reads the row under the cursor.
func (e *Entry) Scan(rows *sql.Rows) error {
	return rows.Scan(&e.BlockID, &e.Sequence, &e.ChangeSetID, &e.Position, &e.Kind, &e.ApartmentID, &e.Before.Floor, &e.Before.Number, &e.Before.Status,
		&e.After.Floor, &e.After.Number, &e.After.Status, &e.UserID, &e.ThroughApartment, &e.Longitude, &e.Latitude, &e.Source, &e.RequestID, &e.Asked, &e.At)
}

// Values are the columns.
func (e *Entry) Values() []any {
	return []any{
		e.BlockID, e.Sequence, e.ChangeSetID, e.Position, e.Kind, e.ApartmentID, e.Before.Floor, e.Before.Number, e.Before.Status,
		e.After.Floor, e.After.Number, e.After.Status, e.UserID, e.ThroughApartment, e.Longitude, e.Latitude, e.Source, e.RequestID, e.Asked, e.At,
	}
}

// OfEntry returns the row of an entry.
func OfEntry(e domain.LedgerEntry) Entry {
	row := Entry{
		BlockID: int64(e.Block), Sequence: int64(e.Sequence), ChangeSetID: e.ChangeSet[:], Position: e.Position, Kind: string(e.Kind),
		ApartmentID: int64(e.Apartment), Before: ofState(e.Before), After: ofState(e.After),
		UserID: Nullable(int64(e.Origin.By)), ThroughApartment: Nullable(int64(e.Origin.Through)), Source: string(e.Origin.Source), At: Timestamp{e.Origin.At},
	}
	if degrees, ok := e.Origin.Location.Longitude(); ok {
		row.Longitude = &degrees
	}
	if degrees, ok := e.Origin.Location.Latitude(); ok {
		row.Latitude = &degrees
	}
	if e.Origin.RequestID != "" {
		row.RequestID = &e.Origin.RequestID
	}
	if e.Asked != (domain.Digest{}) {
		row.Asked = e.Asked[:]
	}
	return row
}

func ofState(s domain.State) State {
	if s.IsZero() {
		return State{}
	}
	return State{Floor: new(s.Floor().Level()), Number: new(s.Number().Int()), Status: new(string(s.Status()))}
}

// Entry returns the entry that the row is of.
func (e *Entry) Entry() (domain.LedgerEntry, error) {
	entry := domain.LedgerEntry{
		Block: domain.BlockID(e.BlockID), Sequence: domain.Sequence(e.Sequence), Position: e.Position, Kind: domain.ChangeKind(e.Kind),
		Apartment: domain.ApartmentID(e.ApartmentID),
		Origin:    domain.Origin{At: e.At.Time, Source: domain.Source(e.Source)},
	}
	if len(e.ChangeSetID) != len(entry.ChangeSet) || e.Asked != nil && len(e.Asked) != len(entry.Asked) {
		return entry, cause.Fixed(errors.New("an id of the ledger as kept is not 16 bytes long"))
	}
	copy(entry.ChangeSet[:], e.ChangeSetID)
	copy(entry.Asked[:], e.Asked)
	if e.UserID != nil {
		entry.Origin.By = domain.UserID(*e.UserID)
	}
	if e.ThroughApartment != nil {
		entry.Origin.Through = domain.ApartmentID(*e.ThroughApartment)
	}
	if e.RequestID != nil {
		entry.Origin.RequestID = *e.RequestID
	}
	var errs [3]error
	entry.Before, errs[0] = e.Before.state()
	entry.After, errs[1] = e.After.state()
	entry.Origin.Location, errs[2] = domain.NewLocation(e.Longitude, e.Latitude)
	if err := errors.Join(errs[:]...); err != nil {
		return entry, cause.Fixed(fmt.Errorf("entry %d of block %d as kept: %w", e.Sequence, e.BlockID, err))
	}
	return entry, nil
}

func (s State) state() (domain.State, error) {
	if s.Floor == nil || s.Number == nil || s.Status == nil {
		return domain.State{}, nil
	}
	return domain.RestoreState(*s.Floor, *s.Number, domain.ApartmentStatus(*s.Status))
}
