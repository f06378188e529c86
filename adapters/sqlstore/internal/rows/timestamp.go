package rows

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Timestamp is a time as both databases take it: in UTC, to the microsecond, in a text that sorts.
type Timestamp struct{ time.Time }

const timestampLayout = "2006-01-02 15:04:05.000000"

// Value implements driver.Valuer.
func (t Timestamp) Value() (driver.Value, error) {
	return t.UTC().Format(timestampLayout), nil
}

// Scan implements sql.Scanner.
func (t *Timestamp) Scan(value any) (err error) {
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

// GormDataType keeps GORM from taking a Timestamp for a table of its own.
func (Timestamp) GormDataType() string { return "time" }
