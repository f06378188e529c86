package application_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// palmTower is a store with block 4, managed by user 7, which has apartments 1 and 2.
func palmTower() *memstore.Store {
	return memstore.New().WithBlock(4, "Palm Tower", memstore.Apartments(1, 101, 102)...).WithManager(7, 4)
}

// A store is enough to begin: all use cases over it, told the time by the machine's clock.
func ExampleNew() {
	ctx, register := context.Background(), application.New(palmTower())

	floor, floorErr := domain.NewFloor(2)
	number, numberErr := domain.NewNumber(201)
	if err := errors.Join(floorErr, numberErr); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		out, err := register.CreateApartment.Create(ctx, application.CreateApartmentInput{User: 7, Block: 4, Floor: floor, Number: number})
		switch {
		case errors.Is(err, domain.NumberTaken):
			fmt.Println("refused:", err)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("registered under id", out.Apartment.ID())
		}
	}
	// Output:
	// registered under id 3
	// refused: change 0: the block already has an apartment with this number
}

// With a key, a caller who does not know whether a request was answered asks again.
func ExampleCreateApartment_Create() {
	ctx, register := context.Background(), application.New(palmTower())
	key, err := application.NewIdempotencyKey("0192f5e0-8b7a-7c3d-9f21-5a6b7c8d9e0f")
	if err != nil {
		log.Fatal(err)
	}
	in := application.CreateApartmentInput{User: 7, Floor: floorAt(2), Number: numbered(201), Key: key}
	for range 2 {
		out, err := register.CreateApartment.Create(ctx, in)
		fmt.Println("apartment", out.Apartment.ID(), "replayed", out.Replayed, err)
	}
	// Output:
	// apartment 3 replayed false <nil>
	// apartment 3 replayed true <nil>
}

func ExampleCorrectApartment_Correct() {
	ctx, register := context.Background(), application.New(palmTower())
	in := application.CorrectApartmentInput{Caller: application.Caller{User: 7}, Block: 4, Apartment: 1, Number: numbered(104), IfVersion: 1}
	out, err := register.CorrectApartment.Correct(ctx, in)
	fmt.Println(string(out.Outcome), "number", out.Apartment.Number().Int(), "version", out.Apartment.Version(), err)

	// The apartment is no longer at the version that the caller has seen.
	_, err = register.CorrectApartment.Correct(ctx, in)
	var refusal *domain.ChangeError
	if errors.As(err, &refusal) && refusal.Code == domain.VersionMismatch {
		fmt.Println("it is at version", refusal.Existing.Version())
	}
	// Output:
	// done number 104 version 3 <nil>
	// it is at version 3
}

func ExampleRetireApartment_Retire() {
	ctx, register := context.Background(), application.New(palmTower())
	in := application.RetireApartmentInput{Caller: application.Caller{User: 7}, Block: 4, Apartment: 1}
	out, err := register.RetireApartment.Retire(ctx, in)
	fmt.Println(string(out.Apartment.Status()), err)
	_, err = register.RetireApartment.Retire(ctx, in)
	fmt.Println(err)
	// Output:
	// retired <nil>
	// change 0: the apartment is retired: restore it first
}

func ExampleRestoreApartment_Restore() {
	ctx, register := context.Background(), application.New(palmTower())
	caller := application.Caller{User: 7}
	if _, err := register.RetireApartment.Retire(ctx, application.RetireApartmentInput{Caller: caller, Block: 4, Apartment: 1}); err != nil {
		log.Fatal(err)
	}
	out, err := register.RestoreApartment.Restore(ctx, application.RestoreApartmentInput{Caller: caller, Block: 4, Apartment: 1})
	fmt.Println(string(out.Apartment.Status()), "number", out.Apartment.Number().Int(), err)
	// Output:
	// registered number 101 <nil>
}

// A layout registers a whole block at once. A dry run tells what would come of it.
func ExampleApplyChangeSet_Apply() {
	ctx, register := context.Background(), application.New(palmTower())
	layout, err := domain.ParseLayout("0: 1-2; 1: 101-103")
	if err != nil {
		log.Fatal(err)
	}
	in := application.ApplyChangeSetInput{Caller: application.Caller{User: 7}, Block: 4, Changes: layout.Changes()}
	for _, dryRun := range []bool{true, false} {
		in.DryRun = dryRun
		out, err := register.ApplyChangeSet.Apply(ctx, in)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print("version ", out.Version, ":")
		for _, c := range out.Changes {
			fmt.Print(" ", c.Apartment.Number().Int(), " ", string(c.Outcome))
		}
		fmt.Println()
	}
	// Output:
	// version 2: 1 planned 2 planned 101 unchanged 102 unchanged 103 planned
	// version 5: 1 done 2 done 101 unchanged 102 unchanged 103 done
}

func ExampleUndoChangeSet_Undo() {
	ctx, register := context.Background(), application.New(palmTower())
	caller := application.Caller{User: 7}
	swap := []domain.Change{renumber(1, 102), renumber(2, 101)}
	done, err := register.ApplyChangeSet.Apply(ctx, application.ApplyChangeSetInput{Caller: caller, Block: 4, Changes: swap})
	if err != nil {
		log.Fatal(err)
	}
	undone, err := register.UndoChangeSet.Undo(ctx, application.UndoChangeSetInput{Caller: caller, Block: 4, ChangeSet: done.ID})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range undone.Changes {
		fmt.Println("apartment", c.Apartment.ID(), "has number", c.Apartment.Number().Int(), "again")
	}
	// What was undone has changed since, so that it cannot be undone twice.
	_, err = register.UndoChangeSet.Undo(ctx, application.UndoChangeSetInput{Caller: caller, Block: 4, ChangeSet: done.ID})
	fmt.Println(err)
	// Output:
	// apartment 1 has number 101 again
	// apartment 2 has number 102 again
	// 2 of its apartments: apartments have changed since: undoing would overwrite a later change
}

func ExampleGetChangeSet_Get() {
	ctx, register := context.Background(), application.New(palmTower())
	changes := []domain.Change{renumber(1, 104), retire(2)}
	done, err := register.ApplyChangeSet.Apply(ctx, application.ApplyChangeSetInput{Caller: application.Caller{User: 7}, Block: 4, Changes: changes})
	if err != nil {
		log.Fatal(err)
	}
	out, err := register.GetChangeSet.Get(ctx, application.GetChangeSetInput{User: 7, Block: 4, ChangeSet: done.ID})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range out.Changes {
		fmt.Println(c.Sequence, string(c.Kind), "apartment", c.Apartment.ID())
	}
	// Output:
	// 3 correct apartment 1
	// 4 retire apartment 2
}

// A list is read page after page.
func ExampleListApartments_List() {
	ctx := context.Background()
	store := memstore.New().WithBlock(4, "Palm Tower", memstore.Apartments(1, 9, 100, 10, 11, 90)...).WithManager(7, 4)
	register := application.New(store)
	in := application.ListApartmentsInput{User: 7, ApartmentQuery: application.ApartmentQuery{Block: 4, Limit: 2}}
	for {
		page, err := register.ListApartments.List(ctx, in)
		if err != nil {
			log.Fatal(err)
		}
		for _, a := range page.Items {
			fmt.Print(a.Number().Int(), " ")
		}
		if page.Next == nil {
			break
		}
		in.After = page.Next
	}
	// Output: 9 10 11 90 100
}

func ExampleGetApartment_Get() {
	register := application.New(palmTower())
	a, err := register.GetApartment.Get(context.Background(), application.GetApartmentInput{User: 7, Block: 4, Apartment: 2})
	fmt.Println("floor", a.Floor().Level(), "number", a.Number().Int(), "version", a.Version(), err)
	// Output: floor 1 number 102 version 2 <nil>
}

func ExampleListBlocks_List() {
	register := application.New(palmTower().WithBlock(6, "Garden").WithMember(7, 6, domain.RoleResident))
	page, err := register.ListBlocks.List(context.Background(), application.ListBlocksInput{User: 7})
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range page.Items {
		fmt.Println(b.Name(), b.Registered, b.Permissions)
	}
	// Output:
	// Palm Tower 2 [read readLedger readLocations write]
	// Garden 0 [read]
}

func ExampleGetBlock_Get() {
	register := application.New(palmTower())
	b, err := register.GetBlock.Get(context.Background(), application.GetBlockInput{User: 7, Block: 4})
	fmt.Println(b.Name(), "version", b.Version, "floors", b.Lowest.Level(), "to", b.Highest.Level(), err)

	// To whoever does not belong to a block, it is not there.
	_, err = register.GetBlock.Get(context.Background(), application.GetBlockInput{User: 8, Block: 4})
	fmt.Println(errors.Is(err, domain.NotFound))
	// Output:
	// Palm Tower version 2 floors 1 to 1 <nil>
	// true
}

func ExampleReadLedger_Read() {
	ctx, register := context.Background(), application.New(palmTower())
	retirement := application.RetireApartmentInput{Caller: application.Caller{User: 7}, Block: 4, Apartment: 2}
	if _, err := register.RetireApartment.Retire(ctx, retirement); err != nil {
		log.Fatal(err)
	}
	page, err := register.ReadLedger.Read(ctx, application.ReadLedgerInput{User: 7, LedgerQuery: application.LedgerQuery{Block: 4}})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range page.Items {
		fmt.Println(e.Sequence, string(e.Kind), "apartment", e.Apartment, "by", e.Origin.By)
	}
	// Output:
	// 1 import apartment 1 by 0
	// 2 import apartment 2 by 0
	// 3 retire apartment 2 by 7
}

// An import adds what the register lacks, and changes nothing where it is repeated.
func ExampleImportRegister_Import() {
	ctx, register := context.Background(), application.New(memstore.New())
	block, blockErr := domain.NewBlock(4, "Palm Tower", domain.BlockActive)
	apartment, apartmentErr := domain.NewApartment(4, floorAt(1), numbered(101))
	manager, managerErr := domain.NewMembership(7, 4, 0, domain.RoleManager, domain.MembershipActive)
	if err := errors.Join(blockErr, apartmentErr, managerErr); err != nil {
		log.Fatal(err)
	}
	known := application.Register{
		Blocks: []domain.Block{block}, Apartments: []domain.Apartment{apartment.WithID(12)}, Memberships: []domain.Membership{manager},
	}
	for range 2 {
		summary, err := register.ImportRegister.Import(ctx, known, nil)
		fmt.Printf("%+v %v\n", summary, err)
	}
	// Output:
	// {Added:3 Changed:0 Unchanged:0} <nil>
	// {Added:0 Changed:0 Unchanged:3} <nil>
}

// Faults name each row that stands in the way by its index.
func ExampleImportRegister_Check() {
	register := application.New(palmTower())
	apartment, err := domain.NewApartment(4, floorAt(1), numbered(101))
	if err != nil {
		log.Fatal(err)
	}
	known := application.Register{Apartments: []domain.Apartment{apartment.WithID(12)}}
	_, _, err = register.ImportRegister.Check(context.Background(), known)
	fmt.Println(err)
	// Output: apartments[0]: apartment 12: number 101 of block 4 is apartment 1 already: a number is in a block once
}

func ExampleExportRegister_Export() {
	register := application.New(palmTower())
	var all application.Register
	err := register.ExportRegister.Export(context.Background(), application.RegisterReader{
		Block:      func(b domain.Block) error { all.Blocks = append(all.Blocks, b); return nil },
		Apartment:  func(a domain.Apartment) error { all.Apartments = append(all.Apartments, a); return nil },
		Membership: func(m domain.Membership) error { all.Memberships = append(all.Memberships, m); return nil },
	})
	fmt.Println(len(all.Blocks), "block,", len(all.Apartments), "apartments,", len(all.Memberships), "membership", err)
	// Output: 1 block, 2 apartments, 1 membership <nil>
}
