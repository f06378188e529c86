package application

import (
	"context"

	"omarty.net/registry/domain"
)

// GetBlockInput is what a caller asks GetBlock for.
type GetBlockInput struct {
	User  domain.UserID
	Block domain.BlockID
}

// GetBlock reads one block. Use NewGetBlock; it is safe for concurrent use.
type GetBlock struct {
	members Members
	blocks  Blocks
}

// NewGetBlock returns the use case over its ports.
func NewGetBlock(members Members, blocks Blocks) *GetBlock { return &GetBlock{members, blocks} }

// Get returns a block that the caller belongs to.
//
// It returns domain.NotFound for a block that the caller does not belong to, and domain.StoreUnavailable.
func (g *GetBlock) Get(ctx context.Context, in GetBlockInput) (BlockOutput, error) {
	members, err := permitted(ctx, g.members, in.User, domain.ActionRead, in.Block)
	if err != nil {
		return BlockOutput{}, err
	}
	found, err := readBlocks(ctx, g.blocks, members, []domain.BlockID{in.Block})
	if err != nil {
		return BlockOutput{}, err
	}
	if len(found) == 0 {
		return BlockOutput{}, domain.NotFound
	}
	return found[0], nil
}
