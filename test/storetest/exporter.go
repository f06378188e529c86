package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var exporterPromises = []promise[ExporterStore]{
	{"every block, apartment and membership, in the order of their ids", exportAll},
	{"of some blocks alone", exportSome},
	{"more rows than a statement returns", exportMany},
	{"ends with the first error of a function, as it is", exportFails},
	{"all as they are at one moment, while others write", exportOneMoment},
	{"nobody waits for the reader of an export", exportWhileWriting},
	{"an import of what was exported changes nothing", exportImported},
	{"unavailable to a caller who is gone", exportGone},
}

// exported reads an export, and checks the order of its parts.
func exported(t *testing.T, store application.Exporter, blocks []domain.BlockID) application.Register {
	t.Helper()
	var r application.Register
	err := store.ExportRegister(t.Context(), blocks, application.RegisterReader{
		Block: func(b domain.Block) error {
			if len(r.Apartments)+len(r.Memberships) > 0 {
				t.Errorf("block %d comes after apartments or memberships", b.ID())
			}
			r.Blocks = append(r.Blocks, b)
			return nil
		},
		Apartment: func(a domain.Apartment) error {
			if len(r.Memberships) > 0 {
				t.Errorf("apartment %d comes after memberships", a.ID())
			}
			r.Apartments = append(r.Apartments, a)
			return nil
		},
		Membership: func(m domain.Membership) error {
			r.Memberships = append(r.Memberships, m)
			return nil
		},
	})
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	return r
}

// wantExported compares an export with the model.
func wantExported(t *testing.T, s *subject[ExporterStore], blocks []domain.BlockID) application.Register {
	t.Helper()
	got := exported(t, s.Store, blocks)
	var want application.Register
	mine := func(id domain.BlockID) bool { return blocks == nil || slices.Contains(blocks, id) }
	for id, b := range s.model.blocks {
		if mine(id) {
			want.Blocks = append(want.Blocks, b.Block)
			want.Apartments = append(want.Apartments, b.all()...)
		}
	}
	for _, m := range s.model.memberships {
		if mine(m.Block()) {
			want.Memberships = append(want.Memberships, m)
		}
	}
	byBlockAndUser := func(a, b domain.Membership) int {
		return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.User(), b.User()))
	}
	if !slices.IsSortedFunc(got.Memberships, byBlockAndUser) {
		t.Errorf("memberships come in the order %v", got.Memberships)
	}
	sorted := func(m []domain.Membership) []domain.Membership {
		return slices.SortedFunc(slices.Values(m), compareMemberships)
	}
	wrong := cmp.Or(
		difference("blocks", got.Blocks, sortedBlocks(want.Blocks)),
		difference("apartments", got.Apartments, sortedApartments(want.Apartments)),
		difference("memberships", sorted(got.Memberships), sorted(want.Memberships)),
	)
	if wrong != "" {
		t.Errorf("export of %v: %s", blocks, wrong)
	}
	return got
}

func exportAll(t *testing.T, s *subject[ExporterStore]) {
	wantExported(t, s, nil)
	s.update(t, crowd())
	s.done(t, asked(1, register(-5, 1), retire(101), correct(102, 9, 0)))
	wantExported(t, s, nil)
}

func exportSome(t *testing.T, s *subject[ExporterStore]) {
	s.update(t, crowd())
	s.done(t, asked(1, retire(101)))
	for _, blocks := range [][]domain.BlockID{{4}, {6, 5}, {99}, {99, 6, 6}, {}} {
		wantExported(t, s, blocks)
	}
}

// manyRows is 1203 of each, ids descending.
func manyRows() application.Changes {
	changes := application.Changes{At: noon}
	for i := range 1203 {
		id := domain.BlockID(2000 - i)
		home := domain.ApartmentID(5000 - 2*i)
		changes.NewBlocks = append(changes.NewBlocks, block(id, "", domain.BlockActive))
		changes.NewApartments = append(changes.NewApartments, apartment(home, id, 0, 1))
		changes.NewMemberships = append(changes.NewMemberships, member(domain.UserID(1+i%7), id, home, domain.RoleManager, domain.MembershipActive))
	}
	return changeSets(changes)
}

func exportMany(t *testing.T, s *subject[ExporterStore]) {
	changes := manyRows()
	for i := range 1203 { // in one block too
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(10_001+i), 2000, 1, 2+i))
		changes.NewMemberships = append(changes.NewMemberships, member(domain.UserID(100+i), 2000, 0, domain.RoleResident, domain.MembershipActive))
	}
	s.update(t, changes)
	wantExported(t, s, nil)
	wantExported(t, s, []domain.BlockID{2000})
}

func exportFails(t *testing.T, s *subject[ExporterStore]) {
	s.update(t, crowd())
	for _, refusal := range []error{errors.New("of the reader's own"), domain.StoreUnavailable, domain.NumberTaken, context.Canceled} {
		for failing := range 3 {
			calls := [3]int{}
			call := func(part int) error {
				calls[part]++
				if part == failing && calls[part] == 2 {
					return refusal
				}
				return nil
			}
			err := s.Store.ExportRegister(t.Context(), nil, application.RegisterReader{
				Block:      func(domain.Block) error { return call(0) },
				Apartment:  func(domain.Apartment) error { return call(1) },
				Membership: func(domain.Membership) error { return call(2) },
			})
			if err != refusal { //nolint:errorlint // as it is
				t.Errorf("error %v, want %v", err, refusal)
			}
			if calls[failing] != 2 || (failing < 2 && calls[failing+1] > 0) {
				t.Errorf("after an error in part %d, the parts were called %v times", failing, calls)
			}
		}
	}
	wantExported(t, s, nil)
}

// A set is written in block 4, and after it one in block 6: at any moment they have as many, or the first one more. What
// comes with a set comes whole.
func exportOneMoment(t *testing.T, s *subject[ExporterStore]) {
	s.update(t, town())
	const rounds = 30
	written := make(chan struct{})
	var h history
	go func() {
		defer close(written)
		for n := range rounds {
			for i, in := range []domain.BlockID{4, 6} {
				_, _ = h.apply(askedIn(in, 1+2*n+i, register(1, 1+2*n), register(1, 2+2*n)),
					func(set domain.ChangeSet) (domain.Applied, error) { return s.Store.Apply(t.Context(), set) })
			}
		}
	}()
	for going := true; going; {
		select {
		case <-written:
			going = false
		default:
		}
		in := map[domain.BlockID]int{4: -2, 6: -1}
		for _, a := range exported(t, s.Store, nil).Apartments {
			in[a.Block()]++
		}
		if in[4]%2 != 0 || in[6]%2 != 0 || (in[4] != in[6] && in[4] != in[6]+2) {
			t.Errorf("%d and %d are registered: not at one moment", in[4], in[6])
		}
	}
	h.explained(t, s.model, s.rows(t))
}

// A set is written from within each function of the reader: the export goes on, and does not see it.
func exportWhileWriting(t *testing.T, s *subject[ExporterStore]) {
	s.update(t, manyRows())
	n := 0
	write := func() error {
		if n++; n%400 == 0 {
			s.done(t, askedIn(2000, n, register(1, 1000+n), correct(5000, n%100, 0)))
			s.update(t, application.Changes{
				At: noon, ChangedBlocks: []domain.Block{block(2000, "changed", domain.BlockSuspended)},
				NewMemberships: []domain.Membership{member(domain.UserID(1000+n), 2000, 0, domain.RoleResident, domain.MembershipActive)},
			})
		}
		return nil
	}
	before := exported(t, s.Store, nil)
	var got application.Register
	err := s.Store.ExportRegister(t.Context(), nil, application.RegisterReader{
		Block:      func(b domain.Block) error { got.Blocks = append(got.Blocks, b); return write() },
		Apartment:  func(a domain.Apartment) error { got.Apartments = append(got.Apartments, a); return write() },
		Membership: func(m domain.Membership) error { got.Memberships = append(got.Memberships, m); return write() },
	})
	wrong := cmp.Or(difference("blocks", got.Blocks, before.Blocks), difference("apartments", got.Apartments, before.Apartments),
		difference("memberships", got.Memberships, before.Memberships))
	if err != nil || wrong != "" {
		t.Errorf("%v, %s", err, wrong)
	}
	wantExported(t, s, nil)
}

func exportImported(t *testing.T, s *subject[ExporterStore]) {
	s.update(t, crowd())
	s.done(t, asked(1, register(-5, 1), retire(101), correct(102, 9, 901)))
	all := exported(t, s.Store, nil)
	s.imported(t, all, application.Summary{Unchanged: len(all.Blocks) + len(all.Apartments) + len(all.Memberships)})
}

func exportGone(t *testing.T, s *subject[ExporterStore]) {
	s.update(t, town())
	reader := application.RegisterReader{
		Block:      func(domain.Block) error { t.Error("a block is handed out"); return nil },
		Apartment:  func(domain.Apartment) error { t.Error("an apartment is handed out"); return nil },
		Membership: func(domain.Membership) error { t.Error("a membership is handed out"); return nil },
	}
	for _, blocks := range [][]domain.BlockID{nil, {4}, {99}} {
		wantUnavailable(t, func(ctx context.Context) error { return s.Store.ExportRegister(ctx, blocks, reader) })
	}
	// Or goes in the middle.
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	reader.Block = func(domain.Block) error { leave(); return nil }
	reader.Apartment, reader.Membership = func(domain.Apartment) error { return nil }, func(domain.Membership) error { return nil }
	if err := s.Store.ExportRegister(ctx, nil, reader); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("gone in the middle: %v", err)
	}
}
