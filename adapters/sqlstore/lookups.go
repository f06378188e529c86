package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"omarty.net/registry/domain"
)

// lookup asks for the memberships of a user; in one block, where it is not zero.
type lookup struct {
	user  domain.UserID
	block domain.BlockID
}

// lookups read memberships that are asked for at the same time in one query. Each is answered by a query that began after it
// was asked for, so that a dismissal holds at once.
type lookups = rides[lookup, []domain.Member]

// lookupsAtOnce is how many queries may be under way at once. The more, the fewer lookups share one.
const lookupsAtOnce = 2

func startLookups(s *Store, size int) *lookups {
	return &lookups{size: size, atOnce: lookupsAtOnce, onRide: s.onBatch, alone: s.lookUp, together: s.lookUpTogether}
}

func (s *Store) lookUpTogether(ctx context.Context, aboard []*passenger[lookup, []domain.Member]) (answers []answer[[]domain.Member]) {
	askedBy := make(map[lookup][]int, len(aboard))
	var users, inBlocks []any
	for i, p := range aboard {
		l := p.call
		switch {
		case askedBy[l] != nil:
		case l.block == 0:
			users = append(users, int64(l.user))
		default:
			inBlocks = append(inBlocks, int64(l.user), int64(l.block))
		}
		askedBy[l] = append(askedBy[l], i)
	}
	var conditions []string
	if len(users) > 0 {
		conditions = append(conditions, "m.user_id IN ("+list("?", len(users))+")")
	}
	if len(inBlocks) > 0 {
		conditions = append(conditions, "(m.user_id, m.block_id) IN ("+list("(?, ?)", len(inBlocks)/2)+")")
	}
	err := s.retry(ctx, func() error {
		answers = make([]answer[[]domain.Member], len(aboard))
		return s.queryMembers(ctx, strings.Join(conditions, " OR "), append(users, inBlocks...), func(row memberRow) {
			member, err := row.member()
			user, block := domain.UserID(row.UserID), domain.BlockID(row.BlockID)
			for _, l := range []lookup{{user, block}, {user, 0}} {
				for _, i := range askedBy[l] {
					if err != nil {
						answers[i].err = err
					}
					answers[i].value = append(answers[i].value, member)
				}
			}
		})
	})
	if err != nil {
		return sameFor[[]domain.Member](len(aboard), err)
	}
	return answers
}

// queryMembers reads the memberships that a condition holds of.
func (s *Store) queryMembers(ctx context.Context, condition string, arguments []any, each func(memberRow)) error {
	text := s.engine.current + selectMembers + condition
	began := time.Now()
	rows, err := s.readers.QueryContext(ctx, text, arguments...)
	if err == nil {
		err = scanEach(rows, func(rows *sql.Rows) error {
			row, err := scanMember(rows)
			if err == nil {
				each(row)
			}
			return err
		})
	}
	s.statements.ran(ctx, text, began, err)
	return err
}
