package application

import (
	"context"

	"omarty.net/registry/domain"
)

// ListApartmentsInput is what a caller asks ListApartments for.
type ListApartmentsInput struct {
	User domain.UserID
	ApartmentQuery
	// Known is the version of the block at which the caller has read the page before, nil for none.
	Known *domain.Sequence
}

// ListApartmentsOutput is a page of a block's apartments.
type ListApartmentsOutput struct {
	Page[domain.Apartment, ApartmentCursor]
	// Version is one that the block had before the page was read.
	Version domain.Sequence
	// Unchanged says that the block is still at the version that the caller knows: the page was not read again.
	Unchanged bool
}

// ListApartments lists the apartments of a block. Use NewListApartments; it is safe for concurrent use.
type ListApartments struct {
	members    Members
	apartments Apartments
}

// NewListApartments returns the use case over its ports.
func NewListApartments(members Members, apartments Apartments) *ListApartments {
	return &ListApartments{members, apartments}
}

// List returns a page of a block's apartments. Whoever asks for page after page, with Next of one as After of the next, finds each
// apartment that meets the query all the time exactly once.
//
// It returns domain.NotFound for a block that the caller does not belong to, and domain.StoreUnavailable.
func (l *ListApartments) List(ctx context.Context, in ListApartmentsInput) (ListApartmentsOutput, error) {
	members, err := permitted(ctx, l.members, in.User, domain.ActionRead, in.Block)
	if err != nil {
		return ListApartmentsOutput{}, err
	}
	version := members[0].Version
	if in.Known != nil && *in.Known == version {
		return ListApartmentsOutput{Version: version, Unchanged: true}, nil
	}
	in.Limit = PageSize(in.Limit)
	page, err := l.apartments.FindApartments(ctx, in.ApartmentQuery)
	if err != nil {
		return ListApartmentsOutput{}, err
	}
	return ListApartmentsOutput{Page: page, Version: version}, nil
}
