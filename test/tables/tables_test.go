package tables_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables"
)

// schema is the part of the tables that is read.
const schema = `
	CREATE TABLE blocks (id INTEGER, name TEXT, status TEXT, version INTEGER, registered INTEGER, retired INTEGER);
	CREATE TABLE apartments (id INTEGER, block_id INTEGER, floor INTEGER, number INTEGER, live INTEGER, registered_by INTEGER, registered_at TEXT,
		changed_at TEXT, version INTEGER);
	CREATE TABLE memberships (user_id INTEGER, block_id INTEGER, apartment_id INTEGER, role TEXT, status TEXT);
	CREATE TABLE changes (block_id INTEGER, sequence INTEGER, change_set_id BLOB, position INTEGER, kind TEXT, apartment_id INTEGER,
		before_floor INTEGER, before_number INTEGER, before_status TEXT, after_floor INTEGER, after_number INTEGER, after_status TEXT,
		user_id INTEGER, through_apartment_id INTEGER, longitude REAL, latitude REAL, source TEXT, request_id TEXT, asked BLOB, at TEXT);
	CREATE VIEW logs AS SELECT change_set_id AS registration_id, user_id, 'CreateApartment' AS action, block_id, through_apartment_id AS apartment_id,
		apartment_id AS record_id, longitude, latitude, at AS created_at FROM changes WHERE kind = 'register';
	INSERT INTO blocks VALUES (4, 'Palm Tower', 'active', 3, 1, 1);
	INSERT INTO apartments VALUES (1, 4, 0, 2, 1, NULL, '2026-03-04 12:00:00.000000', NULL, 1), (2, 4, -1, 3, NULL, 7, '2026-03-04 12:00:00.000001', '2026-03-04 12:00:01.000000', 3);
	INSERT INTO memberships VALUES (7, 4, NULL, 'manager', 'active');
	INSERT INTO changes VALUES
		(4, 1, x'01000000000000000000000000000000', 0, 'import', 1, NULL, NULL, NULL, 0, 2, 'registered', NULL, NULL, NULL, NULL, 'import', NULL, NULL, '2026-03-04 12:00:00.000000'),
		(4, 2, x'02000000000000000000000000000000', 0, 'register', 2, NULL, NULL, NULL, -1, 3, 'registered', 7, 1, 31.25, 0.0, 'app', 'r1',
			x'03000000000000000000000000000000', '2026-03-04 12:00:00.000001'),
		(4, 3, x'02000000000000000000000000000000', 1, 'retire', 2, -1, 3, 'registered', -1, 3, 'retired', 7, 1, 31.25, 0.0, 'app', 'r1', NULL, '2026-03-04 12:00:01.000000');`

func TestReadsEachColumn(t *testing.T) {
	db := tables.Open(t, "sqlite://"+filepath.Join(t.TempDir(), "register.db"))
	if _, err := db.Exec(schema); err != nil {
		t.Fatal(err)
	}
	must := func(s domain.State, err error) domain.State {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	where, err := domain.NewLocation(new(31.25), new(0.0))
	if err != nil {
		t.Fatal(err)
	}
	registered := must(domain.RestoreState(-1, 3, domain.ApartmentRegistered))
	by := domain.Origin{By: 7, Through: 1, Location: where, At: noon.Add(time.Microsecond), Source: domain.SourceApp, RequestID: "r1"}
	later := by
	later.At = noon.Add(time.Second)
	wantApartments := []storetest.ApartmentRow{
		{ID: 1, Block: 4, Number: 2, Status: domain.ApartmentRegistered, RegisteredAt: noon, Version: 1},
		{ID: 2, Block: 4, Floor: -1, Number: 3, Status: domain.ApartmentRetired, RegisteredBy: new(domain.UserID(7)), RegisteredAt: by.At, ChangedAt: &later.At, Version: 3},
	}
	wantChanges := []domain.LedgerEntry{
		{Block: 4, Sequence: 1, ChangeSet: domain.ChangeSetID{1}, Kind: domain.ChangeImport, Apartment: 1,
			After: must(domain.RestoreState(0, 2, domain.ApartmentRegistered)), Origin: domain.Origin{At: noon, Source: domain.SourceImport}},
		{Block: 4, Sequence: 2, ChangeSet: domain.ChangeSetID{2}, Kind: domain.ChangeRegister, Apartment: 2, After: registered, Origin: by, Asked: domain.Digest{3}},
		{Block: 4, Sequence: 3, ChangeSet: domain.ChangeSetID{2}, Position: 1, Kind: domain.ChangeRetire, Apartment: 2, Before: registered,
			After: must(domain.RestoreState(-1, 3, domain.ApartmentRetired)), Origin: later},
	}
	rows, err := tables.Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rows.Apartments, wantApartments) || !reflect.DeepEqual(rows.Changes, wantChanges) {
		t.Errorf("read\n%+v\n%+v, want\n%+v\n%+v", rows.Apartments, rows.Changes, wantApartments, wantChanges)
	}
	for _, wrong := range rows.Contradictions() {
		t.Error(wrong)
	}
}

// What the contract does not allow is not read.
func TestRefusesWhatIsNotOfTheContract(t *testing.T) {
	for _, c := range []struct{ update, want string }{
		{"apartments SET live = 0", "in live"},
		{"apartments SET registered_at = '2026-03-04T12:00:00Z'", "parsing time"},
		{"apartments SET changed_at = '2026-03-04 12:00:00.0'", "parsing time"},
		{"memberships SET apartment_id = 0", "instead of NULL"},
		{"changes SET user_id = 0", "instead of NULL"},
		{"changes SET through_apartment_id = 0", "instead of NULL"},
		{"changes SET request_id = ''", "instead of NULL"},
		{"changes SET change_set_id = x'01'", "has 1 bytes"},
		{"changes SET asked = x'0102'", "has 2 bytes"},
		{"changes SET before_floor = NULL, before_number = 1, before_status = 'registered'", "part of a state"},
		{"changes SET after_status = 'gone'", "not known"},
		{"changes SET longitude = 181.0", "between"},
		{"blocks SET status = 'gone'", "not known"},
	} {
		db := tables.Open(t, "sqlite://"+filepath.Join(t.TempDir(), "register.db"))
		if _, err := db.Exec(schema + "UPDATE " + c.update); err != nil {
			t.Fatal(err)
		}
		if _, err := tables.Read(t.Context(), db); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.update, err, c.want)
		}
	}
}
