package linearizability_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	lin "omarty.net/registry/test/linearizability"
	"omarty.net/registry/test/tables/inmemory"
)

// made is a history of calls, one after the other, and what the store then holds.
type made struct {
	t     *testing.T
	store *memstore.Store
	app   *application.Application
	names []string
	calls []lin.Call
	kept  lin.Kept
}

// step is how long a call and the pause after it take.
const step = 10 * time.Millisecond

const block = lin.FirstBlock

// ask asks for an operation under a name, which is its key too.
func (m *made) ask(name string, o lin.Operation) {
	o.Key, o.User, o.Block, o.Timeout = name, lin.FirstUser, block, time.Minute
	m.call(name, lin.Call{Operation: o})
}

func (m *made) call(name string, c lin.Call) {
	c.Began = time.Duration(len(m.calls)+1) * step
	c.Ended = c.Began + step/2
	if !c.Unknown {
		c.Answer = lin.Execute(context.Background(), m.app, c.Operation)
	}
	m.names, m.calls = append(m.names, name), append(m.calls, c)
}

// the returns the call of a name.
func (m *made) the(name string) *lin.Call { return &m.calls[slices.Index(m.names, name)] }

// after moves a call to after one other and before the next.
func (m *made) after(name, other string) {
	m.the(name).Began, m.the(name).Ended = m.the(other).Ended+step/10, m.the(other).Ended+step/5
}

// entries returns those of an operation.
func (m *made) entries(name string) []*lin.Entry {
	var found []*lin.Entry
	for i := range m.kept.Entries {
		if m.kept.Entries[i].RequestID == name {
			found = append(found, &m.kept.Entries[i])
		}
	}
	return found
}

func (m *made) apartment(id domain.ApartmentID) *lin.Apartment {
	i := slices.IndexFunc(m.kept.Apartments, func(a lin.Apartment) bool { return a.ID == id })
	return &m.kept.Apartments[i]
}

func (m *made) block() *lin.BlockRow { return &m.kept.Blocks[0] }

// append appends a copy of an entry to the block's ledger.
func (m *made) append(e lin.Entry) {
	n := slices.IndexFunc(m.kept.Entries, func(e lin.Entry) bool { return e.Block != block })
	e.Sequence = m.block().Version + 1
	m.block().Version++
	m.kept.Entries = slices.Insert(m.kept.Entries, n, e)
}

func register(number int) []lin.Change {
	return []lin.Change{{Kind: domain.ChangeRegister, Floor: new(0), Number: number}}
}

func newMade(t *testing.T) *made {
	m := &made{t: t, store: memstore.New()}
	demand(t, lin.Import(t.Context(), m.store, 1))
	m.app = application.New(m.store)
	first := domain.ApartmentID(block) * 100 // of number 1, on floor 0
	swap := []lin.Change{
		{Kind: domain.ChangeCorrect, Apartment: first, Number: 2},
		{Kind: domain.ChangeCorrect, Apartment: first + 1, Number: 1},
	}
	m.ask("create", lin.Operation{Kind: lin.Create, Changes: register(35)})
	m.ask("swap", lin.Operation{Kind: lin.Apply, Changes: swap})
	m.ask("retire", lin.Operation{Kind: lin.Retire, Changes: []lin.Change{{Kind: domain.ChangeRetire, Apartment: first + 2}}})
	m.ask("take", lin.Operation{Kind: lin.Create, Changes: register(3)})
	m.ask("restore-taken", lin.Operation{Kind: lin.Restore, Changes: []lin.Change{{Kind: domain.ChangeRestore, Apartment: first + 2}}})
	m.ask("retire-again", lin.Operation{Kind: lin.Retire, Changes: []lin.Change{{Kind: domain.ChangeRetire, Apartment: first + 2}}})
	m.ask("undo", lin.Operation{Kind: lin.Undo, Undoes: m.the("swap").Answer.ChangeSet})
	m.ask("ledger", lin.Operation{Kind: lin.Ledger, After: lin.PerBlock, Limit: 100})
	m.ask("get", lin.Operation{Kind: lin.Get, Apartment: first})
	m.ask("list", lin.Operation{Kind: lin.Apartments, Floor: new(0), Limit: 100})
	m.ask("block", lin.Operation{Kind: lin.Block})
	m.ask("dry-run", lin.Operation{Kind: lin.Apply, Changes: append(register(36), swap...), DryRun: true})
	m.ask("unanswered", lin.Operation{Kind: lin.Retire, Changes: []lin.Change{{Kind: domain.ChangeRetire, Apartment: first + 3}}})
	m.the("unanswered").Unknown = true
	m.call("never-done", lin.Call{Unknown: true, Operation: lin.Operation{Key: "never-done", User: lin.FirstUser, Block: block, Kind: lin.Create, Changes: register(36)}})
	m.ask("block-with-unanswered", lin.Operation{Kind: lin.Block})
	m.ask("stale", lin.Operation{Kind: lin.Correct, Changes: []lin.Change{{Kind: domain.ChangeCorrect, Apartment: first, Number: 40, IfVersion: 1}}})
	m.ask("twice", lin.Operation{Kind: lin.Apply, Changes: append(register(39), register(39)...)})
	m.ask("unchanged", lin.Operation{Kind: lin.Correct, Changes: []lin.Change{{Kind: domain.ChangeCorrect, Apartment: first, Number: 1}}})
	m.call("again", lin.Call{Operation: m.the("create").Operation})
	reuse := m.the("create").Operation
	reuse.Changes = register(999)
	m.call("reuse", lin.Call{Operation: reuse, Reuse: true})
	// The first asking is done after the second was refused.
	late := lin.Operation{Key: "late", User: lin.FirstUser, Block: block, Kind: lin.Create, Changes: register(38), Timeout: time.Minute}
	m.call("late", lin.Call{Unknown: true, Operation: late})
	m.ask("holder", lin.Operation{Kind: lin.Create, Changes: register(38)})
	m.call("late-refused", lin.Call{Operation: late})
	m.ask("free", lin.Operation{Kind: lin.Retire, Changes: []lin.Change{{Kind: domain.ChangeRetire, Apartment: m.the("holder").Answer.Applied.Changes[0].Apartment.ID}}})
	lin.Execute(t.Context(), m.app, late)
	m.ask("last", lin.Operation{Kind: lin.Create, Changes: register(37)})
	m.ask("block-at-last", lin.Operation{Kind: lin.Block})
	m.kept = lin.KeptIn(inmemory.Rows(m.store))
	return m
}

// Check finds each thing that a register must not do, and nothing where it did none.
func TestHistoriesAreChecked(t *testing.T) {
	first := domain.ApartmentID(block) * 100
	for _, c := range []struct {
		name  string
		spoil func(m *made)
		// want begins one of the faults, and is "" for none.
		want string
	}{
		{"nothing", func(*made) {}, ""},
		{"answers at the same time", func(m *made) {
			m.the("create").Ended, m.the("swap").Began = 3*step, step/2
		}, ""},
		{"a sequence is missing", func(m *made) { m.entries("take")[0].Sequence++ }, "gap: block 4 has sequence 36 after 34"},
		{"the ledger does not begin with 1", func(m *made) { m.kept.Entries = m.kept.Entries[1:] }, "gap: block 4 has sequence 2 after 0"},
		{"the block is at another version", func(m *made) { m.block().Version++ }, "gap: block 4 is at version 43, and its ledger ends at 42"},
		{"a number twice", func(m *made) { m.entries("take")[0].After.Number = 5 }, "doubled: number 5 of block 4"},
		{"a number twice for a while", func(m *made) {
			// It is restored first, and then the number is given up.
			m.entries("retire")[0].After.Status = domain.ApartmentRegistered
		}, "doubled: number 3 of block 4"},
		{"a change set twice", func(m *made) { m.append(*m.entries("last")[0]) }, "ledger: "},
		{"a change set twice, with another between", func(m *made) { m.append(*m.entries("create")[0]) }, "doubled: change set"},
		{"an operation twice, as two change sets", func(m *made) {
			e := *m.entries("last")[0]
			e.ChangeSet[0]++
			m.append(e)
		}, "doubled: last create apartment"},
		{"acknowledged twice", func(m *made) { m.the("again").Answer.Applied.Replayed = false }, "doubled: create create apartment"},
		{"an entry of nobody", func(m *made) { m.entries("take")[0].RequestID = "another" }, "unasked: nobody has asked for entry 35"},
		{"an entry of another user", func(m *made) { m.entries("take")[0].By++ }, "unasked: nobody has asked for entry 35"},
		{"an entry of another source", func(m *made) { m.entries("take")[0].Source = domain.SourceApp }, "unasked: nobody has asked for entry 35"},
		{"an entry of a dry run", func(m *made) { m.entries("take")[0].RequestID = "dry-run" }, "unasked: nobody has asked for entry 35"},
		{"an import in between", func(m *made) { m.entries("take")[0].Kind = domain.ChangeImport }, "unasked: entry 35 of block 4 is an import"},
		{"an entry of something else than was asked for", func(m *made) { m.entries("take")[0].After.Floor = 2 }, "ledger: take create apartment"},
		{"half of a change set", func(m *made) {
			m.entries("undo")[1].RequestID, m.entries("undo")[1].ChangeSet = "x", domain.ChangeSetID{1}
		}, "ledger: undo undo change set"},
		{"a refused change set in the ledger", func(m *made) {
			e := *m.entries("retire")[0]
			e.RequestID, e.ChangeSet = "retire-again", domain.ChangeSetID{1}
			m.append(e)
		}, "ledger: entry 43 of block 4 was to be refused"},
		{"an entry about what was not so", func(m *made) { m.entries("retire")[0].Before.Floor = 1 }, "ledger: entry 34 of block 4 has apartment 402 before it"},
		{"an apartment that is not as the ledger says", func(m *made) { m.apartment(first).Floor = 3 }, "ledger: apartment 400 is"},
		{"an apartment of another version", func(m *made) { m.apartment(first).Version-- }, "ledger: apartment 400 is"},
		{"an apartment that was changed at another time", func(m *made) { m.apartment(first).ChangedAt++ }, "ledger: apartment 400 is"},
		{"an apartment without an entry", func(m *made) {
			m.kept.Apartments = append(m.kept.Apartments, lin.Apartment{ID: 9999, Block: block})
		}, "ledger: apartment 9999 is"},
		{"an apartment that is gone", func(m *made) { m.kept.Apartments = m.kept.Apartments[1:] }, "ledger: apartment 400 of block 4 is not there"},
		{"a wrong count", func(m *made) { m.block().Retired++ }, "ledger: block 4 counts"},
		{"an acknowledged write that is lost", func(m *made) {
			n := slices.IndexFunc(m.kept.Entries, func(e lin.Entry) bool { return e.RequestID == "last" })
			m.kept.Entries = slices.Delete(m.kept.Entries, n, n+1)
			m.block().Version--
		}, "lost: last create apartment"},
		{"a later write before an earlier one", func(m *made) { m.after("create", "undo") }, "order: create create apartment"},
		{"another sequence acknowledged", func(m *made) { m.the("swap").Answer.Applied.Changes[1].Sequence++ }, "untrue: swap apply change set"},
		{"another version acknowledged", func(m *made) { m.the("swap").Answer.Applied.Version++ }, "untrue: swap apply change set"},
		{"another change set acknowledged", func(m *made) { m.the("swap").Answer.ChangeSet[0]++ }, "untrue: swap apply change set"},
		{"another apartment acknowledged", func(m *made) { m.the("create").Answer.Applied.Changes[0].Apartment.ID++ }, "untrue: create create apartment"},
		{"another answer to asking again", func(m *made) { m.the("again").Answer.Applied.Changes[0].Apartment.Version++ }, "untrue: create create apartment"},
		{"asking again is refused", func(m *made) {
			m.the("again").Answer = lin.Answer{Code: domain.NumberTaken}
		}, "untrue: create create apartment"},
		{"refused and done", func(m *made) {
			m.the("unanswered").Unknown = false
			m.the("unanswered").Answer = lin.Answer{Code: domain.AlreadyRetired}
		}, "untrue: unanswered retire apartment in block 4 by user 101"},
		{"refused though never unknown, and done", func(m *made) {
			m.calls = slices.Delete(m.calls, slices.Index(m.names, "late"), 1+slices.Index(m.names, "late"))
		}, "untrue: late create apartment"},
		{"refused for another apartment's sake", func(m *made) { m.the("restore-taken").Answer.Refused[0].Existing.ID = first }, "untrue: restore-taken"},
		{"refused before there was a reason", func(m *made) { m.after("restore-taken", "create") }, "untrue: restore-taken"},
		{"refused as retired before it was", func(m *made) { m.after("retire-again", "create") }, "untrue: retire-again"},
		{"refused for the sake of an apartment that never was", func(m *made) { m.the("twice").Answer.Refused[0].Existing.ID = -2 }, "untrue: twice apply change set"},
		{"one refusal of two", func(m *made) { m.the("twice").Answer.Refused = nil }, "untrue: twice apply change set"},
		{"another refusal", func(m *made) { m.the("stale").Answer.Code = domain.NumberTaken }, "untrue: stale correct apartment"},
		{"a refusal of nothing", func(m *made) { m.the("unchanged").Answer = lin.Answer{Code: domain.NotFound} }, "untrue: unchanged correct apartment"},
		{"unchanged what would change", func(m *made) {
			m.the("unchanged").Changes[0].Number = 38
		}, "untrue: unchanged correct apartment"},
		{"a dry run of something else", func(m *made) { m.the("dry-run").Answer.Applied.Changes[0].Apartment.Number++ }, "untrue: dry-run apply change set"},
		{"a dry run of a later version", func(m *made) { m.after("dry-run", "create") }, "untrue: dry-run apply change set"},
		{"a key reused", func(m *made) { m.the("reuse").Answer.Code = "" }, "untrue: create create apartment"},
		{"an error inside", func(m *made) { m.the("stale").Answer = lin.Answer{Code: lin.Unforeseen, Text: "no such table"} }, "untrue: stale correct apartment"},
		{"an old apartment", func(m *made) {
			m.the("get").Answer.Apartments[0].Version = 1
			m.the("get").Answer.Apartments[0].ChangedAt = m.the("get").Answer.Apartments[0].RegisteredAt
		}, "untrue: get get apartment"},
		{"an apartment that is not found", func(m *made) { m.the("get").Answer = lin.Answer{Code: domain.NotFound} }, "untrue: get get apartment"},
		{"an apartment as it will be", func(m *made) { m.after("get", "create") }, "untrue: get get apartment"},
		{"a list refused", func(m *made) { m.the("list").Answer = lin.Answer{Code: domain.NotFound} }, "untrue: list list apartments"},
		{"a block refused", func(m *made) { m.the("block").Answer.Code = domain.NotFound }, "untrue: block get block"},
		{"a ledger refused", func(m *made) { m.the("ledger").Answer = lin.Answer{Code: domain.NotPermitted} }, "untrue: ledger read ledger"},
		{"a list without one", func(m *made) { m.the("list").Answer.Apartments = m.the("list").Answer.Apartments[1:] }, "untrue: list list apartments"},
		{"a list out of order", func(m *made) { slices.Reverse(m.the("list").Answer.Apartments) }, "untrue: list list apartments"},
		{"a list that was current", func(m *made) { m.after("list", "last") }, "untrue: list list apartments"},
		{"a block that was current", func(m *made) { m.after("block", "last") }, "untrue: block get block"},
		{"a block as it will be", func(m *made) { m.after("block-at-last", "never-done") }, "untrue: block-at-last get block"},
		{"a block within a change set", func(m *made) { m.the("block").Answer.Summary.Version-- }, "untrue: block get block"},
		{"a block of other counts", func(m *made) { m.the("block").Answer.Summary.Registered++ }, "untrue: block get block"},
		{"a ledger page with another entry", func(m *made) { m.the("ledger").Answer.Entries[2].After.Number = 9 }, "untrue: ledger read ledger"},
		{"a ledger page that leaves one out", func(m *made) {
			m.the("ledger").Answer.Entries = slices.Delete(m.the("ledger").Answer.Entries, 2, 3)
		}, "untrue: ledger read ledger"},
		{"a last ledger page that ends too soon", func(m *made) {
			m.the("ledger").Answer.Entries = m.the("ledger").Answer.Entries[:4]
		}, "untrue: ledger read ledger"},
		{"a ledger page of a version that was not yet", func(m *made) { m.the("ledger").Answer.Version = 39 }, "untrue: ledger read ledger"},
		{"a write that one has seen and the next has not", func(m *made) {
			m.after("block", "block-with-unanswered")
		}, "untrue: block get block"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMade(t)
			c.spoil(m)
			faults := lin.Check(m.calls, m.kept)
			if c.want == "" && len(faults) > 0 {
				t.Errorf("faults of nothing wrong:\n%s", strings.Join(faults, "\n"))
			}
			found := func(fault string) bool { return strings.HasPrefix(fault, c.want) }
			if !slices.ContainsFunc(faults, found) && c.want != "" {
				t.Errorf("no fault begins with %q:\n%s", c.want, strings.Join(faults, "\n"))
			}
		})
	}
}
