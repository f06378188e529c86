package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// togetherPromises are about all ports at once.
var togetherPromises = []promise{
	{"a storm of callers, each of whom was told the truth", storm},
	{"random commands, as a model of the register answers them", againstModel},
}

// told is one answer of the storm.
type told struct {
	asked  domain.Registration
	answer answer
}

// storm has callers register under few ids, for few numbers, so that they clash, while others import and read, and some
// leave before their answer. What is kept at the end must agree with every answer that was given.
func storm(t *testing.T, s Subject) {
	const storming, calls, ids, numbers = 12, 40, 60, 30
	update(t, s, town())
	answers := atOnce(storming, func(caller int) []told {
		chance := rand.New(rand.NewPCG(uint64(caller), 1)) // #nosec G404 -- the same storm each time
		var all []told
		for call := range calls {
			switch chance.IntN(10) {
			case 0:
				if _, err := s.MembersOf(t.Context(), 7, 0); err != nil {
					t.Errorf("members: %v", err)
				}
			case 1:
				name := fmt.Sprintf("block of caller %d, call %d", caller, call)
				file := application.Register{Blocks: []domain.Block{block(domain.BlockID(4+2*chance.IntN(2)), name, domain.BlockActive)}}
				if _, err := importing(s).Import(t.Context(), file, nil); err != nil && !errors.Is(err, domain.StoreUnavailable) {
					t.Errorf("import: %v", err)
				}
			default:
				n := chance.IntN(ids)
				r := ask{
					id: id(1 + n), block: domain.BlockID(4 + 2*(n%2)), floor: int64(chance.IntN(20) / 19), number: int64(1 + n%numbers),
				}.registration()
				ctx, leave := context.WithCancel(t.Context())
				if chance.IntN(4) == 0 {
					go leave()
				}
				all = append(all, told{r, register(ctx, s, r)})
				leave()
			}
		}
		return all
	})

	var all []told
	for _, some := range answers {
		all = append(all, some...)
	}
	wantTrue(t, s.Rows(t), all)
}

// wantTrue checks what callers were told against what is kept.
func wantTrue(t *testing.T, rows Rows, all []told) {
	t.Helper()
	registered := rows.registrations()
	type address struct {
		block  domain.BlockID
		number int
	}
	owners := map[address]ApartmentRow{}
	for _, a := range rows.Apartments {
		owners[address{a.Block, a.Number}] = a
	}
	wrote := map[domain.RegistrationID]int{}
	asked := map[domain.RegistrationID][]domain.Apartment{}
	for _, one := range all {
		r, place := one.asked, one.asked.Apartment()
		asked[r.ID()] = append(asked[r.ID()], place)
		kept, known := registered[r.ID()]
		same := known && kept.Block == place.Block() && kept.Floor == place.Floor().Level() && kept.Number == place.Number().Int()
		owner, taken := owners[address{place.Block(), place.Number().Int()}]
		var truth bool
		switch {
		case one.answer.err == nil:
			truth = same
		case errors.Is(one.answer.err, domain.KeyReused):
			truth = known && !same
		case errors.Is(one.answer.err, domain.NumberTaken):
			truth = taken && (owner.Registration == nil || *owner.Registration != r.ID())
		case errors.Is(one.answer.err, domain.StoreUnavailable):
			truth = true // says nothing
		}
		if !truth {
			t.Errorf("registration %s of %+v was answered with outcome %d, %v; kept is %+v, and the number is that of %+v",
				r.ID(), place, one.answer.outcome, one.answer.err, readable(kept), readable(owner))
		}
		if one.answer.outcome == application.Registered {
			wrote[r.ID()]++
		}
	}
	for id, kept := range registered {
		if wrote[id] > 1 {
			t.Errorf("registration %s was said to be written %d times", id, wrote[id])
		}
		wanted := false
		for _, place := range asked[id] {
			wanted = wanted || (place.Block() == kept.Block && place.Floor().Level() == kept.Floor && place.Number().Int() == kept.Number)
		}
		if !wanted {
			t.Errorf("nobody asked for %+v", readable(kept))
		}
	}
}
