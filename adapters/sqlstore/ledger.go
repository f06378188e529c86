package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// FindChanges looks at a part of the ledger at a time, so that a filter that few entries meet does not read all of it: so many
// sequences of the block or, where an apartment is asked for, entries of it.
const (
	sequencesLookedAt = 10_000
	entriesLookedAt   = application.MaxPageSize
)

type ledgerPage = application.Page[domain.LedgerEntry, domain.Sequence]

// FindChanges implements application.Ledger.
func (s *Store) FindChanges(ctx context.Context, q application.LedgerQuery) (page ledgerPage, err error) {
	if err := s.db.Usable(); err != nil {
		return page, err
	}
	find := s.changesOfBlock
	if q.Apartment != 0 {
		find = s.changesOfApartment
	} else if filtered(q) {
		find = s.changesOfBlockThatMeet
	}
	err = s.retry(ctx, func() error {
		page, err = find(ctx, q)
		return err
	})
	if err != nil {
		return ledgerPage{}, fmt.Errorf("read a page of the ledger: %w", s.refusal(err))
	}
	return page, nil
}

// ChangeSetEntries implements application.Ledger.
func (s *Store) ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) (entries []domain.LedgerEntry, err error) {
	if err := s.db.Usable(); err != nil {
		return nil, err
	}
	err = s.retry(ctx, func() error {
		entries, err = s.entries(ctx, s.useIndex("changes_set")+" WHERE change_set_id = ? AND block_id = ? ORDER BY position", id[:], int64(block))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the entries of a change set: %w", s.refusal(err))
	}
	return entries, nil
}

// entries reads the entries that the end of a SELECT, one of few, asks for.
func (s *Store) entries(ctx context.Context, end string, values ...any) (entries []domain.LedgerEntry, err error) {
	err = s.queryPrepared(ctx, addEntry(&entries), selectEntries+end, values...)
	return entries, err
}

const selectEntries = "SELECT " + rows.EntryColumns + " FROM changes"

// addEntry returns what scans a row into an entry more.
func addEntry(to *[]domain.LedgerEntry) func(*sql.Rows) error {
	var row rows.Entry
	return func(r *sql.Rows) error {
		if err := row.Scan(r); err != nil {
			return err
		}
		e, err := row.Entry()
		*to = append(*to, e)
		return err
	}
}

// changesOfBlock reads a page without a filter: one entry more than it has.
func (s *Store) changesOfBlock(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
	limit := application.PageSize(q.Limit)
	condition, after := sequencesAfter(q)
	entries, err := s.entries(ctx, " WHERE block_id = ?"+condition, append([]any{int64(q.Block)}, append(after, limit+1)...)...)
	return pageOf(entries, limit, nil), err
}

// changesOfBlockThatMeet reads a page with a filter. Sequences have no gaps, so a range of them is as many entries.
func (s *Store) changesOfBlockThatMeet(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
	version, err := s.versionOf(ctx, q.Block)
	if err != nil || version == 0 {
		return ledgerPage{}, err
	}
	limit := application.PageSize(q.Limit)
	from, to, next := lookAt(q, version)
	conditions, values := []string{"block_id = ?", "sequence BETWEEN ? AND ?"}, []any{int64(q.Block), int64(from), int64(to)}
	add := func(condition string, value any) {
		conditions, values = append(conditions, condition), append(values, value)
	}
	if q.By != 0 {
		add("user_id = ?", int64(q.By))
	}
	if q.Kind != "" {
		add("kind = ?", string(q.Kind))
	}
	if !q.Since.IsZero() {
		add("at >= ?", notBefore(q.Since))
	}
	if !q.Until.IsZero() {
		add("at < ?", notBefore(q.Until))
	}
	order := " ORDER BY sequence"
	if q.Descending {
		order += " DESC"
	}
	var entries []domain.LedgerEntry
	err = s.query(ctx, addEntry(&entries), selectEntries+" WHERE "+strings.Join(conditions, " AND ")+order+" LIMIT ?", append(values, limit+1)...)
	return pageOf(entries, limit, next), err
}

func (s *Store) versionOf(ctx context.Context, block domain.BlockID) (version domain.Sequence, err error) {
	err = s.queryPrepared(ctx, func(r *sql.Rows) error { return r.Scan(&version) }, "SELECT version FROM blocks WHERE id = ?", int64(block))
	return version, err
}

// lookAt returns the sequences that a page looks at, and where the next one begins if none of them meets the query.
func lookAt(q application.LedgerQuery, version domain.Sequence) (from, to domain.Sequence, next *domain.Sequence) {
	if !q.Descending {
		from = 1
		if q.After != nil {
			from = min(max(*q.After, 0), version) + 1
		}
		to = min(from+sequencesLookedAt-1, version)
		if to < version {
			next = &to
		}
		return from, to, next
	}
	to = version
	if q.After != nil {
		to = min(max(*q.After, 1)-1, version)
	}
	from = max(to-sequencesLookedAt+1, 1)
	if from > 1 {
		next = &from
	}
	return from, to, next
}

// changesOfApartment reads entries of an apartment, and leaves out those that do not meet the query.
func (s *Store) changesOfApartment(ctx context.Context, q application.LedgerQuery) (ledgerPage, error) {
	limit := application.PageSize(q.Limit)
	most := limit
	if filtered(q) {
		most = entriesLookedAt
	}
	condition, after := sequencesAfter(q)
	entries, err := s.entries(ctx, s.useIndex("changes_apartment")+" WHERE apartment_id = ?"+condition, append([]any{int64(q.Apartment)}, append(after, most+1)...)...)
	if err != nil {
		return ledgerPage{}, err
	}
	var next *domain.Sequence
	if len(entries) > most {
		entries = entries[:most]
		next = new(entries[most-1].Sequence)
	}
	var met []domain.LedgerEntry
	for _, e := range entries {
		if e.Block != q.Block { // so are all of them: an apartment stays in its block
			return ledgerPage{}, nil
		}
		if meets(e, q) {
			met = append(met, e)
		}
	}
	return pageOf(met, limit, next), nil
}

// pageOf returns a page of entries, of which the store may have read more than the limit. Next is where the next page begins if it
// did not.
func pageOf(entries []domain.LedgerEntry, limit int, next *domain.Sequence) ledgerPage {
	if len(entries) > limit {
		entries = entries[:limit]
		next = new(entries[limit-1].Sequence)
	}
	return ledgerPage{Items: entries, Next: next}
}

// sequencesAfter is the end of a SELECT of what comes after a page, in the query's order.
func sequencesAfter(q application.LedgerQuery) (end string, values []any) {
	if q.After != nil {
		end, values = " AND sequence"+beyond(q.Descending), []any{int64(*q.After)}
	}
	if q.Descending {
		return end + " ORDER BY sequence DESC LIMIT ?", values
	}
	return end + " ORDER BY sequence LIMIT ?", values
}

// filtered reports whether a query asks for some entries alone, but for the apartment.
func filtered(q application.LedgerQuery) bool {
	return q.By != 0 || q.Kind != "" || !q.Since.IsZero() || !q.Until.IsZero()
}

func meets(e domain.LedgerEntry, q application.LedgerQuery) bool {
	return (q.By == 0 || q.By == e.Origin.By) &&
		(q.Kind == "" || q.Kind == e.Kind) &&
		(q.Since.IsZero() || !e.Origin.At.Before(q.Since)) &&
		(q.Until.IsZero() || e.Origin.At.Before(q.Until))
}

// notBefore returns the first time that both databases can keep and that is not before t.
func notBefore(t time.Time) rows.Timestamp {
	first, last := time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	t = t.UTC().Add(domain.Precision - 1).Truncate(domain.Precision)
	switch {
	case t.Before(first):
		t = first
	case t.After(last):
		t = last
	}
	return rows.Timestamp{Time: t}
}
