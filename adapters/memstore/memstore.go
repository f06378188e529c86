// Package memstore keeps a register in memory, with the same promises as the stores on a database except that it ends
// with the process. It serves unit tests of services that use the register, and `database.url: memory:`.
package memstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Store is a register in memory: application.Members, application.Registrar and application.Importer. Use New; it is
// safe for concurrent use. What it takes in and gives out are copies.
type Store struct {
	mu          sync.RWMutex
	blocks      map[domain.BlockID]domain.Block
	memberships map[domain.UserID][]domain.Membership
	apartments  map[domain.ApartmentID]*Apartment
	byNumber    map[address]*Apartment
	byID        map[domain.RegistrationID]*Apartment
	logs        []LogEntry
	lastID      domain.ApartmentID
}

var (
	_ application.Members   = (*Store)(nil)
	_ application.Registrar = (*Store)(nil)
	_ application.Importer  = (*Store)(nil)
)

// Apartment is an apartment as the store keeps it.
type Apartment struct {
	domain.Apartment
	// Registration is zero where the apartment was imported, and so is RegisteredBy.
	Registration domain.RegistrationID
	RegisteredBy domain.UserID
	RegisteredAt time.Time
}

// LogEntry is one row of the log.
type LogEntry struct {
	Registration domain.RegistrationID
	User         domain.UserID
	Action       string
	Block        domain.BlockID
	// Apartment is the user's own, zero where none was named.
	Apartment domain.ApartmentID
	// Record is the apartment that was registered.
	Record    domain.ApartmentID
	Location  domain.Location
	CreatedAt time.Time
}

// address is what is in a block once.
type address struct {
	block  domain.BlockID
	number domain.Number
}

func addressOf(a domain.Apartment) address { return address{a.Block(), a.Number()} }

// New returns an empty store.
func New() *Store {
	return &Store{
		blocks:      map[domain.BlockID]domain.Block{},
		memberships: map[domain.UserID][]domain.Membership{},
		apartments:  map[domain.ApartmentID]*Apartment{},
		byNumber:    map[address]*Apartment{},
		byID:        map[domain.RegistrationID]*Apartment{},
	}
}

// MembersOf implements application.Members.
func (s *Store) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var members []domain.Member
	for _, m := range s.memberships[user] {
		if block == 0 || block == m.Block() {
			members = append(members, domain.Member{Membership: m, Block: s.blocks[m.Block()]})
		}
	}
	return members, nil
}

// Register implements application.Registrar.
func (s *Store) Register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := alive(ctx); err != nil {
		return 0, err
	}
	if kept, known := s.byID[r.ID()]; known {
		if err := r.AskedAgain(kept.Apartment); err != nil {
			return 0, err
		}
		return application.Replayed, nil
	}
	if _, taken := s.byNumber[addressOf(r.Apartment())]; taken {
		return 0, domain.NumberTaken
	}
	kept := &Apartment{
		Apartment:    r.Apartment().WithID(s.lastID + 1),
		Registration: r.ID(),
		RegisteredBy: r.By(),
		RegisteredAt: r.At(),
	}
	s.keep(kept)
	s.logs = append(s.logs, LogEntry{
		Registration: r.ID(),
		User:         r.By(),
		Action:       domain.ActionCreateApartment,
		Block:        kept.Block(),
		Apartment:    r.Through(),
		Record:       kept.ID(),
		Location:     r.Location(),
		CreatedAt:    r.At(),
	})
	return application.Registered, nil
}

// keep adds an apartment, or puts it back under a new number.
func (s *Store) keep(a *Apartment) {
	s.apartments[a.ID()] = a
	s.byNumber[addressOf(a.Apartment)] = a
	if a.Registration != (domain.RegistrationID{}) {
		s.byID[a.Registration] = a
	}
	s.lastID = max(s.lastID, a.ID())
}

// Blocks returns every block, in the order of their ids.
func (s *Store) Blocks() []domain.Block {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.blocks), func(a, b domain.Block) int { return cmp.Compare(a.ID(), b.ID()) })
}

// Memberships returns every membership, in the order of their users' ids.
func (s *Store) Memberships() []domain.Membership {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []domain.Membership
	for _, user := range slices.Sorted(maps.Keys(s.memberships)) {
		all = append(all, s.memberships[user]...)
	}
	return all
}

// Apartments returns every apartment, in the order of their ids.
func (s *Store) Apartments() []Apartment {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]Apartment, 0, len(s.apartments))
	for _, a := range s.apartments {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Apartment) int { return cmp.Compare(a.ID(), b.ID()) })
	return all
}

// Logs returns the log, oldest first.
func (s *Store) Logs() []LogEntry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.logs)
}

// Ping reports that the store can answer, unless ctx is done.
func (s *Store) Ping(ctx context.Context) error { return alive(ctx) }

func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", domain.StoreUnavailable, err)
	}
	return nil
}
