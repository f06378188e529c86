package domain_test

import (
	"testing"

	"omarty.net/registry/domain"
)

func TestNewMembership(t *testing.T) {
	for _, apartment := range []domain.ApartmentID{0, 3} {
		m, err := domain.NewMembership(7, 4, apartment, domain.RoleManager, domain.MembershipActive)
		if err != nil || m.User() != 7 || m.Block() != 4 || m.Apartment() != apartment ||
			m.Role() != domain.RoleManager || m.Status() != domain.MembershipActive {
			t.Errorf("membership %+v, %v", m, err)
		}
	}
	for _, c := range []struct {
		user      domain.UserID
		block     domain.BlockID
		apartment domain.ApartmentID
		role      domain.Role
		status    domain.MembershipStatus
		field     domain.Field
		code      domain.Code
	}{
		{0, 4, 3, domain.RoleManager, domain.MembershipActive, domain.FieldUser, domain.NotPositive},
		{-7, 4, 3, domain.RoleManager, domain.MembershipActive, domain.FieldUser, domain.NotPositive},
		{7, 0, 3, domain.RoleManager, domain.MembershipActive, domain.FieldBlock, domain.NotPositive},
		{7, 4, domain.NoSuchApartment, domain.RoleManager, domain.MembershipActive, domain.FieldApartment, domain.NotPositive},
		{7, 4, 3, "", domain.MembershipActive, domain.FieldRole, domain.Missing},
		{7, 4, 3, "owner", domain.MembershipActive, domain.FieldRole, domain.NotKnown},
		{7, 4, 3, domain.RoleManager, "", domain.FieldStatus, domain.Missing},
		{7, 4, 3, domain.RoleManager, "left", domain.FieldStatus, domain.NotKnown},
	} {
		m, err := domain.NewMembership(c.user, c.block, c.apartment, c.role, c.status)
		wantRefusal(t, m, err, c.field, c.code)
	}
}

func TestRestoreMembershipKeepsWordsThatItDoesNotKnow(t *testing.T) {
	m, err := domain.RestoreMembership(7, 4, 0, "owner", "left")
	if err != nil || m.Role() != "owner" || m.Status() != "left" {
		t.Errorf("membership %+v, %v", m, err)
	}
	m, err = domain.RestoreMembership(7, 4, -1, "owner", "left")
	wantRefusal(t, m, err, domain.FieldApartment, domain.NotPositive)
}

func TestMembershipKey(t *testing.T) {
	m := must(domain.NewMembership(7, 4, 3, domain.RoleResident, domain.MembershipActive))
	if want := (domain.MembershipKey{User: 7, Block: 4, Apartment: 3, Role: domain.RoleResident}); m.Key() != want {
		t.Errorf("key %+v, want %+v", m.Key(), want)
	}
	if banned := must(domain.NewMembership(7, 4, 3, domain.RoleResident, domain.MembershipBanned)); banned.Key() != m.Key() {
		t.Error("a membership that is banned is another one")
	}
}
