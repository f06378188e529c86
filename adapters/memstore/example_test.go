package memstore_test

import (
	"context"
	"fmt"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// A unit test of a service fills a store in a line, and has all use cases over it.
func Example() {
	store := memstore.New().WithBlock(4, "Palm Tower", memstore.Apartments(1, 101, 102)...).WithManager(7, 4)

	register := application.New(store)
	page, err := register.ListApartments.List(context.Background(), application.ListApartmentsInput{
		User: 7, ApartmentQuery: application.ApartmentQuery{Block: 4},
	})
	for _, a := range page.Items {
		fmt.Println("apartment", a.ID(), "on floor", a.Floor().Level(), "has number", a.Number().Int(), err)
	}
	// Output:
	// apartment 1 on floor 1 has number 101 <nil>
	// apartment 2 on floor 1 has number 102 <nil>
}

func ExampleStore_WithBlock() {
	store := memstore.New().
		WithBlock(4, "Palm Tower", append(memstore.Apartments(0, 1, 2), memstore.Apartments(1, 101, 102)...)...).
		WithBlock(6, "Garden")
	for _, b := range store.Blocks() {
		fmt.Println(b.ID(), b.Name())
	}
	// The apartments have entries in the ledger, as imported ones have.
	for _, e := range store.LedgerEntries() {
		fmt.Println(e.Block, e.Sequence, e.Kind, e.Apartment, e.After.Floor().Level(), e.After.Number().Int())
	}
	// Output:
	// 4 Palm Tower
	// 6 Garden
	// 4 1 import 1 0 1
	// 4 2 import 2 0 2
	// 4 3 import 3 1 101
	// 4 4 import 4 1 102
}

func ExampleStore_WithManager() {
	store := memstore.New().WithBlock(4, "Palm Tower").WithManager(7, 4)
	members, err := store.MembersOf(context.Background(), 7, 0)
	fmt.Println(members[0].Block.Name(), members[0].Membership.Role(), err)
	// Output: Palm Tower manager <nil>
}

func ExampleStore_WithMember() {
	store := memstore.New().WithBlock(4, "Palm Tower").WithMember(8, 4, domain.RoleResident)
	members, err := store.MembersOf(context.Background(), 8, 4)
	fmt.Println(domain.Permissions(members, 4), err)
	// Output: [read] <nil>
}

func ExampleApartments() {
	fmt.Println(memstore.Apartments(1, 101, 102))
	// Output: [{1 101} {1 102}]
}
