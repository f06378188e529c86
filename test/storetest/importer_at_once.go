package storetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// importerAtOncePromises are those of application.Importer beside other callers.
var importerAtOncePromises = []promise[Filler]{
	{"what the plan sees does not change before its changes are written", atOncePlans},
	{"the same import many times at once brings its rows once", atOnceImports},
	{"imports and change sets in one block at once have one history", atOnceImportAndApply},
}

// Each plan counts one up from what it sees: if two see the same, a count is lost.
func atOncePlans(t *testing.T, s *subject[Filler]) {
	const plans = 12
	s.update(t, application.Changes{At: noon, NewBlocks: []domain.Block{block(4, "0", domain.BlockActive)}})
	countUp := func(kept application.Kept) (application.Changes, error) {
		if len(kept.Blocks) != 1 {
			return application.Changes{}, errors.New("the block is not seen")
		}
		count, err := strconv.Atoi(kept.Blocks[0].Name())
		if err != nil {
			return application.Changes{}, err
		}
		return application.Changes{At: noon, ChangedBlocks: []domain.Block{block(4, strconv.Itoa(count+1), domain.BlockActive)}}, nil
	}
	errs := atOnce(plans, func(int) error {
		return untilAnswered(func() error {
			return s.Store.UpdateRegister(t.Context(), application.Scope{Blocks: []domain.BlockID{4}}, countUp, nil)
		})
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	s.model.update(application.Changes{ChangedBlocks: []domain.Block{block(4, strconv.Itoa(plans), domain.BlockActive)}})
}

// planned keeps what the last plan of an import said, which is the one that was written.
type planned struct {
	application.Importer
	mu      sync.Mutex
	changes []application.Changes
}

func (p *planned) UpdateRegister(ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), progress func(int)) error {
	n := noted{Importer: p.Importer}
	err := n.UpdateRegister(ctx, scope, plan, progress)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && n.changes.Len() > 0 {
		p.changes = append(p.changes, n.changes)
	}
	return err
}

func atOnceImports(t *testing.T, s *subject[Filler]) {
	p := planned{Importer: s.Store}
	errs := atOnce(8, func(int) error {
		return untilAnswered(func() error {
			_, err := importing(&p).Import(t.Context(), fileOf(crowd()), nil)
			return err
		})
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if len(p.changes) != 1 {
		t.Fatalf("%d imports have written, want one", len(p.changes))
	}
	s.model.update(p.changes[0])
}

// Imports bring apartments under numbers that they see to be free, and exchange those of what is theirs, while change sets
// register, correct and retire in the same block.
func atOnceImportAndApply(t *testing.T, s *subject[Filler]) {
	const applying, importers, rounds = 6, 3, 20
	s.update(t, five())
	var h history
	errs := atOnce(applying+importers, func(i int) error {
		for n := range rounds {
			if i < applying {
				spec := asked(1000*(i+1)+n, register(i, 10+(n*7+i*3)%rounds))
				if n%3 == 1 {
					spec.Changes = append(spec.Changes, retire(domain.ApartmentID(1+n%5)))
				} else if n%3 == 2 {
					spec.Changes = []domain.Change{restore(domain.ApartmentID(1 + n%5))}
				}
				err := untilAnswered(func() error {
					_, err := h.apply(spec, func(set domain.ChangeSet) (domain.Applied, error) { return s.Store.Apply(t.Context(), set) })
					return err
				})
				if err != nil && len(refusalsOf(err)) == 0 {
					return err
				}
				continue
			}
			a := apartment(domain.ApartmentID(100_000*i+n), 4, 1, 10+(n*11+i*5)%rounds)
			scope := application.Scope{Blocks: []domain.BlockID{4}, Apartments: []domain.ApartmentID{a.ID()}}
			err := untilAnswered(func() error {
				return h.update(t.Context(), s.Store, 4, scope, func(kept application.Kept) application.Changes { return bring(kept, a) })
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	h.explained(t, s.model, s.rows(t))
}

// bring plans to add an apartment if its number is free, and to exchange the numbers of two that an import changed last.
func bring(kept application.Kept, a domain.Apartment) application.Changes {
	changes := application.Changes{At: noon}
	free := true
	var mine []domain.Apartment
	for _, k := range sortedKept(kept.Apartments) {
		registered := k.Apartment.Status() == domain.ApartmentRegistered
		free = free && k.Apartment.ID() != a.ID() && !(registered && k.Apartment.Number() == a.Number())
		if k.Imported && registered {
			mine = append(mine, k.Apartment)
		}
	}
	if free {
		changes.NewApartments = []domain.Apartment{a}
	}
	if len(mine) > 1 {
		slices.Reverse(mine)
		changes.ChangedApartments = []application.ApartmentChange{{Apartment: mine[0], After: mine[1].State()}, {Apartment: mine[1], After: mine[0].State()}}
	}
	return changeSets(changes)
}
