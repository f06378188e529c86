package application

import (
	"context"
	"errors"
	"fmt"

	"omarty.net/registry/domain"
)

// Difference is one row that an import would write.
type Difference struct {
	// What is the row: a block, an apartment or a membership, by what it is known by.
	What string
	// Before is what the register keeps of it, "" where it has none; After is what the import makes of it.
	Before, After string
}

// errChecked ends an import that was to be planned alone.
var errChecked = errors.New("the import was planned, and not made")

// Check tells what Import would do with the register as it is now, and writes nothing. It returns the errors of Import.
func (i *ImportRegister) Check(ctx context.Context, register Register) (Summary, []Difference, error) {
	var summary Summary
	var differences []Difference
	plan := func(kept Kept) (Changes, error) {
		changes, faults := planImport(register, kept)
		if len(faults) > 0 {
			return Changes{}, faults
		}
		summary, differences = summaryOf(register, changes), differencesOf(changes, kept)
		return Changes{}, errChecked
	}
	if err := i.importer.UpdateRegister(ctx, scopeOf(register), plan, nil); !errors.Is(err, errChecked) {
		return Summary{}, nil, err
	}
	return summary, differences, nil
}

// differencesOf lists changes: blocks, then apartments, then memberships.
func differencesOf(c Changes, kept Kept) []Difference {
	blocks, apartments, memberships := map[domain.BlockID]string{}, map[domain.ApartmentID]string{}, map[domain.MembershipKey]string{}
	for _, b := range kept.Blocks {
		blocks[b.ID()] = blockSummary(b)
	}
	for _, a := range kept.Apartments {
		apartments[a.Apartment.ID()] = place(a.Apartment)
	}
	for _, m := range kept.Memberships {
		memberships[m.Key()] = string(m.Status())
	}
	var all []Difference
	for _, some := range [][]domain.Block{c.NewBlocks, c.ChangedBlocks} {
		for _, b := range some {
			all = append(all, Difference{fmt.Sprintf("block %d", b.ID()), blocks[b.ID()], blockSummary(b)})
		}
	}
	apartment := func(a domain.Apartment) {
		all = append(all, Difference{fmt.Sprintf("apartment %d", a.ID()), apartments[a.ID()], place(a)})
	}
	for _, a := range c.NewApartments {
		apartment(a)
	}
	for _, a := range c.ChangedApartments {
		apartment(a.Apartment.WithState(a.After))
	}
	for _, some := range [][]domain.Membership{c.NewMemberships, c.ChangedMemberships} {
		for _, m := range some {
			all = append(all, Difference{membershipName(m), memberships[m.Key()], string(m.Status())})
		}
	}
	return all
}

func blockSummary(b domain.Block) string { return fmt.Sprintf("%q, %s", b.Name(), b.Status()) }

func membershipName(m domain.Membership) string {
	name := fmt.Sprintf("user %d as %s of block %d", m.User(), m.Role(), m.Block())
	if m.Apartment() != 0 {
		name += fmt.Sprintf(" through apartment %d", m.Apartment())
	}
	return name
}
