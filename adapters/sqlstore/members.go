package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/domain"
)

const (
	selectMembers = "SELECT m.user_id, m.block_id, m.apartment_id, m.role, m.status, b.name, b.status, b.version " +
		"FROM memberships AS m JOIN blocks AS b ON b.id = m.block_id WHERE "
	selectMembersOfUser  = selectMembers + "m.user_id = ?"
	selectMembersInBlock = selectMembersOfUser + " AND m.block_id = ?"
)

// MembersOf implements application.Members: one query over the index on user and block, of its own or together with others
// that wait (lookups.go).
func (s *Store) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	if err := s.db.Usable(); err != nil {
		return nil, err
	}
	members, err := s.membersOf(ctx, lookup{user, block})
	if err != nil {
		return nil, fmt.Errorf("read the memberships of a user: %w", s.refusal(err))
	}
	return members, nil
}

func (s *Store) membersOf(ctx context.Context, l lookup) ([]domain.Member, error) {
	if s.lookups == nil {
		return s.lookUp(ctx, l)
	}
	found, err := s.lookups.Do(ctx, l)
	return found.members, cmp.Or(err, found.err)
}

// lookUp is the plain query.
func (s *Store) lookUp(ctx context.Context, l lookup) (members []domain.Member, err error) {
	err = s.retry(ctx, func() error {
		members = nil
		add := func(rows *sql.Rows) error {
			row, err := scanMember(rows)
			if err != nil {
				return err
			}
			member, err := row.member()
			members = append(members, member)
			return err
		}
		if l.block == 0 {
			return s.members.Query(ctx, add, int64(l.user))
		}
		return s.membersInBlock.Query(ctx, add, int64(l.user), int64(l.block))
	})
	return members, err
}

// memberRow is a membership together with its block.
type memberRow struct {
	membershipRow
	block   blockRow
	version int64
}

func scanMember(rows *sql.Rows) (r memberRow, err error) {
	err = rows.Scan(&r.UserID, &r.BlockID, &r.ApartmentID, &r.Role, &r.Status, &r.block.Name, &r.block.Status, &r.version)
	r.block.ID = r.BlockID
	return r, err
}

// member returns the values. A row that cannot be one is nobody's refusal.
func (r memberRow) member() (domain.Member, error) {
	membership, err := r.membership()
	if err != nil {
		return domain.Member{}, cause.Fixed(fmt.Errorf("a membership as kept: %w", err))
	}
	block, err := r.block.block()
	if err != nil {
		return domain.Member{}, cause.Fixed(fmt.Errorf("the block of a membership as kept: %w", err))
	}
	return domain.Member{Membership: membership, Block: block, Version: domain.Sequence(r.version)}, nil
}
