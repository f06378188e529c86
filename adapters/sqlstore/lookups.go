package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/batcher"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/domain"
)

// lookup asks for the memberships of a user; in one block, where it is not zero.
type lookup struct {
	user  domain.UserID
	block domain.BlockID
}

// lookups read memberships that are asked for at the same time in one query. Each is answered by a query that began after it
// was asked for, so that a dismissal holds at once.
type lookups = batcher.Batcher[lookup, found]

// found is what came of a lookup.
type found struct {
	members []domain.Member
	err     error
}

// lookupsAtOnce is how many queries may be under way at once. The more, the fewer lookups share one.
const lookupsAtOnce = 2

func newLookups(s *Store, size int, onBatch func([]context.Context) (context.Context, func())) *lookups {
	return batcher.New(s.lookUpAll, batcher.Options[lookup]{MaxSize: size, MaxHandlers: lookupsAtOnce, OnBatch: onBatch})
}

func (s *Store) lookUpAll(ctx context.Context, lookups []lookup) (results []found) {
	if len(lookups) == 1 {
		members, err := s.lookUp(ctx, lookups[0])
		return []found{{members, err}}
	}
	askedBy := make(map[lookup][]int, len(lookups))
	var users, inBlocks []any
	for i, l := range lookups {
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
		conditions = append(conditions, "m.user_id IN ("+rows.List("?", len(users))+")")
	}
	if len(inBlocks) > 0 {
		conditions = append(conditions, "(m.user_id, m.block_id) IN ("+rows.List("(?, ?)", len(inBlocks)/2)+")")
	}
	err := s.retry(ctx, func() error {
		results = make([]found, len(lookups))
		return s.queryMembers(ctx, strings.Join(conditions, " OR "), append(users, inBlocks...), func(row memberRow) {
			member, err := row.member()
			user, block := domain.UserID(row.UserID), domain.BlockID(row.BlockID)
			for _, l := range []lookup{{user, block}, {user, 0}} {
				for _, i := range askedBy[l] {
					if err != nil {
						results[i].err = err
					}
					results[i].members = append(results[i].members, member)
				}
			}
		})
	})
	if err != nil {
		return slices.Repeat([]found{{err: err}}, len(lookups))
	}
	return results
}

// queryMembers reads the memberships that a condition holds of.
func (s *Store) queryMembers(ctx context.Context, condition string, arguments []any, each func(memberRow)) error {
	text := s.db.Engine().Current + selectMembers + condition
	began := time.Now()
	rows, err := s.db.Readers().QueryContext(ctx, text, arguments...)
	if err == nil {
		err = statement.ScanEach(rows, func(rows *sql.Rows) error {
			row, err := scanMember(rows)
			if err == nil {
				each(row)
			}
			return err
		})
	}
	s.log.Ran(ctx, text, began, err)
	return err
}
