package memstore

import (
	"context"

	"omarty.net/registry/domain"
)

// MembersOf implements application.Members.
func (s *Store) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var members []domain.Member
	for _, m := range s.memberships[user] {
		if block == 0 || block == m.Block() {
			b := s.blocks[m.Block()]
			members = append(members, domain.Member{Membership: m, Block: b.Block, Version: b.version()})
		}
	}
	return members, nil
}
