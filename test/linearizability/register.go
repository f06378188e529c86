package linearizability

import (
	"context"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// The register that clients begin with: so many blocks with the ids from FirstBlock on, each with so many apartments of the numbers from
// 1 on, and users who manage all of them.
const (
	FirstBlock  domain.BlockID = 4
	Blocks                     = 4
	PerBlock                   = 30
	FirstUser   domain.UserID  = 101
	floors                     = 4
	numbers                    = PerBlock + 10 // that are asked for
	perBlockIDs                = 100           // ids of a block from its number times this on
)

// Import brings the register that clients begin with into a store, with so many managers.
func Import(ctx context.Context, store application.Importer, managers int) error {
	var register application.Register
	for i := range Blocks {
		id := FirstBlock + domain.BlockID(i)
		block, err := domain.NewBlock(id, "Palm Tower", domain.BlockActive)
		if err != nil {
			return err
		}
		register.Blocks = append(register.Blocks, block)
		for n := range PerBlock {
			state, err := domain.RestoreState(n%floors, n+1, domain.ApartmentRegistered)
			if err != nil {
				return err
			}
			apartment, err := domain.NewApartment(id, state.Floor(), state.Number())
			if err != nil {
				return err
			}
			register.Apartments = append(register.Apartments, apartment.WithID(firstApartment(id)+domain.ApartmentID(n)))
		}
		for user := range domain.UserID(managers) {
			membership, err := domain.NewMembership(FirstUser+user, id, 0, domain.RoleManager, domain.MembershipActive)
			if err != nil {
				return err
			}
			register.Memberships = append(register.Memberships, membership)
		}
	}
	_, err := application.NewImportRegister(store, time.Now, application.UUIDv7(time.Now)).Import(ctx, register, nil)
	return err
}

func firstApartment(block domain.BlockID) domain.ApartmentID {
	return domain.ApartmentID(block) * perBlockIDs
}
