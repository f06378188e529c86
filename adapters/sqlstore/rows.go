package sqlstore

import (
	"database/sql/driver"
	"fmt"
	"time"

	"omarty.net/registry/domain"
)

// The rows of the tables, column by column (wire contract, What is kept).

type blockRow struct {
	ID     int64 `gorm:"primaryKey;autoIncrement:false"`
	Name   string
	Status string
}

func (blockRow) TableName() string { return "blocks" }

type apartmentRow struct {
	ID             int64
	RegistrationID []byte
	BlockID        int64
	Floor          int
	Number         int
	RegisteredBy   *int64
	RegisteredAt   timestamp
}

func (apartmentRow) TableName() string { return "apartments" }

// importedApartmentRow leaves out what only a registered apartment has.
type importedApartmentRow struct {
	ID           int64 `gorm:"primaryKey;autoIncrement:false"`
	BlockID      int64
	Floor        int
	Number       int
	RegisteredAt timestamp
}

func (importedApartmentRow) TableName() string { return "apartments" }

type membershipRow struct {
	ID          int64
	UserID      int64
	BlockID     int64
	ApartmentID *int64
	Role        string
	Status      string
}

func (membershipRow) TableName() string { return "memberships" }

type logRow struct {
	ID             int64
	RegistrationID []byte
	UserID         int64
	Action         string
	BlockID        int64
	ApartmentID    *int64
	RecordID       int64
	Longitude      *float64
	Latitude       *float64
	// GORM would fill a field named CreatedAt by itself.
	At timestamp `gorm:"column:created_at"`
}

func (logRow) TableName() string { return "logs" }

func (r blockRow) block() (domain.Block, error) {
	return domain.RestoreBlock(domain.BlockID(r.ID), r.Name, domain.BlockStatus(r.Status))
}

func (r apartmentRow) apartment() (domain.Apartment, error) {
	return domain.RestoreApartment(domain.ApartmentID(r.ID), domain.BlockID(r.BlockID), r.Floor, r.Number)
}

func (r membershipRow) membership() (domain.Membership, error) {
	var apartment domain.ApartmentID
	if r.ApartmentID != nil {
		apartment = domain.ApartmentID(*r.ApartmentID)
	}
	return domain.RestoreMembership(domain.UserID(r.UserID), domain.BlockID(r.BlockID), apartment, domain.Role(r.Role), domain.MembershipStatus(r.Status))
}

// rowsOf returns the two rows of a registration. The log row still lacks the apartment's id.
func rowsOf(r domain.Registration) (apartmentRow, logRow) {
	id := r.ID()
	by := int64(r.By())
	apartment := apartmentRow{
		RegistrationID: id[:],
		BlockID:        int64(r.Apartment().Block()),
		Floor:          r.Apartment().Floor().Level(),
		Number:         r.Apartment().Number().Int(),
		RegisteredBy:   &by,
		RegisteredAt:   timestamp{r.At()},
	}
	entry := logRow{
		RegistrationID: id[:],
		UserID:         by,
		Action:         domain.ActionCreateApartment,
		BlockID:        apartment.BlockID,
		ApartmentID:    nullable(int64(r.Through())),
		At:             timestamp{r.At()},
	}
	if degrees, ok := r.Location().Longitude(); ok {
		entry.Longitude = &degrees
	}
	if degrees, ok := r.Location().Latitude(); ok {
		entry.Latitude = &degrees
	}
	return apartment, entry
}

// values are what insertApartments takes.
func (r apartmentRow) values() []any {
	return []any{r.RegistrationID, r.BlockID, r.Floor, r.Number, r.RegisteredBy, r.RegisteredAt}
}

// values are what insertLogs takes.
func (r logRow) values() []any {
	return []any{r.RegistrationID, r.UserID, r.Action, r.BlockID, r.ApartmentID, r.RecordID, r.Longitude, r.Latitude, r.At}
}

// nullable returns nil, which is NULL, for a zero id.
func nullable(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// timestamp is a time as both databases take it: in UTC, to the microsecond, in a text that sorts.
type timestamp struct{ time.Time }

const timestampLayout = "2006-01-02 15:04:05.000000"

// Value implements driver.Valuer.
func (t timestamp) Value() (driver.Value, error) {
	return t.UTC().Format(timestampLayout), nil
}

// Scan implements sql.Scanner.
func (t *timestamp) Scan(value any) (err error) {
	switch v := value.(type) {
	case time.Time:
		t.Time = v.UTC()
	case string:
		t.Time, err = time.Parse(timestampLayout, v)
	default:
		err = fmt.Errorf("a time is stored as %T", value)
	}
	return err
}

// GormDataType keeps GORM from taking a timestamp for a table of its own.
func (timestamp) GormDataType() string { return "time" }
