package faults_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/faults"
	"omarty.net/registry/test/storetest"
)

// fed are rows that a test spoils.
type fed struct{ storetest.Rows }

func (f *fed) add(o faults.Operation, id byte) {
	registration, at := domain.RegistrationID{15: id}, time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f.Apartments = append(f.Apartments, storetest.ApartmentRow{
		ID: domain.ApartmentID(id), Registration: &registration, Block: o.Block, Floor: o.Floor, Number: o.Number, RegisteredBy: &o.User, RegisteredAt: at,
	})
	f.Logs = append(f.Logs, storetest.LogRow{
		Registration: &registration, User: o.User, Action: domain.ActionCreateApartment, Block: o.Block, Record: domain.ApartmentID(id), CreatedAt: at,
	})
}

func (f *fed) removeApartment(id domain.ApartmentID) {
	f.Apartments = slices.DeleteFunc(f.Apartments, func(a storetest.ApartmentRow) bool { return a.ID == id })
}

func (f *fed) removeLog(id domain.ApartmentID) {
	f.Logs = slices.DeleteFunc(f.Logs, func(l storetest.LogRow) bool { return l.Record == id })
}

// The checker finds each thing that a register must not do, and nothing where it did none.
func TestHistoryIsJudged(t *testing.T) {
	by := func(user domain.UserID, number int) faults.Operation {
		return faults.Operation{User: user, Block: block, Floor: 1, Number: number}
	}
	// What clients know in each case, and the ids of the rows that are there for it.
	history := []struct {
		faults.Operation
		told []faults.Outcome
		row  byte
	}{
		{by(101, 10), []faults.Outcome{faults.OK}, 2},
		{by(102, 10), []faults.Outcome{faults.Taken}, 0},
		{by(102, 11), []faults.Outcome{faults.Refused}, 0},
		{by(101, 12), nil, 3},
		{by(101, 13), []faults.Outcome{faults.Unknown}, 0},
		{by(101, 14), []faults.Outcome{faults.Unknown, faults.Unknown, faults.OK}, 4},
		{by(101, 15), []faults.Outcome{faults.OK, faults.Unknown}, 5}, // asked again
	}
	imported := storetest.ApartmentRow{ID: 1, Block: block, Number: 1, RegisteredAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	palmTower, err := domain.NewBlock(block, "Palm Tower", domain.BlockActive)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(f *fed)
		want  []string
	}{
		{"nothing", func(*fed) {}, nil},
		{"a lost registration", func(f *fed) { f.removeApartment(2); f.removeLog(2) }, []string{
			"lost: number 10 on floor 1 of block 4, asked for by user 101, was acknowledged and is not there",
			"untrue: number 10 on floor 1 of block 4, asked for by user 102, was refused as taken and nobody has that number",
		}},
		{"a lost row of the log", func(f *fed) { f.removeLog(2) }, []string{"lost: number 10 on floor 1", "orphaned: apartment 2"}},
		{"a lost apartment", func(f *fed) { f.removeApartment(5) }, []string{"lost: number 15", "orphaned: a row of the log about apartment 5"}},
		{"a lost registration of which the answer was unknown at first", func(f *fed) { f.removeApartment(4); f.removeLog(4) }, []string{"lost: number 14"}},
		{"a lost apartment of the start", func(f *fed) { f.removeApartment(1) }, []string{"lost: apartment 1 of the start is gone"}},
		{"a changed apartment of the start", func(f *fed) { f.Apartments[0].Number = 99 }, []string{"lost: apartment 1 of the start is now"}},
		{"the block", func(f *fed) { f.Blocks = nil }, []string{"untrue: there are 0 blocks"}},
		{"a doubled registration", func(f *fed) { f.add(by(101, 10), 6) }, []string{
			"doubled: number 10 of block 4 is there twice", "doubled: number 10 on floor 1 of block 4, asked for by user 101: 2 apartments",
		}},
		{"a doubled unknown one", func(f *fed) { f.add(by(101, 12), 6) }, []string{"doubled: number 12 of block 4 is there twice"}},
		{"a doubled number", func(f *fed) {
			f.add(by(101, 13), 6)
			f.add(faults.Operation{User: 101, Block: block, Floor: 2, Number: 13}, 7)
		}, []string{
			"doubled: number 13", "untrue: nobody asked for apartment 7",
		}},
		{"a number that an imported one has", func(f *fed) { f.Apartments[0].Number = 10 }, []string{"doubled: number 10", "lost: apartment 1"}},
		{"a doubled row of the log", func(f *fed) { f.Logs = append(f.Logs, f.Logs[0]) }, []string{"doubled: registration"}},
		{"an orphan of an unknown one", func(f *fed) { f.removeApartment(3) }, []string{"orphaned: a row of the log about apartment 3"}},
		{"an unknown one without its log", func(f *fed) { f.removeLog(3) }, []string{"orphaned: apartment 3"}},
		{"a row of the log without a registration", func(f *fed) { f.Logs[0].Registration = nil }, []string{"lost: number 10", "orphaned: a row of the log about apartment 2"}},
		{"a row of the log that says something else", func(f *fed) { f.Logs[0].User = 999 }, []string{"untrue: registration"}},
		{"a row that nobody asked for", func(f *fed) { f.add(by(101, 20), 6) }, []string{"untrue: nobody asked for apartment 6, number 20"}},
		{"on another floor", func(f *fed) { f.Apartments[1].Floor = 2 }, []string{"lost: number 10", "untrue: nobody asked for apartment 2"}},
		{"imported meanwhile", func(f *fed) {
			f.Apartments = append(f.Apartments, storetest.ApartmentRow{ID: 6, Block: block, Floor: 1, Number: 20, RegisteredAt: imported.RegisteredAt})
		}, []string{"untrue: nobody asked for apartment 6"}},
		{"refused as taken and there", func(f *fed) { f.removeApartment(2); f.removeLog(2); f.add(by(102, 10), 6) }, []string{
			"lost: number 10", "untrue: number 10 on floor 1 of block 4, asked for by user 102, was refused as taken and is there",
		}},
		{"refused and there", func(f *fed) { f.add(by(102, 11), 6) }, []string{"untrue: number 11 on floor 1 of block 4, asked for by user 102, was refused and is there"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := fed{storetest.Rows{Blocks: []domain.Block{palmTower}, Apartments: []storetest.ApartmentRow{imported}}}
			h := faults.NewHistory(storetest.Rows{Blocks: rows.Blocks, Apartments: []storetest.ApartmentRow{imported}})
			for _, o := range history {
				h.Invoke(o.Operation)
				for _, told := range o.told {
					h.Answer(o.Operation, told)
				}
				if o.row != 0 {
					rows.add(o.Operation, o.row)
				}
			}
			c.spoil(&rows)
			verdict := h.Judge(rows.Rows)
			found := verdict.Faults()
			for _, want := range c.want {
				if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) }) {
					t.Errorf("not found: %s", want)
				}
			}
			if len(c.want) == 0 && len(found) > 0 || t.Failed() {
				t.Errorf("found:\n%s", strings.Join(found, "\n"))
			}
			if verdict.Acknowledged != 3 || verdict.Unknown != 4 || verdict.Resolved != 2 {
				t.Errorf("counted %d acknowledged, %d unknown, %d resolved", verdict.Acknowledged, verdict.Unknown, verdict.Resolved)
			}
		})
	}
}
