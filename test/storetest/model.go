package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// model is the register as the ports describe it, in the plainest way: lists that are searched from end to end.
type model struct {
	blocks      []domain.Block
	memberships []domain.Membership
	imported    []domain.Apartment
	registered  []domain.Registration
}

func (m *model) register(r domain.Registration) answer {
	for _, kept := range m.registered {
		if kept.ID() == r.ID() {
			if kept.Apartment() == r.Apartment() {
				return answer{application.Replayed, nil}
			}
			return answer{0, domain.KeyReused}
		}
	}
	if m.taken(r.Apartment()) {
		return answer{0, domain.NumberTaken}
	}
	m.registered = append(m.registered, r)
	return answer{application.Registered, nil}
}

// taken reports whether another apartment has the number.
func (m *model) taken(a domain.Apartment) bool {
	same := func(kept domain.Apartment) bool { return kept.Block() == a.Block() && kept.Number() == a.Number() }
	return slices.ContainsFunc(m.imported, func(kept domain.Apartment) bool { return same(kept) && kept.ID() != a.ID() }) ||
		slices.ContainsFunc(m.registered, func(r domain.Registration) bool { return same(r.Apartment()) })
}

func (m *model) membersOf(user domain.UserID, block domain.BlockID) []domain.Member {
	var members []domain.Member
	for _, membership := range m.memberships {
		if membership.User() == user && (block == 0 || membership.Block() == block) {
			at := slices.IndexFunc(m.blocks, func(b domain.Block) bool { return b.ID() == membership.Block() })
			members = append(members, domain.Member{Membership: membership, Block: m.blocks[at]})
		}
	}
	return members
}

// put replaces what is known by the same key, or adds it, and reports whether it was there.
func put[T any, Key comparable](rows *[]T, row T, key func(T) Key) bool {
	at := slices.IndexFunc(*rows, func(kept T) bool { return key(kept) == key(row) })
	if at < 0 {
		*rows = append(*rows, row)
		return false
	}
	(*rows)[at] = row
	return true
}

// runs of the model share a store, each with blocks, users, registrations and imported ids of its own, since a new store
// for each may take long.
const roomOfRun = 1000

func againstModel(t *testing.T, s Subject) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		g := game{t: t, rt: rt, s: s, first: int64(run) * roomOfRun, imports: map[int64]domain.ApartmentID{}}
		commands := []func(){g.register, g.register, g.register, g.importRows, g.members}
		g.importRows()
		for range rapid.IntRange(1, 12).Draw(rt, "commands") {
			rapid.SampledFrom(commands).Draw(rt, "command")()
		}
		g.compare()
	})
}

// game is one run: commands drawn at random, given to the store and to the model.
type game struct {
	t     *testing.T
	rt    *rapid.T
	s     Subject
	model model
	// first is where the ids of this run begin.
	first int64
	// imports are the ids of imported apartments, and of those that may be.
	imports map[int64]domain.ApartmentID
}

func (g *game) draw(what string, low, high int64) int64 {
	return rapid.Int64Range(low, high).Draw(g.rt, what)
}

func (g *game) block() domain.BlockID { return domain.BlockID(g.first + g.draw("block", 1, 3)) }
func (g *game) user() domain.UserID   { return domain.UserID(g.first + g.draw("user", 1, 3)) }

// register registers in a block that is there: to know that it is, is the use case's part.
func (g *game) register() {
	if len(g.model.blocks) == 0 {
		return
	}
	in := rapid.SampledFrom(g.model.blocks).Draw(g.rt, "block").ID()
	r := ask{
		id: id(int(g.first + g.draw("registration", 1, 6))), user: g.user(), block: in, floor: g.draw("floor", -1, 1), number: g.draw("number", 1, 4),
		through: domain.ApartmentID(g.draw("through", 0, 1)), at: noon,
	}.registration()
	want := g.model.register(r)
	if got := register(g.t.Context(), g.s, r); got.outcome != want.outcome || bare(got.err) != want.err {
		g.rt.Fatalf("registration %s of %+v: %v, want %v", r.ID(), r.Apartment(), got, want)
	}
}

func (g *game) members() {
	user, block := g.user(), g.block()
	if rapid.Bool().Draw(g.rt, "any block") {
		block = 0
	}
	got, err := g.s.MembersOf(g.t.Context(), user, block)
	if want := g.model.membersOf(user, block); err != nil || !slices.Equal(sortedMembers(got), sortedMembers(want)) {
		g.rt.Fatalf("members of user %d in block %d: %v, %v, want %v", user, block, got, err, want)
	}
}

// importRows adds or changes a block, and an apartment and a membership in it, or some of them.
func (g *game) importRows() {
	in := block(g.block(), rapid.SampledFrom([]string{"", "Palm Tower", "برج"}).Draw(g.rt, "name"),
		rapid.SampledFrom([]domain.BlockStatus{domain.BlockActive, domain.BlockSuspended}).Draw(g.rt, "status"))
	home := apartment(g.importedID(g.draw("apartment", 1, 4)), in.ID(), g.draw("floor", -1, 1), g.draw("number", 1, 4))
	m := member(g.user(), in.ID(), 0, rapid.SampledFrom(roles).Draw(g.rt, "role"), rapid.SampledFrom(statuses).Draw(g.rt, "status"))
	withHome, withMember := rapid.Bool().Draw(g.rt, "with an apartment"), rapid.Bool().Draw(g.rt, "with a member")

	before := g.seen(in.ID(), home.ID())
	changes := application.Changes{At: noon}
	sort := func(known bool) int {
		if known {
			return 1
		}
		return 0
	}
	changesOf := [2]*[]domain.Block{&changes.NewBlocks, &changes.ChangedBlocks}
	to := changesOf[sort(put(&g.model.blocks, in, domain.Block.ID))]
	*to = append(*to, in)
	if at := slices.IndexFunc(g.model.imported, func(a domain.Apartment) bool { return a.ID() == home.ID() }); withHome && !g.model.taken(home) &&
		(at < 0 || g.model.imported[at].Block() == in.ID()) {
		to := [2]*[]domain.Apartment{&changes.NewApartments, &changes.ChangedApartments}[sort(put(&g.model.imported, home, domain.Apartment.ID))]
		*to = append(*to, home)
	}
	if withMember {
		to := [2]*[]domain.Membership{&changes.NewMemberships, &changes.ChangedMemberships}[sort(put(&g.model.memberships, m, domain.Membership.Key))]
		*to = append(*to, m)
	}
	scope := application.Scope{Blocks: []domain.BlockID{in.ID()}, Apartments: []domain.ApartmentID{home.ID()}}
	err := g.s.UpdateRegister(g.t.Context(), scope, func(kept application.Kept) (application.Changes, error) {
		if got := describe(kept); got != describe(before) {
			return application.Changes{}, fmt.Errorf("the plan sees %s, want %s", got, describe(before))
		}
		return changes, nil
	}, nil)
	if err != nil {
		g.rt.Fatalf("import of %+v: %v", changes, err)
	}
}

// importedID returns the id of the nth imported apartment of this run: one that the store has not given to a registration.
func (g *game) importedID(n int64) domain.ApartmentID {
	if !slices.ContainsFunc(g.model.imported, func(a domain.Apartment) bool { return a.ID() == g.imports[n] }) {
		highest := domain.ApartmentID(0)
		for _, a := range g.s.Rows(g.t).Apartments {
			highest = max(highest, a.ID)
		}
		g.imports[n] = highest + 5
	}
	return g.imports[n]
}

// seen is what a plan must see of a block and an apartment.
func (g *game) seen(in domain.BlockID, home domain.ApartmentID) application.Kept {
	var kept application.Kept
	for _, b := range g.model.blocks {
		if b.ID() == in {
			kept.Blocks = append(kept.Blocks, b)
		}
	}
	for _, a := range g.model.imported {
		if a.Block() == in || a.ID() == home {
			kept.Apartments = append(kept.Apartments, application.KeptApartment{Apartment: a})
		}
	}
	for _, r := range g.model.registered {
		if r.Apartment().Block() == in {
			kept.Apartments = append(kept.Apartments, application.KeptApartment{Apartment: r.Apartment(), Registered: true})
		}
	}
	for _, m := range g.model.memberships {
		if m.Block() == in {
			kept.Memberships = append(kept.Memberships, m)
		}
	}
	return kept
}

// describe puts what is kept in words and in order, without the ids of registered apartments, which are the store's choice.
func describe(kept application.Kept) string {
	apartments := slices.Clone(kept.Apartments)
	for i, a := range apartments {
		if a.Registered {
			apartments[i].Apartment = a.Apartment.WithID(0)
		}
	}
	memberships := slices.SortedFunc(slices.Values(kept.Memberships), compareMemberships)
	return fmt.Sprintf("%+v %+v %+v", Rows{Blocks: kept.Blocks}.sorted().Blocks, sortedKept(apartments), memberships)
}

// compare checks all rows of this run.
func (g *game) compare() {
	rows := g.s.Rows(g.t)
	mine := func(id int64) bool { return id > g.first && id < g.first+roomOfRun }
	var want, got Rows
	want.Blocks, want.Memberships = g.model.blocks, g.model.memberships
	want.Apartments = rowsOf(application.Changes{At: noon, NewApartments: g.model.imported}).Apartments
	registered := rows.registrations()
	for _, r := range g.model.registered {
		a, entry := rowsOfRegistration(r, registered[r.ID()].ID)
		want.Apartments, want.Logs = append(want.Apartments, a), append(want.Logs, entry)
	}
	got.Blocks = slices.DeleteFunc(rows.Blocks, func(b domain.Block) bool { return !mine(int64(b.ID())) })
	got.Apartments = slices.DeleteFunc(rows.Apartments, func(a ApartmentRow) bool { return !mine(int64(a.Block)) })
	got.Memberships = slices.DeleteFunc(rows.Memberships, func(m domain.Membership) bool { return !mine(int64(m.Block())) })
	got.Logs = slices.DeleteFunc(rows.Logs, func(entry LogRow) bool { return !mine(int64(entry.Block)) })
	if wrong := differences(got.sorted(), want.sorted()); wrong != "" {
		g.rt.Fatal(wrong)
	}
	for _, wrong := range got.Contradictions() {
		g.rt.Error(wrong)
	}
}

func differences(got, want Rows) string {
	return cmp.Or(
		difference("blocks", got.Blocks, want.Blocks), difference("apartments", got.Apartments, want.Apartments),
		difference("memberships", got.Memberships, want.Memberships), difference("logs", got.Logs, want.Logs),
	)
}
