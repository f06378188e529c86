package application_test

import (
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Each kind of row has its own power of two, so that none is left out or counted twice unseen.
func TestChangesLen(t *testing.T) {
	changes := application.Changes{
		NewBlocks:          make([]domain.Block, 1),
		NewApartments:      make([]domain.Apartment, 2),
		NewMemberships:     make([]domain.Membership, 4),
		ChangedBlocks:      make([]domain.Block, 8),
		ChangedApartments:  make([]application.ApartmentChange, 16),
		ChangedMemberships: make([]domain.Membership, 32),
	}
	if got := changes.Len(); got != 63 {
		t.Errorf("%d rows, want 63", got)
	}
}
