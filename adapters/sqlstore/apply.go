package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/domain"
)

// Apply implements application.Writer: in one transaction with other sets that wait (committer.go).
func (s *Store) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	done, err := s.committer.apply(ctx, set)
	if err != nil {
		return domain.Applied{}, s.toldOf("apply a change set", err)
	}
	return done, nil
}

// DryRun implements application.Writer. It reads what Apply reads, without a lock, and ends where Apply would write.
func (s *Store) DryRun(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if err := s.db.Usable(); err != nil {
		return domain.Applied{}, err
	}
	var done result
	err := s.retry(ctx, func() error {
		return s.readSnapshot(ctx, func(q dialect.Querier) error {
			b, err := readBatch(q, []domain.ChangeSet{set}, s.db.Engine(), noLock)
			if err != nil {
				return err
			}
			done = b.apply(set)
			if done.err == nil && !done.applied.Replayed {
				done.applied = done.applied.Planned(b.versions[set.Block()])
			}
			return nil
		})
	})
	if err = cmp.Or(err, done.err); err != nil {
		return domain.Applied{}, s.toldOf("try a change set", err)
	}
	return done.applied, nil
}

// write applies change sets in one transaction, and returns what came of each. Sets that register an apartment each are written
// without reading first. Where a key is taken, and for all other sets, what the sets have to know is read and judged.
func (s *Store) write(ctx context.Context, sets []domain.ChangeSet) ([]result, error) {
	if !slices.ContainsFunc(sets, func(c domain.ChangeSet) bool { return !c.RegistersOne() }) {
		registered, err := s.db.Register(ctx, sets)
		switch {
		case err == nil:
			return resultsOf(sets, registered), s.db.Verify()
		case s.db.CauseOf(err) != cause.Row:
			return nil, err
		}
	}
	var b *batch
	err := s.db.Transact(ctx, func(tx dialect.Tx) (err error) {
		if b, err = readBatch(tx, sets, s.db.Engine(), s.db.Engine().RowLock); err != nil {
			return err
		}
		for i, set := range sets {
			b.results[i] = b.apply(set)
		}
		return b.write(tx)
	})
	if key := s.db.ViolatedKey(err); key == cause.KeyNumber || key == cause.KeyChangeSet {
		return nil, cause.Vanished(err) // another server has written since
	}
	if err = cmp.Or(err, s.db.Verify()); err != nil {
		return nil, err
	}
	return b.results, nil
}

// resultsOf is what came of change sets that registered an apartment each.
func resultsOf(sets []domain.ChangeSet, registered []dialect.Registered) []result {
	results := make([]result, len(sets))
	for i, set := range sets {
		results[i].applied = set.Registered(registered[i].Apartment, registered[i].Sequence)
	}
	return results
}

// batch is change sets that are applied in one transaction.
type batch struct {
	versions map[domain.BlockID]domain.Sequence
	blocks   map[domain.BlockID]*domain.BlockState
	// kept are the apartments before the batch, and entries those that the ledger has under the ids of the sets.
	kept    map[domain.ApartmentID]domain.Apartment
	entries map[domain.ChangeSetID][]domain.LedgerEntry
	results []result
	writes  writes
}

// readBatch reads what the sets have to know, and locks their blocks, with a lock.
func readBatch(q dialect.Querier, sets []domain.ChangeSet, engine dialect.Engine, lock string) (*batch, error) {
	b := &batch{
		versions: map[domain.BlockID]domain.Sequence{},
		blocks:   map[domain.BlockID]*domain.BlockState{},
		kept:     map[domain.ApartmentID]domain.Apartment{},
		entries:  map[domain.ChangeSetID][]domain.LedgerEntry{},
		results:  make([]result, len(sets)),
	}
	var blocks []domain.BlockID
	var ids []any
	for _, set := range sets {
		id := set.ID()
		ids = append(ids, id[:])
		blocks = append(blocks, set.Block())
	}
	slices.Sort(blocks)
	// The lock on its row keeps all others from writing in a block, so what follows is read as it stays.
	if err := b.readVersions(q, values(slices.Compact(blocks)), lock); err != nil {
		return nil, err
	}
	if err := b.readEntries(q, ids); err != nil {
		return nil, err
	}
	if err := b.readNamed(q, sets); err != nil {
		return nil, err
	}
	if err := b.readHolders(q, sets, engine); err != nil {
		return nil, err
	}
	inBlock := map[domain.BlockID][]domain.Apartment{}
	for _, a := range b.kept {
		inBlock[a.Block()] = append(inBlock[a.Block()], a)
	}
	for block, version := range b.versions {
		b.blocks[block] = domain.NewBlockState(version, inBlock[block])
	}
	return b, nil
}

func (b *batch) readVersions(q dialect.Querier, blocks []any, lock string) error {
	return q.Query(func(rows *sql.Rows) error {
		var block, version int64
		err := rows.Scan(&block, &version)
		b.versions[domain.BlockID(block)] = domain.Sequence(version)
		return err
	}, "SELECT id, version FROM blocks WHERE id IN ("+rows.List("?", len(blocks))+") ORDER BY id"+lock, blocks...)
}

// readChunk is how many ids or numbers one statement asks for.
const readChunk = 500

func (b *batch) readEntries(q dialect.Querier, ids []any) error {
	return q.Query(func(r *sql.Rows) error {
		var row rows.Entry
		if err := row.Scan(r); err != nil {
			return err
		}
		entry, err := row.Entry()
		b.entries[entry.ChangeSet] = append(b.entries[entry.ChangeSet], entry)
		return err
	}, "SELECT "+rows.EntryColumns+" FROM changes WHERE change_set_id IN ("+rows.List("?", len(ids))+") ORDER BY change_set_id, position", ids...)
}

// readNamed reads the apartments that the sets or, of those asked again, their entries name.
func (b *batch) readNamed(q dialect.Querier, sets []domain.ChangeSet) error {
	var ids []any
	for _, set := range sets {
		for _, e := range b.entries[set.ID()] {
			ids = append(ids, int64(e.Apartment))
		}
		for _, id := range set.Apartments() {
			ids = append(ids, int64(id))
		}
	}
	for chunk := range slices.Chunk(ids, readChunk) {
		if err := b.readApartments(q, "id IN ("+rows.List("?", len(chunk))+")", chunk); err != nil {
			return err
		}
	}
	return nil
}

// readHolders reads the apartments that have numbers which the sets give to others.
func (b *batch) readHolders(q dialect.Querier, sets []domain.ChangeSet, engine dialect.Engine) error {
	var places [][2]any
	for _, set := range sets {
		if len(b.entries[set.ID()]) >= len(set.Changes()) { // asked again, and the entries tell all
			continue
		}
		for _, number := range set.Numbers(b.namedBy(set)) {
			places = append(places, [2]any{int64(set.Block()), number.Int()})
		}
	}
	for chunk := range slices.Chunk(places, readChunk) {
		values := make([]any, 0, 2*len(chunk))
		for _, p := range chunk {
			values = append(values, p[0], p[1])
		}
		condition := "(block_id, live, number) IN (" + engine.Tuples + rows.List("(?, 1, ?)", len(chunk)) + ")"
		if err := b.readApartments(q, condition, values); err != nil {
			return err
		}
	}
	return nil
}

// namedBy returns the apartments that a set names and that are there.
func (b *batch) namedBy(set domain.ChangeSet) []domain.Apartment {
	var named []domain.Apartment
	for _, id := range set.Apartments() {
		if a, ok := b.kept[id]; ok && a.Block() == set.Block() {
			named = append(named, a)
		}
	}
	return named
}

func (b *batch) readApartments(q dialect.Querier, condition string, values []any) error {
	return q.Query(func(r *sql.Rows) error {
		var row rows.Apartment
		if err := row.Scan(r); err != nil {
			return err
		}
		a, err := row.Apartment()
		b.kept[a.ID()] = a
		return err
	}, "SELECT "+rows.ApartmentColumns+" FROM apartments WHERE "+condition, values...)
}

// apply applies a set to what was read, and gathers what is to be written.
func (b *batch) apply(set domain.ChangeSet) result {
	block, there := b.blocks[set.Block()]
	if entries := b.entries[set.ID()]; len(entries) > 0 {
		var kept []domain.Apartment
		for _, a := range b.kept {
			if a.Block() == entries[0].Block {
				kept = append(kept, a)
			}
		}
		applied, err := set.Replay(entries, kept)
		return result{applied, err}
	}
	if !there {
		return result{err: domain.NotFound}
	}
	applied, err := block.Apply(set)
	if err == nil {
		b.writes.add(set, applied)
	}
	return result{applied, err}
}

// write writes what the sets have changed, and gives new apartments their ids in the results.
func (b *batch) write(tx dialect.Tx) error {
	ids, err := b.writes.write(tx, b.kept)
	if err != nil {
		return err
	}
	for i := range b.results {
		giveIDs(&b.results[i], ids)
	}
	return nil
}

// giveIDs replaces the ids that new apartments had until they were kept.
func giveIDs(r *result, ids map[keptAs]domain.ApartmentID) {
	give := func(a *domain.Apartment) {
		if a.ID() < 0 {
			*a = a.WithID(ids[keptAs{a.Block(), a.ID()}])
		}
	}
	for i := range r.applied.Changes {
		give(&r.applied.Changes[i].Apartment)
	}
	if refused, ok := r.err.(*domain.ChangeSetError); ok {
		for _, c := range refused.Changes {
			give(&c.Existing)
		}
	}
}

// readSnapshot calls do with what the database holds at one moment, at least what any server of a cluster has acknowledged by now.
func (s *Store) readSnapshot(ctx context.Context, do func(dialect.Querier) error) error {
	conn, err := s.db.Readers().Conn(ctx) // which may be to another server than the next
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	if current := s.db.Engine().Current; current != "" {
		if _, err := conn.ExecContext(ctx, current+"SELECT 1"); err != nil {
			return err
		}
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: s.db.Engine().Snapshot, ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return do(querier{ctx, tx, s.log})
}

// querier reads in a transaction.
type querier struct {
	ctx context.Context
	tx  *sql.Tx
	log statement.Log
}

func (q querier) Query(scan func(*sql.Rows) error, text string, values ...any) error {
	return statement.Query(q.ctx, q.tx, q.log, scan, text, values...)
}
