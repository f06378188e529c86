package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// batches puts registrations into one transaction: those that come while a commit is under way wait, and ride the next
// one. There is no timer: an idle store commits a lone registration at once, in the plain transaction.
type batches struct {
	store   *Store
	size    int
	queue   chan *passenger
	closing chan struct{} // closed when no more may board
	ended   chan struct{} // closed when all committers have ended
	once    sync.Once
	// slow are the blocks that someone has locked. Their registrations do not ride along.
	slow *slowBlocks
}

// passenger is a registration that waits for its batch.
type passenger struct {
	ctx          context.Context
	registration domain.Registration
	// claimed is set by whoever is first: the committer that takes it along, or the caller who gives up.
	claimed atomic.Bool
	result  chan result
}

type result struct {
	outcome application.Outcome
	err     error
}

// batchTimeout bounds a batch in which no caller has a deadline.
const batchTimeout = 10 * time.Second

// startBatches starts so many committers, which end with close.
func startBatches(s *Store, size, committers int) *batches {
	b := &batches{
		slow:    newSlowBlocks(),
		store:   s,
		size:    size,
		queue:   make(chan *passenger, committers*size),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	var running sync.WaitGroup
	for range committers {
		running.Go(b.commitAll)
	}
	go func() {
		running.Wait()
		close(b.ended)
	}()
	return b
}

// close commits what waits and ends the committers.
func (b *batches) close() error {
	b.once.Do(func() { close(b.closing) })
	<-b.ended
	return nil
}

// register waits for a registration's batch, no longer than its caller does. A caller who gives up before the batch begins
// is not written; after that, it may be.
func (b *batches) register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	if b.slow.holds(r.Apartment().Block()) {
		return b.registerApart(ctx, r)
	}
	p := &passenger{ctx: ctx, registration: r, result: make(chan result, 1)}
	select {
	case b.queue <- p:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-b.closing:
		return 0, errPoolClosed
	}
	select {
	case done := <-p.result:
		return b.take(ctx, r, done)
	case <-ctx.Done():
		p.claimed.Store(true)
		return 0, ctx.Err()
	case <-b.ended:
	}
	if p.claimed.CompareAndSwap(false, true) {
		return 0, errPoolClosed
	}
	return b.take(ctx, r, <-p.result)
}

// take is what a caller makes of its result. Where the batch waited for a lock too long, each registration is written by
// its own caller, who waits for it alone.
func (b *batches) take(ctx context.Context, r domain.Registration, done result) (application.Outcome, error) {
	if errors.Is(done.err, errWriteAlone) {
		return b.registerApart(ctx, r)
	}
	return done.outcome, done.err
}

// commitAll commits batches until the store closes.
func (b *batches) commitAll() {
	var left []*passenger
	for {
		if len(left) == 0 {
			select {
			case p := <-b.queue:
				left = append(left, p)
			case <-b.closing:
				select {
				case p := <-b.queue:
					left = append(left, p)
				default:
					return
				}
			}
		}
		var batch []*passenger
		batch, left = b.fill(left)
		b.commit(batch)
	}
}

// fill takes along who waits, up to the size of a batch. A registration whose id is in the batch already is left for the
// next one, which finds it written.
func (b *batches) fill(waiting []*passenger) (batch, left []*passenger) {
	for len(batch) < b.size {
		var p *passenger
		if len(waiting) > 0 {
			p, waiting = waiting[0], waiting[1:]
		} else {
			select {
			case p = <-b.queue:
			default:
				return batch, left
			}
		}
		sameID := func(other *passenger) bool { return other.registration.ID() == p.registration.ID() }
		switch {
		case slices.ContainsFunc(batch, sameID):
			left = append(left, p)
			if len(left) >= b.size {
				return batch, append(left, waiting...)
			}
		case p.ctx.Err() == nil && p.claimed.CompareAndSwap(false, true):
			batch = append(batch, p)
		}
	}
	return batch, append(left, waiting...)
}

// commit writes a batch and tells each of its callers.
func (b *batches) commit(batch []*passenger) {
	if len(batch) == 0 {
		return
	}
	caller, end := b.begin(batch)
	ctx, cancel := context.WithDeadline(caller, lastDeadline(batch))
	defer cancel()
	// By key, so that two committers take their locks in the same order.
	slices.SortStableFunc(batch, func(p, q *passenger) int {
		a, b := p.registration.Apartment(), q.registration.Apartment()
		return cmp.Or(cmp.Compare(a.Block(), b.Block()), cmp.Compare(a.Number().Int(), b.Number().Int()))
	})
	registrations := make([]domain.Registration, len(batch))
	for i, p := range batch {
		registrations[i] = p.registration
	}
	results := b.writeSafely(ctx, registrations)
	end()
	for i, done := range results {
		batch[i].result <- done
	}
}

// begin returns what a batch is written under, which does not end with any of its callers, and what to call at its end.
func (b *batches) begin(batch []*passenger) (context.Context, func()) {
	if b.store.onBatch == nil {
		return context.Background(), func() {}
	}
	callers := make([]context.Context, len(batch))
	for i, p := range batch {
		callers[i] = p.ctx
	}
	ctx, end := b.store.onBatch(callers)
	return context.WithoutCancel(ctx), end
}

func lastDeadline(batch []*passenger) time.Time {
	var last time.Time
	for _, p := range batch {
		deadline, ok := p.ctx.Deadline()
		if !ok {
			return time.Now().Add(batchTimeout)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return last
}

// writeSafely keeps a panic from ending the program: a committer is no request's own goroutine.
func (b *batches) writeSafely(ctx context.Context, registrations []domain.Registration) (results []result) {
	defer func() {
		if p := recover(); p != nil {
			results = sameFor(registrations, unforeseen(fmt.Errorf("panic: %v\n%s", p, debug.Stack())))
		}
	}()
	return b.write(ctx, registrations)
}

// sameFor returns the same error for each registration.
func sameFor(registrations []domain.Registration, err error) []result {
	results := make([]result, len(registrations))
	for i := range results {
		results[i].err = err
	}
	return results
}

// write writes registrations in one transaction, and returns what came of each. Where the transaction fails for the sake of
// a row, it is split until the row stands alone; where it waited too long for a lock, everyone is to write alone.
func (b *batches) write(ctx context.Context, registrations []domain.Registration) []result {
	var results []result
	err := b.store.retry(ctx, func() (err error) {
		results, err = b.store.registerTogether(ctx, registrations)
		if isLockTimeout(err) {
			if len(registrations) == 1 {
				b.slow.add(registrations[0].Apartment().Block())
			}
			return errWriteAlone
		}
		return err
	})
	switch {
	case err == nil:
		return results
	case len(registrations) > 1 && isOfARow(err):
		half := len(registrations) / 2
		return append(b.write(ctx, registrations[:half]), b.write(ctx, registrations[half:])...)
	default:
		return sameFor(registrations, err)
	}
}

// registerTogether is one transaction. A lone registration has the plain one.
func (s *Store) registerTogether(ctx context.Context, registrations []domain.Registration) (results []result, err error) {
	if len(registrations) == 1 {
		outcome, err := s.registerOnce(ctx, registrations[0])
		return []result{{outcome: outcome}}, err
	}
	err = s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		results, err = insertTogether(tx, registrations)
		return err
	})
	return results, err
}

// newApartmentRow is an apartment row without the id, so that GORM does not hand ids out, which after a batch with
// duplicates it does wrongly.
type newApartmentRow struct {
	RegistrationID []byte
	BlockID        int64
	Floor          int
	Number         int
	RegisteredBy   *int64
	RegisteredAt   timestamp
}

func (newApartmentRow) TableName() string { return "apartments" }

// insertTogether inserts the apartments whose keys are free, reads back whose they are, and logs those that are new.
func insertTogether(tx *gorm.DB, registrations []domain.Registration) ([]result, error) {
	apartments := make([]newApartmentRow, len(registrations))
	entries := make([]logRow, len(registrations))
	ids := make([][]byte, len(registrations))
	for i, r := range registrations {
		a, entry := rowsOf(r)
		apartments[i] = newApartmentRow{a.RegistrationID, a.BlockID, a.Floor, a.Number, a.RegisteredBy, a.RegisteredAt}
		entries[i], ids[i] = entry, a.RegistrationID
	}
	// A duplicate of either key is left out, and every other error is one: unlike INSERT IGNORE, this hides none.
	inserted := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&apartments)
	if inserted.Error != nil {
		return nil, inserted.Error
	}
	kept, err := apartmentsByID(tx, ids)
	if err != nil {
		return nil, err
	}
	var logged map[domain.RegistrationID]domain.ApartmentID
	if int(inserted.RowsAffected) != len(kept) { // some were there before: they have been logged
		if logged, err = loggedAlready(tx, ids); err != nil {
			return nil, err
		}
	}
	results := make([]result, len(registrations))
	var fresh []logRow
	for i, r := range registrations {
		apartment, found := kept[r.ID()]
		if !found {
			results[i].err = domain.NumberTaken
			continue
		}
		if err := r.AskedAgain(apartment); err != nil {
			results[i].err = err
			continue
		}
		if record, before := logged[r.ID()]; before {
			if record != apartment.ID() {
				return nil, errStaleLog
			}
			results[i].outcome = application.Replayed
			continue
		}
		results[i].outcome = application.Registered
		entries[i].RecordID = int64(apartment.ID())
		fresh = append(fresh, entries[i])
	}
	if len(fresh) == 0 {
		return results, nil
	}
	return results, tx.Create(&fresh).Error
}

// apartmentsByID returns the apartments that have one of the registration ids.
func apartmentsByID(tx *gorm.DB, ids [][]byte) (map[domain.RegistrationID]domain.Apartment, error) {
	var rows []apartmentRow
	err := tx.Select("id", "registration_id", "block_id", "floor", "number").Where("registration_id IN ?", ids).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	kept := make(map[domain.RegistrationID]domain.Apartment, len(rows))
	for _, row := range rows {
		apartment, err := row.apartment()
		if err != nil || len(row.RegistrationID) != len(domain.RegistrationID{}) {
			return nil, unforeseen(cmp.Or(err, errors.New("a registration id as kept is not 16 bytes long")))
		}
		kept[domain.RegistrationID(row.RegistrationID)] = apartment
	}
	return kept, nil
}

// loggedAlready returns which apartment the log says of each of the registration ids that it has.
func loggedAlready(tx *gorm.DB, ids [][]byte) (map[domain.RegistrationID]domain.ApartmentID, error) {
	var rows []logRow
	if err := tx.Select("registration_id", "record_id").Where("registration_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	logged := make(map[domain.RegistrationID]domain.ApartmentID, len(rows))
	for _, row := range rows {
		logged[domain.RegistrationID(row.RegistrationID)] = domain.ApartmentID(row.RecordID)
	}
	return logged, nil
}
