package domain_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"omarty.net/registry/domain"
)

// A text describes the apartments of a block, floor by floor.
func ExampleParseLayout() {
	layout, err := domain.ParseLayout("0: 1-2; 1: 101, 104")
	if err != nil {
		log.Fatal(err)
	}
	for floor, number := range layout.Places() {
		fmt.Println("floor", floor.Level(), "number", number.Int())
	}
	// Output:
	// floor 0 number 1
	// floor 0 number 2
	// floor 1 number 101
	// floor 1 number 104
}

// All faults come at once, with their places.
func ExampleLayoutError() {
	_, err := domain.ParseLayout("0: 1-2, 2\nroof: 901")
	var refusal *domain.LayoutError
	if errors.As(err, &refusal) {
		for _, fault := range refusal.Faults {
			fmt.Printf("%d:%d %s (%s)\n", fault.Line, fault.Column, fault.Text, string(fault.Code))
		}
	}
	// Output:
	// 1:9 number 2 is already in line 1, column 4 (repeated)
	// 2:1 'r' cannot be read here: a floor is a whole number, such as 0 or -1 (unreadable)
}

// Most blocks have as many apartments on each floor.
func ExampleNewLayout() {
	ground, groundErr := domain.NewFloor(0)
	third, thirdErr := domain.NewFloor(3)
	if err := errors.Join(groundErr, thirdErr); err != nil {
		log.Fatal(err)
	}
	layout, err := domain.NewLayout(ground, third, 4, domain.ByFloor, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(layout.Len(), "apartments:", layout)
	// Output:
	// 16 apartments: 0: 1-4; 1: 101-104; 2: 201-204; 3: 301-304
}

// Two apartments of a block change numbers, and a third is registered. What counts is how the set ends.
func ExampleBlockState_Apply() {
	block := domain.NewBlockState(2, []domain.Apartment{apartment(1, 0, 11), apartment(2, 0, 12)})
	set := changeSet(correct(1, 12), correct(2, 11), register(3, 31))

	applied, err := block.Apply(set)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range applied.Changes {
		fmt.Println(string(c.Kind), c.Sequence, string(c.Outcome), "number", c.Apartment.Number().Int())
	}
	fmt.Println("version", block.Version())
	// Output:
	// correct 3 done number 12
	// correct 4 done number 11
	// register 5 done number 31
	// version 5
}

// A set is refused as a whole, with every change that cannot be made.
func ExampleChangeSetError() {
	block := domain.NewBlockState(1, []domain.Apartment{apartment(1, 0, 11)})

	_, err := block.Apply(changeSet(register(0, 11), register(0, 12), correct(9, 13)))
	var refusal *domain.ChangeSetError
	if errors.As(err, &refusal) {
		for _, c := range refusal.Changes {
			fmt.Println(c.Index, string(c.Code))
		}
	}
	fmt.Println("version", block.Version())
	// Output:
	// 0 number_taken
	// 2 not_found
	// version 1
}

// The ledger's entries of a set tell how to undo it.
func ExampleUndo() {
	block := domain.NewBlockState(1, []domain.Apartment{apartment(1, 0, 11)})
	set := changeSet(correct(1, 12))
	applied, err := block.Apply(set)
	if err != nil {
		log.Fatal(err)
	}

	changes, err := domain.Undo(applied.Entries(set), []domain.Apartment{applied.Changes[0].Apartment})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range changes {
		fmt.Println(string(c.Kind()), "apartment", c.Apartment(), "to number", c.Number().Int())
	}
	// Output:
	// correct apartment 1 to number 11
}

// What a role may do is one table. Here a resident reads the block, and may not write.
func ExampleAuthorize() {
	block, blockErr := domain.NewBlock(4, "Palm Tower", domain.BlockActive)
	resident, residentErr := domain.NewMembership(7, 4, 1, domain.RoleResident, domain.MembershipActive)
	if err := errors.Join(blockErr, residentErr); err != nil {
		log.Fatal(err)
	}
	members := []domain.Member{{Membership: resident, Block: block}}
	fmt.Println(domain.Authorize(members, domain.ActionRead, 4, 0))
	fmt.Println(domain.Authorize(members, domain.ActionWrite, 4, 0))
	fmt.Println(domain.Authorize(members, domain.ActionRead, 5, 0))
	// Output:
	// <nil>
	// the user does not have permissions in this block
	// is not there
}

// What follows shortens the examples above: a service that uses these constructors handles their errors.

func register(floor, number int64) domain.Change {
	return must(domain.NewRegister(must(domain.NewFloor(floor)), must(domain.NewNumber(number))))
}

func correct(id domain.ApartmentID, number int64) domain.Change {
	return must(domain.NewCorrect(id, domain.Floor{}, must(domain.NewNumber(number)), 0))
}

func changeSet(changes ...domain.Change) domain.ChangeSet {
	return must(domain.NewChangeSet(domain.ChangeSetSpec{
		ID: domain.ChangeSetID{1}, Block: 4, Changes: changes,
		Origin: domain.Origin{By: 7, At: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Source: domain.SourceAPI},
	}))
}

func apartment(id domain.ApartmentID, floor, number int) domain.Apartment {
	return must(domain.RestoreApartment(domain.ApartmentRecord{
		ID: id, Block: 4, State: must(domain.RestoreState(floor, number, domain.ApartmentRegistered)), Version: domain.Sequence(id),
	}))
}
