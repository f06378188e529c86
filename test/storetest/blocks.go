package storetest

import (
	"context"
	"math"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var blocksPromises = []promise[BlocksStore]{
	{"blocks with their versions, counts and outermost floors, in the order of their ids", blocksAll},
	{"what is not there is left out, and what is asked for twice comes once", blocksLeftOut},
	{"blocks as every write leaves them", blocksNow},
	{"more blocks than a statement takes", blocksMany},
	{"all blocks at one moment", blocksOneMoment},
	{"unavailable to a caller who is gone", blocksGone},
}

// wantBlocks compares with the model, and returns what the store answers.
func wantBlocks(t *testing.T, s *subject[BlocksStore], ids ...domain.BlockID) []application.BlockSummary {
	t.Helper()
	got, err := s.Store.BlocksByID(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := difference("blocks", got, s.model.blocksByID(ids)); wrong != "" {
		t.Errorf("blocks %v: %s", ids, wrong)
	}
	return got
}

func blocksAll(t *testing.T, s *subject[BlocksStore]) {
	changes := town()
	changes.NewBlocks = append(changes.NewBlocks, block(9, "No apartments", domain.BlockActive))
	changes.NewApartments = append(changes.NewApartments,
		apartment(105, 4, -20, 1), apartment(106, 4, 300, 2), retired(apartment(107, 6, 7, 1)), retired(apartment(108, 6, -7, 1)))
	s.update(t, changes)
	got := wantBlocks(t, s, 6, 4, 9, 5)
	for i, want := range []application.BlockSummary{
		{Block: changes.NewBlocks[0], Version: 4, Registered: 4, Lowest: floorAt(-20), Highest: floorAt(300)},
		{Block: changes.NewBlocks[1], Version: 1, Registered: 1, Lowest: floorAt(0), Highest: floorAt(0)},
		{Block: changes.NewBlocks[2], Version: 3, Registered: 1, Retired: 2, Lowest: floorAt(-1), Highest: floorAt(-1)},
		{Block: changes.NewBlocks[3]}, // the ground floor is a floor, and none is none
	} {
		if got[i] != want {
			t.Errorf("block\n%+v, want\n%+v", got[i], want)
		}
	}
}

func blocksLeftOut(t *testing.T, s *subject[BlocksStore]) {
	s.update(t, town())
	for _, ids := range [][]domain.BlockID{nil, {}, {99}, {math.MaxInt64, 5, domain.NoSuchBlock, 1}, {4, 4, 6, 4}, {0}} {
		wantBlocks(t, s, ids...)
	}
}

func blocksNow(t *testing.T, s *subject[BlocksStore]) {
	s.update(t, town())
	for i, spec := range []domain.ChangeSetSpec{
		asked(1, register(5, 1)), asked(2, retire(101), retire(102)), asked(3, restore(101)), asked(4, correct(101, -3, 0)),
		asked(5, retire(101), register(1, 1)), // refused
		asked(5, correct(101, -3, 0)),         // unchanged
		asked(1, register(5, 1)),              // replayed
		asked(6, retire(101), register(9, 901), register(-9, 902)),
	} {
		if _, err := s.apply(t, spec); (err != nil) != (i == 4) {
			t.Errorf("set %d: %v", i, err)
		}
		wantBlocks(t, s, 4, 6)
	}
	b := s.model.blocks[4]
	s.update(t, changeSets(application.Changes{
		At: noon.Add(time.Hour), ChangedBlocks: []domain.Block{block(4, "Renamed", domain.BlockSuspended)},
		NewApartments: []domain.Apartment{apartment(500, 4, 20, 500), retired(apartment(501, 4, 30, 500))},
		ChangedApartments: []application.ApartmentChange{
			{Apartment: b.apartments[101], After: state(-15, 77, domain.ApartmentRegistered)},
		},
	}))
	wantBlocks(t, s, 4, 6)
	for _, a := range b.all() {
		if a.Status() == domain.ApartmentRegistered {
			s.done(t, asked(1000+int(a.ID()), retire(a.ID())))
		}
	}
	if got := wantBlocks(t, s, 4); got[0].Registered != 0 || got[0].Lowest != (domain.Floor{}) {
		t.Errorf("all are retired: %+v", got[0])
	}
}

func blocksMany(t *testing.T, s *subject[BlocksStore]) {
	const many = 1203
	changes := application.Changes{At: noon}
	var ids []domain.BlockID
	for i := range many {
		id := domain.BlockID(3 * (many - i))
		ids = append(ids, id, id+1)
		changes.NewBlocks = append(changes.NewBlocks, block(id, "", domain.BlockActive))
		changes.NewApartments = append(changes.NewApartments, apartment(domain.ApartmentID(1+i), id, i%7, 1))
	}
	s.update(t, changeSets(changes))
	if got := wantBlocks(t, s, ids...); len(got) != many {
		t.Errorf("%d blocks, want %d", len(got), many)
	}
}

// A set is written in block 4, and after it one in block 6: at any moment they have as many, or the first one more.
func blocksOneMoment(t *testing.T, s *subject[BlocksStore]) {
	s.update(t, town())
	const rounds = 40
	written := make(chan struct{})
	var h history
	go func() {
		defer close(written)
		for n := range rounds {
			for i, in := range []domain.BlockID{4, 6} {
				_, _ = h.apply(askedIn(in, 1+2*n+i, register(1, 1+n)), func(set domain.ChangeSet) (domain.Applied, error) { return s.Store.Apply(t.Context(), set) })
			}
		}
	}()
	for going := true; going; {
		select {
		case <-written:
			going = false
		default:
		}
		got, err := s.Store.BlocksByID(t.Context(), []domain.BlockID{4, 6})
		if err != nil {
			t.Fatal(err)
		}
		if first, second := got[0].Registered-2, got[1].Registered-1; first != second && first != second+1 {
			t.Errorf("%d and %d are registered: not at one moment", first, second)
		}
		for _, b := range got {
			if int(b.Version) != b.Registered {
				t.Errorf("version %d, and %d are registered: not at one moment", b.Version, b.Registered)
			}
		}
	}
	h.explained(t, s.model, s.rows(t))
}

func blocksGone(t *testing.T, s *subject[BlocksStore]) {
	s.update(t, town())
	wantUnavailable(t, func(ctx context.Context) error {
		got, err := s.Store.BlocksByID(ctx, []domain.BlockID{4})
		if len(got) > 0 {
			t.Errorf("%v", got)
		}
		return err
	})
}
