package registerfile

import (
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func readBlock(r *row, to *application.Register) {
	id := numberOf(r, "id", domain.NewBlockID)
	name := r.name("name")
	status := wordOf(r, "status", domain.ParseBlockStatus, domain.BlockActive, domain.BlockSuspended)
	block, err := domain.NewBlock(id, name, status)
	if r.accepts(err) {
		to.Blocks = append(to.Blocks, application.Row[domain.Block]{Line: r.line, Value: block})
	} else {
		to.UnreadBlocks.Note(id)
	}
}

func readApartment(r *row, to *application.Register) {
	id := numberOf(r, "id", domain.NewApartmentID)
	block := numberOf(r, "block", domain.NewBlockID)
	floor := numberOf(r, "floor", domain.NewFloor)
	number := numberOf(r, "number", domain.NewNumber)
	apartment, err := domain.NewApartment(block, floor, number)
	if r.accepts(err) {
		to.Apartments = append(to.Apartments, application.Row[domain.Apartment]{Line: r.line, Value: apartment.WithID(id)})
	} else {
		to.UnreadApartments.Note(id)
	}
}

func readMembership(r *row, to *application.Register) {
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
		to.Memberships = append(to.Memberships, application.Row[domain.Membership]{Line: r.line, Value: membership})
	}
}
