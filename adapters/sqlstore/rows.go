package sqlstore

import (
	"omarty.net/registry/domain"
)

// The rows that imports write, through GORM.

type blockRow struct {
	ID     int64 `gorm:"primaryKey;autoIncrement:false"`
	Name   string
	Status string
}

func (blockRow) TableName() string { return "blocks" }

type membershipRow struct {
	ID          int64
	UserID      int64
	BlockID     int64
	ApartmentID *int64
	Role        string
	Status      string
}

func (membershipRow) TableName() string { return "memberships" }

func (r blockRow) block() (domain.Block, error) {
	return domain.RestoreBlock(domain.BlockID(r.ID), r.Name, domain.BlockStatus(r.Status))
}

func (r membershipRow) membership() (domain.Membership, error) {
	var apartment domain.ApartmentID
	if r.ApartmentID != nil {
		apartment = domain.ApartmentID(*r.ApartmentID)
	}
	return domain.RestoreMembership(domain.UserID(r.UserID), domain.BlockID(r.BlockID), apartment, domain.Role(r.Role), domain.MembershipStatus(r.Status))
}
