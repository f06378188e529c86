package storetest

import (
	"encoding/binary"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// must is for the values that a case needs: one that cannot be built is a fault of the suite.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func block(id domain.BlockID, name string, status domain.BlockStatus) domain.Block {
	return must(domain.NewBlock(id, name, status))
}

func apartment(id domain.ApartmentID, block domain.BlockID, floor, number int) domain.Apartment {
	return must(domain.NewApartment(block, floorAt(floor), numbered(number))).WithID(id)
}

func retired(a domain.Apartment) domain.Apartment {
	return a.WithState(state(a.Floor().Level(), a.Number().Int(), domain.ApartmentRetired))
}

func state(floor, number int, status domain.ApartmentStatus) domain.State {
	return must(domain.RestoreState(floor, number, status))
}

func floorAt(level int) domain.Floor { return must(domain.NewFloor(int64(level))) }

func numbered(n int) domain.Number { return must(domain.NewNumber(int64(n))) }

func member(user domain.UserID, block domain.BlockID, through domain.ApartmentID, role domain.Role, status domain.MembershipStatus) domain.Membership {
	return must(domain.NewMembership(user, block, through, role, status))
}

func location(longitude, latitude *float64) domain.Location {
	return must(domain.NewLocation(longitude, latitude))
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123_456_000, time.UTC)

// id returns the nth of the ids that the cases use: random in no way, and all but the last bytes alike.
func id(n int) domain.ChangeSetID {
	id := domain.ChangeSetID{0: 0x01, 1: 0x92, 6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint32(id[12:], uint32(n)) // #nosec G115 -- a small number
	return id
}

// asked is the nth change set of a case: changes in block 4 that user 7 asks for at noon.
func asked(n int, changes ...domain.Change) domain.ChangeSetSpec {
	return askedIn(4, n, changes...)
}

func askedIn(block domain.BlockID, n int, changes ...domain.Change) domain.ChangeSetSpec {
	return domain.ChangeSetSpec{
		ID: id(n), Block: block, Changes: changes, Origin: domain.Origin{By: 7, At: noon, Source: domain.SourceAPI},
	}
}

// unmoved is the floor of a correction that leaves the floor.
const unmoved = domain.MinFloor - 1

func register(floor, number int) domain.Change {
	return must(domain.NewRegister(floorAt(floor), numbered(number)))
}

// correct leaves the floor where it is unmoved, and the number where it is 0.
func correct(id domain.ApartmentID, floor, number int) domain.Change {
	return correctAt(id, floor, number, 0)
}

func correctAt(id domain.ApartmentID, floor, number int, version domain.Sequence) domain.Change {
	var f domain.Floor
	var n domain.Number
	if floor != unmoved {
		f = floorAt(floor)
	}
	if number != 0 {
		n = numbered(number)
	}
	return must(domain.NewCorrect(id, f, n, version))
}

func retire(id domain.ApartmentID) domain.Change { return must(domain.NewRetire(id, 0)) }

func restore(id domain.ApartmentID) domain.Change { return must(domain.NewRestore(id, 0)) }

// town is what most cases begin with: two blocks with apartments and members, and one that is suspended. The versions of the
// blocks 4, 5 and 6 are 2, 1 and 1.
func town() application.Changes {
	const (
		active  = domain.MembershipActive
		manager = domain.RoleManager
	)
	return changeSets(application.Changes{
		At: noon,
		NewBlocks: []domain.Block{
			block(4, "Palm Tower", domain.BlockActive), block(5, "Old Mill", domain.BlockSuspended), block(6, "", domain.BlockActive),
		},
		NewApartments: []domain.Apartment{
			apartment(101, 4, 1, 901), apartment(102, 4, 1, 902), apartment(103, 6, -1, 901), apartment(104, 5, 0, 901),
		},
		NewMemberships: []domain.Membership{
			member(7, 4, 101, manager, active), member(7, 6, 0, manager, active), member(8, 4, 102, domain.RoleResident, active),
			member(9, 5, 104, manager, active),
		},
	})
}

var newChangeSetID = application.UUIDv7(time.Now)

// changeSets gives changes the ids that the ledger has them under.
func changeSets(c application.Changes) application.Changes {
	c.ChangeSets = map[domain.BlockID]domain.ChangeSetID{}
	for _, a := range c.NewApartments {
		c.ChangeSets[a.Block()] = newChangeSetID()
	}
	for _, a := range c.ChangedApartments {
		c.ChangeSets[a.Apartment.Block()] = newChangeSetID()
	}
	return c
}

// scopeOf names every block and apartment of changes.
func scopeOf(c application.Changes) application.Scope {
	var s application.Scope
	for _, blocks := range [][]domain.Block{c.NewBlocks, c.ChangedBlocks} {
		for _, b := range blocks {
			s.Blocks = append(s.Blocks, b.ID())
		}
	}
	for _, a := range c.NewApartments {
		s.Blocks, s.Apartments = append(s.Blocks, a.Block()), append(s.Apartments, a.ID())
	}
	for _, a := range c.ChangedApartments {
		s.Blocks, s.Apartments = append(s.Blocks, a.Apartment.Block()), append(s.Apartments, a.Apartment.ID())
	}
	for _, memberships := range [][]domain.Membership{c.NewMemberships, c.ChangedMemberships} {
		for _, m := range memberships {
			s.Blocks = append(s.Blocks, m.Block())
		}
	}
	return application.Scope{Blocks: unique(s.Blocks), Apartments: unique(s.Apartments)}
}
