package linearizability

import (
	"math/rand/v2"
	"sync"

	"omarty.net/registry/domain"
)

// known is what clients were told, and may be out of date.
type known struct {
	mu     sync.Mutex
	blocks map[domain.BlockID]*knownBlock
}

type knownBlock struct {
	version    domain.Sequence
	apartments map[domain.ApartmentID]Apartment
	ids        []domain.ApartmentID
}

func newKnown() *known {
	k := &known{blocks: map[domain.BlockID]*knownBlock{}}
	for i := range Blocks {
		block := FirstBlock + domain.BlockID(i)
		b := &knownBlock{version: PerBlock, apartments: map[domain.ApartmentID]Apartment{}}
		for n := range PerBlock {
			id := firstApartment(block) + domain.ApartmentID(n)
			b.ids = append(b.ids, id)
			b.apartments[id] = Apartment{ID: id, Block: block, State: State{n % floors, n + 1, domain.ApartmentRegistered}, Version: domain.Sequence(n + 1)}
		}
		k.blocks[block] = b
	}
	return k
}

func (k *known) learn(c Call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b := k.blocks[c.Block]
	b.version = max(b.version, c.Answer.Version, c.Answer.Summary.Version, c.Answer.Applied.Version)
	see := func(a Apartment) {
		if a.ID <= 0 || c.DryRun || a.Version < b.apartments[a.ID].Version {
			return
		}
		if b.apartments[a.ID].ID == 0 {
			b.ids = append(b.ids, a.ID)
		}
		b.apartments[a.ID] = a
		b.version = max(b.version, a.Version)
	}
	for _, a := range c.Answer.Apartments {
		see(a)
	}
	for _, d := range c.Answer.Applied.Changes {
		see(d.Apartment)
	}
}

// pick returns some apartments of a block, each once, which were last known in a status if such are found, and the block's version.
func (k *known) pick(block domain.BlockID, status domain.ApartmentStatus, n int) ([]Apartment, domain.Sequence) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b := k.blocks[block]
	var picked []Apartment
	seen := map[domain.ApartmentID]bool{}
	for tries := 0; len(picked) < n; tries++ {
		a := b.apartments[b.ids[rand.IntN(len(b.ids))]]
		if !seen[a.ID] && (a.Status == status || tries > 50) {
			seen[a.ID] = true
			picked = append(picked, a)
		}
	}
	return picked, b.version
}
