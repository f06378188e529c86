package registerfile

import (
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// section is one of the lists of a register file.
type section struct {
	name    application.Section
	columns []string
	example string
	// read adds a row to a register, or notes its faults. It returns the id by which other rows may name it.
	read func(*row, *application.Register) (id int64)
}

const blockExample = "{id: 4, name: Block 4, status: active}"

var sections = []section{
	{application.SectionBlocks, []string{"id", "name", "status"}, blockExample, readBlock},
	{application.SectionApartments, []string{"id", "block", "floor", "number", "status"}, "{id: 1, block: 4, floor: 1, number: 1}", readApartment},
	{application.SectionMemberships, []string{"user", "block", "apartment", "role", "status"},
		"{user: 7, block: 4, apartment: 1, role: manager, status: active}", readMembership},
}

func readBlock(r *row, to *application.Register) int64 {
	id := numberOf(r, "id", domain.NewBlockID)
	name := r.name("name")
	status := wordOf(r, "status", domain.ParseBlockStatus, domain.BlockActive, domain.BlockSuspended)
	block, err := domain.NewBlock(id, name, status)
	if r.accepts(err) {
		to.Blocks = append(to.Blocks, block)
	}
	return int64(id)
}

func readApartment(r *row, to *application.Register) int64 {
	id := numberOf(r, "id", domain.NewApartmentID)
	block := numberOf(r, "block", domain.NewBlockID)
	floor := numberOf(r, "floor", domain.NewFloor)
	number := numberOf(r, "number", domain.NewNumber)
	status := domain.ApartmentRegistered
	if r.has("status") {
		status = wordOf(r, "status", domain.ParseApartmentStatus, domain.ApartmentRegistered, domain.ApartmentRetired)
	}
	apartment, err := domain.NewApartment(block, floor, number)
	if r.accepts(err) {
		to.Apartments = append(to.Apartments, apartment.WithID(id).WithStatus(status))
	}
	return int64(id)
}

func readMembership(r *row, to *application.Register) int64 {
	user := numberOf(r, "user", domain.NewUserID)
	block := numberOf(r, "block", domain.NewBlockID)
	var apartment domain.ApartmentID
	if r.has("apartment") {
		apartment = numberOf(r, "apartment", domain.NewApartmentID)
	}
	role := wordOf(r, "role", domain.ParseRole,
		domain.RoleManager, domain.RoleBoardMember, domain.RoleCashier, domain.RoleResident, domain.RoleWatchman)
	status := wordOf(r, "status", domain.ParseMembershipStatus,
		domain.MembershipPending, domain.MembershipActive, domain.MembershipBanned)
	membership, err := domain.NewMembership(user, block, apartment, role, status)
	if r.accepts(err) {
		to.Memberships = append(to.Memberships, membership)
	}
	return 0
}
