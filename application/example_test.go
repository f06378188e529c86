package application_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// A service brings in a block with its manager, who registers an apartment. The block has each number once.
func Example() {
	ctx := context.Background()
	store := memstore.New()

	block, blockErr := domain.NewBlock(4, "Palm Tower", domain.BlockActive)
	manager, managerErr := domain.NewMembership(7, block.ID(), 0, domain.RoleManager, domain.MembershipActive)
	floor, floorErr := domain.NewFloor(3)
	number, numberErr := domain.NewNumber(12)
	if err := errors.Join(blockErr, managerErr, floorErr, numberErr); err != nil {
		log.Fatal(err)
	}

	imports := application.NewImportRegister(store, time.Now)
	summary, err := imports.Import(ctx, application.Register{
		Blocks:      []domain.Block{block},
		Memberships: []domain.Membership{manager},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("rows added:", summary.Added)

	apartments := application.NewCreateApartment(store, store, time.Now, application.UUIDv7(time.Now))
	for range 2 {
		_, err := apartments.Create(ctx, application.CreateApartmentInput{User: 7, Floor: floor, Number: number})
		switch {
		case errors.Is(err, domain.NumberTaken):
			fmt.Println("refused:", err)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("registered")
		}
	}

	// Output:
	// rows added: 2
	// registered
	// refused: the block already has an apartment with this number
}
