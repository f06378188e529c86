package sqlstore

import (
	"context"
	"fmt"

	"omarty.net/registry/domain"
)

// memberRow is a membership together with its block.
type memberRow struct {
	Membership membershipRow `gorm:"embedded"`
	Block      blockRow      `gorm:"embedded;embeddedPrefix:b_"`
}

// MembersOf implements application.Members: one query over the index on user and block.
func (s *Store) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	var rows []memberRow
	err := s.retry(ctx, func() error {
		query := s.read.WithContext(ctx).
			Table("memberships AS m").
			Select("m.user_id, m.block_id, m.apartment_id, m.role, m.status, b.id AS b_id, b.name AS b_name, b.status AS b_status").
			Joins("JOIN blocks AS b ON b.id = m.block_id").
			Where("m.user_id = ?", int64(user))
		if block != 0 {
			query = query.Where("m.block_id = ?", int64(block))
		}
		return query.Scan(&rows).Error
	})
	if err != nil {
		return nil, fmt.Errorf("read the memberships of a user: %w", refusal(err))
	}
	members := make([]domain.Member, len(rows))
	for i, row := range rows {
		if members[i], err = row.member(); err != nil {
			return nil, fmt.Errorf("a membership as kept: %w", unforeseen(err))
		}
	}
	return members, nil
}

func (r memberRow) member() (domain.Member, error) {
	membership, err := r.Membership.membership()
	if err != nil {
		return domain.Member{}, err
	}
	block, err := r.Block.block()
	if err != nil {
		return domain.Member{}, err
	}
	return domain.Member{Membership: membership, Block: block}, nil
}
