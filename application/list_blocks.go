package application

import (
	"context"
	"slices"

	"omarty.net/registry/domain"
)

// ListBlocksInput is what a caller asks ListBlocks for.
type ListBlocksInput struct {
	User domain.UserID
	// After is Next of the page before, nil for the first page.
	After *domain.BlockID
	// Limit is the size of the page: DefaultPageSize for 0, MaxPageSize at most.
	Limit int
}

// BlockOutput is a block as a member sees it.
type BlockOutput struct {
	BlockSummary
	// Permissions are what the caller may do in it.
	Permissions []domain.Action
}

// ListBlocks lists the blocks that a user belongs to. Use NewListBlocks; it is safe for concurrent use.
type ListBlocks struct {
	members Members
	blocks  Blocks
}

// NewListBlocks returns the use case over its ports.
func NewListBlocks(members Members, blocks Blocks) *ListBlocks { return &ListBlocks{members, blocks} }

// List returns a page of the blocks that the caller belongs to, in the order of their ids.
//
// It returns domain.StoreUnavailable.
func (l *ListBlocks) List(ctx context.Context, in ListBlocksInput) (Page[BlockOutput, domain.BlockID], error) {
	var page Page[BlockOutput, domain.BlockID]
	members, err := l.members.MembersOf(ctx, in.User, 0)
	if err != nil {
		return page, err
	}
	var ids []domain.BlockID
	for _, m := range members {
		id := m.Block.ID()
		if domain.Belongs(m.Membership, m.Block) && (in.After == nil || id > *in.After) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if size := PageSize(in.Limit); len(ids) > size {
		ids = ids[:size]
		page.Next = &ids[size-1]
	}
	if page.Items, err = readBlocks(ctx, l.blocks, members, ids); err != nil {
		return Page[BlockOutput, domain.BlockID]{}, err
	}
	return page, nil
}

// readBlocks returns blocks as the user of the members sees them.
func readBlocks(ctx context.Context, blocks Blocks, members []domain.Member, ids []domain.BlockID) ([]BlockOutput, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := blocks.BlocksByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]BlockOutput, len(found))
	for i, b := range found {
		out[i] = BlockOutput{BlockSummary: b, Permissions: domain.Permissions(members, b.ID())}
	}
	return out, nil
}
