package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// togetherPromises are about all ports at once.
var togetherPromises = []promise[application.Store]{
	{"many callers who write and read, and one history that explains every answer", manyCallers},
	{"random commands, as a model of the register answers them", againstModel},
}

// manyCallers has callers change few apartments under few numbers and few ids, so that they clash, while others import and read,
// and some leave before their answer.
func manyCallers(t *testing.T, s *subject[application.Store]) {
	const storming, calls = 12, 40
	changes := five()
	changes.NewBlocks = append(changes.NewBlocks, block(5, "", domain.BlockActive))
	changes.NewApartments = append(changes.NewApartments, apartment(6, 5, 1, 1), apartment(7, 5, 1, 2))
	changes.NewMemberships = []domain.Membership{member(7, 4, 0, domain.RoleManager, domain.MembershipActive)}
	s.update(t, changeSets(changes))
	w := &wild{s: s, ids: map[domain.BlockID][]domain.ApartmentID{4: {1, 2, 3, 4, 5}, 5: {6, 7}}}
	for _, err := range atOnce(storming, func(caller int) error {
		c := chance(rand.New(rand.NewPCG(uint64(caller), 1)).IntN) // #nosec G404 -- the same commands each time
		for call := range calls {
			if err := w.command(t, c, caller*calls+call); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	w.explained(t, s.model, s.rows(t))
}

// wild is random commands of many callers.
type wild struct {
	history
	s    *subject[application.Store]
	lock sync.Mutex
	ids  map[domain.BlockID][]domain.ApartmentID // that somebody knows of
}

func (w *wild) known(block domain.BlockID) []domain.ApartmentID {
	w.lock.Lock()
	defer w.lock.Unlock()
	return append([]domain.ApartmentID{99_999_999}, w.ids[block]...)
}

func (w *wild) command(t *testing.T, c chance, n int) error {
	in := domain.BlockID(4 + c(2))
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	left := c(8) == 0
	if left {
		go leave()
	}
	var err error
	switch c(10) {
	case 0:
		w.read("a page", in, w.page(ctx, c, in, &err))
	case 1:
		w.read("a page of the ledger", in, w.ledgerPage(ctx, c, in, &err))
	case 2:
		w.read("a summary, a membership, apartments or entries", in, w.one(ctx, c, in, &err))
	case 3:
		w.read("a dry run", in, w.dryRun(ctx, c, in, n, &err))
	case 4:
		// Far from the ids that the store gives after it: the history of a block does not know those of another.
		a := apartment(domain.ApartmentID(1_000_000*(1+n)), in, 0, 1+c(numbers))
		scope := application.Scope{Blocks: []domain.BlockID{in}, Apartments: []domain.ApartmentID{a.ID()}}
		err = w.update(ctx, w.s.Store, in, scope, func(kept application.Kept) application.Changes { return bring(kept, a) })
	default:
		if c(4) == 0 {
			n = c(n + 1) // an id that may have been used
		}
		var applied domain.Applied
		applied, err = w.apply(c.randomSet(in, setOf(in, n), w.known(in)), func(set domain.ChangeSet) (domain.Applied, error) { return w.s.Store.Apply(ctx, set) })
		w.lock.Lock()
		for _, change := range applied.Changes {
			if change.Kind == domain.ChangeRegister && change.Outcome == domain.Done {
				w.ids[in] = append(w.ids[in], change.Apartment.ID())
			}
		}
		w.lock.Unlock()
		var code domain.Code
		if errors.As(err, &code) && code != domain.StoreUnavailable {
			err = nil // the history judges refusals
		}
	}
	if left && errors.Is(err, domain.StoreUnavailable) {
		return nil
	}
	return err
}

// setOf numbers the sets of each block apart: a history is one of a block.
func setOf(in domain.BlockID, n int) int { return 10*n + int(in) }

// explaining explains an answer unless there is none.
func explaining(err *error, explain func(m *model) string) func(m *model) string {
	if *err != nil {
		return nil
	}
	return explain
}

func (w *wild) page(ctx context.Context, c chance, in domain.BlockID, err *error) func() func(*model) string {
	q := c.randomQuery(in)
	return func() func(*model) string {
		var page application.Page[domain.Apartment, application.ApartmentCursor]
		page, *err = w.s.Store.FindApartments(ctx, q)
		return explaining(err, func(m *model) string {
			want := m.find(q)
			if more := len(want) > q.Limit; more != (page.Next != nil) {
				return fmt.Sprintf("there is more: %t", page.Next != nil)
			}
			return difference("apartments", page.Items, want[:min(q.Limit, len(want))])
		})
	}
}

func (w *wild) ledgerPage(ctx context.Context, c chance, in domain.BlockID, err *error) func() func(*model) string {
	q := c.randomLedgerQuery(in, w.known(in))
	return func() func(*model) string {
		var page application.Page[domain.LedgerEntry, domain.Sequence]
		page, *err = w.s.Store.FindChanges(ctx, q)
		return explaining(err, func(m *model) string { return m.checkLedgerPage(q, page) })
	}
}

func (w *wild) one(ctx context.Context, c chance, in domain.BlockID, err *error) func() func(*model) string {
	ids := w.known(in)
	set := id(setOf(in, c(200)))
	return func() func(*model) string {
		switch c(4) {
		case 0:
			var got []application.BlockSummary
			got, *err = w.s.Store.BlocksByID(ctx, []domain.BlockID{in})
			return explaining(err, func(m *model) string { return difference("blocks", got, m.blocksByID([]domain.BlockID{in})) })
		case 1:
			var got []domain.Apartment
			got, *err = w.s.Store.ApartmentsByID(ctx, in, ids)
			return explaining(err, func(m *model) string {
				return difference("apartments", sortedApartments(got), m.apartmentsByID(in, ids))
			})
		case 2:
			var got []domain.LedgerEntry
			got, *err = w.s.Store.ChangeSetEntries(ctx, in, set)
			return explaining(err, func(m *model) string { return difference("entries", got, m.entriesOf(in, set)) })
		default:
			var got []domain.Member
			got, *err = w.s.Store.MembersOf(ctx, 7, in)
			return explaining(err, func(m *model) string { return difference("members", got, m.membersOf(7, in)) })
		}
	}
}

func (w *wild) dryRun(ctx context.Context, c chance, in domain.BlockID, n int, err *error) func() func(*model) string {
	set := must(domain.NewChangeSet(c.randomSet(in, setOf(in, n), w.known(in))))
	return func() func(*model) string {
		got, refused := w.s.Store.DryRun(ctx, set)
		if errors.Is(refused, domain.StoreUnavailable) {
			*err = refused
		}
		return explaining(err, func(m *model) string { return m.compareDryRun(set, got, refused) })
	}
}

// runs of the model share a store, each with blocks, users, sets and imported ids of its own, since a new store for each may take
// long.
const roomOfRun = 1000

func againstModel(t *testing.T, s *subject[application.Store]) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		g := game{t: t, rt: rt, s: s.Store, model: newModel(), rows: s.rows, first: run * roomOfRun}
		g.model.blockOf = s.model.blockOf // ids are used once, over all runs
		g.c = func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "chance") }
		commands := []func(){g.apply, g.apply, g.apply, g.applyAgain, g.importRows, g.importRows, g.read, g.read, g.dryRun}
		g.importRows()
		for range rapid.IntRange(1, 15).Draw(rt, "commands") {
			rapid.SampledFrom(commands).Draw(rt, "command")()
		}
		g.compare()
		for id, b := range g.model.blocks { // what the whole suite compares in the end
			s.model.blocks[id] = b
		}
		s.model.memberships = append(s.model.memberships, g.model.memberships...)
	})
}

// game is one run: commands drawn at random, given to the store and to the model.
type game struct {
	t     *testing.T
	rt    *rapid.T
	c     chance
	s     application.Store
	model *model
	rows  func(testing.TB) Rows
	// first is where the ids of this run begin.
	first int
	specs []domain.ChangeSetSpec
}

func (g *game) block() domain.BlockID { return domain.BlockID(g.first + 1 + g.c(3)) }
func (g *game) user() domain.UserID   { return domain.UserID(g.first + 1 + g.c(3)) }

func (g *game) check(what string, wrong string) {
	if wrong != "" {
		g.rt.Fatalf("%s: %s", what, wrong)
	}
}

func (g *game) checkRead(what string, err error, wrong string) {
	if err != nil {
		g.rt.Fatalf("%s: %v", what, err)
	}
	g.check(what, wrong)
}

func (g *game) apply() {
	g.ask(g.model.randomSet(g.c, g.block(), g.first+g.c(30)))
}

// applyAgain asks for a set again, or for the changes of one under the id of another.
func (g *game) applyAgain() {
	if len(g.specs) == 0 {
		return
	}
	spec := pick(g.c, g.specs)
	if g.c(3) == 0 {
		spec.ID = pick(g.c, g.specs).ID
	}
	g.ask(spec)
}

func (g *game) ask(spec domain.ChangeSetSpec) {
	g.specs = append(g.specs, spec)
	set := must(domain.NewChangeSet(spec))
	got, err := g.s.Apply(g.t.Context(), set)
	g.check("set "+set.ID().String(), g.model.apply(set, got, err))
}

func (g *game) dryRun() {
	set := must(domain.NewChangeSet(g.model.randomSet(g.c, g.block(), g.first+g.c(30))))
	got, err := g.s.DryRun(g.t.Context(), set)
	g.check("dry run", g.model.compareDryRun(set, got, err))
}

func (g *game) read() {
	in := g.block()
	var ids []domain.ApartmentID
	for _, a := range g.model.blocks[in].all() {
		ids = append(ids, a.ID())
	}
	ctx := g.t.Context()
	switch g.c(6) {
	case 0:
		q := g.c.randomQuery(in)
		var all []domain.Apartment
		for {
			page, err := g.s.FindApartments(ctx, q)
			g.checkRead("page", err, "")
			all = append(all, page.Items...)
			if page.Next == nil || len(all) > 1000 {
				break
			}
			q.After = page.Next
		}
		g.check(fmt.Sprintf("query %+v", q), difference("apartments", all, g.model.find(q)))
	case 1:
		q := g.c.randomLedgerQuery(in, ids)
		page, err := g.s.FindChanges(ctx, q)
		g.checkRead("ledger", err, g.model.checkLedgerPage(q, page))
	case 2:
		asked := []domain.BlockID{in, g.block(), domain.BlockID(g.first + 9)}
		got, err := g.s.BlocksByID(ctx, asked)
		g.checkRead("blocks", err, difference("blocks", got, g.model.blocksByID(asked)))
	case 3:
		got, err := g.s.ApartmentsByID(ctx, in, ids)
		g.checkRead("apartments", err, difference("apartments", sortedApartments(got), g.model.apartmentsByID(in, ids)))
	case 4:
		set := id(g.first + g.c(30))
		got, err := g.s.ChangeSetEntries(ctx, in, set)
		g.checkRead("entries", err, difference("entries", got, g.model.entriesOf(in, set)))
	default:
		user := g.user()
		if g.c(2) == 0 {
			in = 0
		}
		got, err := g.s.MembersOf(ctx, user, in)
		g.checkRead("members", err, difference("members", sortedMembers(got), sortedMembers(g.model.membersOf(user, in))))
	}
}

// importRows adds or changes a block, and apartments and a membership in it, or some of them.
func (g *game) importRows() {
	in := block(g.block(), pick(g.c, []string{"", "Palm Tower", "برج"}), pick(g.c, []domain.BlockStatus{domain.BlockActive, domain.BlockSuspended}))
	home := apartment(g.freeID(), in.ID(), g.c(3)-1, 1+g.c(numbers))
	if g.c(4) == 0 {
		home = retired(home)
	}
	m := member(g.user(), in.ID(), 0, pick(g.c, roles), pick(g.c, statuses))
	withMember := g.c(2) == 0
	scope := application.Scope{Blocks: []domain.BlockID{in.ID()}, Apartments: []domain.ApartmentID{home.ID()}}
	before := g.model.within(scope)
	changes := bring(before, home)
	if _, there := g.model.blocks[in.ID()]; there {
		changes.ChangedBlocks = []domain.Block{in}
	} else {
		changes.NewBlocks = []domain.Block{in}
	}
	if home.Status() == domain.ApartmentRetired && g.c(2) == 0 {
		changes.NewApartments = []domain.Apartment{home}
	}
	if withMember {
		changes.NewMemberships = []domain.Membership{m}
		for _, kept := range before.Memberships {
			if kept.Key() == m.Key() {
				changes.NewMemberships, changes.ChangedMemberships = nil, []domain.Membership{m}
			}
		}
	}
	changes = changeSets(changes)
	err := g.s.UpdateRegister(g.t.Context(), scope, func(kept application.Kept) (application.Changes, error) {
		if wrong := differentKept(kept, before); wrong != "" {
			return application.Changes{}, errors.New("what the plan sees: " + wrong)
		}
		return changes, nil
	}, nil)
	if err != nil {
		g.rt.Fatalf("import of %+v: %v", changes, err)
	}
	g.model.update(changes)
}

// freeID returns an id that no apartment has.
func (g *game) freeID() domain.ApartmentID {
	highest := domain.ApartmentID(0)
	for id := range g.model.blockOf {
		highest = max(highest, id)
	}
	return highest + 5
}

// compare checks all rows of this run.
func (g *game) compare() {
	mine := func(id domain.BlockID) bool { return int(id) > g.first && int(id) < g.first+roomOfRun }
	got := g.rows(g.t).of(mine)
	g.check("rows", differentRows(got, g.model.rows()))
	for _, wrong := range got.Contradictions() {
		g.rt.Error(wrong)
	}
}
