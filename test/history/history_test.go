package history_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/history"
	"omarty.net/registry/test/storetest"
)

// fed are rows that a test spoils.
type fed struct{ storetest.Rows }

// add adds what a store keeps of an operation; of an imported apartment where its user is zero.
func (f *fed) add(o history.Operation, id byte) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	block := &f.Blocks[0]
	block.Version++
	block.Registered++
	row := storetest.ApartmentRow{
		ID: domain.ApartmentID(id), Block: o.Block, Floor: o.Floor, Number: o.Number, Status: domain.ApartmentRegistered, RegisteredAt: at, Version: block.Version,
	}
	after, err := domain.RestoreState(o.Floor, o.Number, domain.ApartmentRegistered)
	if err != nil {
		panic(err)
	}
	entry := domain.LedgerEntry{
		Block: o.Block, Sequence: block.Version, ChangeSet: domain.ChangeSetID{15: id}, Kind: domain.ChangeImport, Apartment: row.ID, After: after,
		Origin: domain.Origin{At: at, Source: domain.SourceImport},
	}
	if o.User != 0 {
		row.RegisteredBy = &o.User
		entry.Kind, entry.Origin.By, entry.Origin.Source = domain.ChangeRegister, o.User, domain.SourceApp
	}
	f.Apartments, f.Changes = append(f.Apartments, row), append(f.Changes, entry)
	f.Logs = append(f.Logs, storetest.LogsOf([]domain.LedgerEntry{entry})...)
}

func (f *fed) removeApartment(id domain.ApartmentID) {
	f.Apartments = slices.DeleteFunc(f.Apartments, func(a storetest.ApartmentRow) bool { return a.ID == id })
}

func (f *fed) removeLog(id domain.ApartmentID) {
	f.Logs = slices.DeleteFunc(f.Logs, func(l storetest.LogRow) bool { return l.Record == id })
}

// The checker finds each thing that a register must not do, and nothing where it did none.
func TestHistoryIsJudged(t *testing.T) {
	by := func(user domain.UserID, number int) history.Operation {
		return history.Operation{User: user, Block: history.Block, Floor: 1, Number: number}
	}
	// What clients know in each case, and the ids of the rows that are there for it.
	asked := []struct {
		history.Operation
		told []history.Outcome
		row  byte
	}{
		{by(101, 10), []history.Outcome{history.OK}, 2},
		{by(102, 10), []history.Outcome{history.Taken}, 0},
		{by(102, 11), []history.Outcome{history.Refused}, 0},
		{by(101, 12), nil, 3},
		{by(101, 13), []history.Outcome{history.Unknown}, 0},
		{by(101, 14), []history.Outcome{history.Unknown, history.Unknown, history.OK}, 4},
		{by(101, 15), []history.Outcome{history.OK, history.Unknown}, 5}, // asked again
	}
	palmTower, err := domain.NewBlock(history.Block, "Palm Tower", domain.BlockActive)
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
			f.add(history.Operation{User: 101, Block: history.Block, Floor: 2, Number: 13}, 7)
		}, []string{
			"doubled: number 13", "untrue: nobody asked for apartment 7",
		}},
		{"a number that an imported one has", func(f *fed) { f.Apartments[0].Number = 10 }, []string{"doubled: number 10", "lost: apartment 1"}},
		{"a doubled row of the log", func(f *fed) { f.Logs = append(f.Logs, f.Logs[0]) }, []string{"doubled: registration"}},
		{"an orphan of an unknown one", func(f *fed) { f.removeApartment(3) }, []string{"orphaned: a row of the log about apartment 3"}},
		{"an unknown one without its log", func(f *fed) { f.removeLog(3) }, []string{"orphaned: apartment 3"}},
		{"a row of the log that says something else", func(f *fed) { f.Logs[0].User = 999 }, []string{"untrue: the log is not that of the ledger"}},
		{"a row that nobody asked for", func(f *fed) { f.add(by(101, 20), 6) }, []string{"untrue: nobody asked for apartment 6, number 20"}},
		{"on another floor", func(f *fed) { f.Apartments[1].Floor = 2 }, []string{"lost: number 10", "untrue: nobody asked for apartment 2"}},
		{"imported meanwhile", func(f *fed) {
			f.add(history.Operation{Block: history.Block, Floor: 1, Number: 20}, 6)
		}, []string{"untrue: nobody asked for apartment 6"}},
		{"refused as taken and there", func(f *fed) { f.removeApartment(2); f.removeLog(2); f.add(by(102, 10), 6) }, []string{
			"lost: number 10", "untrue: number 10 on floor 1 of block 4, asked for by user 102, was refused as taken and is there",
		}},
		{"refused and there", func(f *fed) { f.add(by(102, 11), 6) }, []string{"untrue: number 11 on floor 1 of block 4, asked for by user 102, was refused and is there"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := fed{storetest.Rows{Blocks: []storetest.BlockRow{{Block: palmTower}}}}
			rows.add(history.Operation{Block: history.Block, Number: 1}, 1)
			h := history.New(storetest.Rows{Blocks: slices.Clone(rows.Blocks), Apartments: slices.Clone(rows.Apartments)})
			for _, o := range asked {
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
			counted := [...]int{verdict.Acknowledged, verdict.Unknown, verdict.Resolved, verdict.Requests, verdict.Unavailable, verdict.Wrong}
			if counted != [...]int{3, 4, 2, 9, 4, 0} {
				t.Errorf("counted %v", counted)
			}
		})
	}
}

// A client tells each answer that it may get from those that it may not.
func TestAsk(t *testing.T) {
	const unavailable = `{"status":503,"message":"Service is unavailable, please try again."}`
	for _, c := range []struct {
		name, body string
		status     int
		header     http.Header
		outcome    history.Outcome
		replayed   bool
		fails      bool
	}{
		{"registered", `{"status":200,"data":"Apartment registered."}`, 200, nil, history.OK, false, false},
		{"replayed", `{"status":200,"data":"Apartment registered."}`, 200, http.Header{"Idempotent-Replayed": {"true"}}, history.OK, true, false},
		{"taken", `{"status":200,"message":"Apartment already registered."}`, 200, nil, history.Taken, false, false},
		{"unavailable", unavailable, 503, http.Header{"Retry-After": {"1"}}, history.Unknown, false, false},
		{"unavailable, nobody knows for how long", unavailable, 503, nil, history.Unknown, false, true},
		{"broken", `{"status":500,"message":"Internal error."}`, 500, nil, history.Wrong, false, true},
		{"no answer", "", 0, nil, history.Unknown, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if c.status == 0 {
					panic(http.ErrAbortHandler)
				}
				if r.FormValue("aptNum") != "10" || r.Header.Get("Idempotency-Key") != "a key" {
					t.Errorf("asked: %v, %v", r.Form, r.Header)
				}
				maps.Copy(w.Header(), c.header)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer server.Close()
			h := history.New(storetest.Rows{})
			outcome, replayed, err := h.Ask(server.Listener.Addr().String(), history.Contended(0, 0), "a key")
			if outcome != c.outcome || replayed != c.replayed || (err != nil) != c.fails || errors.Is(err, history.ErrNoAnswer) != (c.status == 0) {
				t.Errorf("%s, replayed is %t: %v", outcome, replayed, err)
			}
			verdict := h.Judge(storetest.Rows{})
			if verdict.Requests != 1 || (verdict.Wrong == 1) != (c.outcome == history.Wrong) || (verdict.Unavailable == 1) != (c.outcome == history.Unknown) {
				t.Errorf("counted: %+v", verdict)
			}
		})
	}
}
