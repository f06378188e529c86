package sqlstore_test

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// numbered asks for a number of a block, under an id that is the number.
func numbered(block domain.BlockID, number int) domain.ChangeSet {
	var id domain.ChangeSetID
	binary.BigEndian.PutUint64(id[8:], uint64(number))
	return registering(id, block, int64(number))
}

// held keeps the writers of an SQLite file waiting until it is let go.
func held(t *testing.T, address string) (letGo func()) {
	t.Helper()
	other := must(tables.Open(t, address).Conn(t.Context()))
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := other.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK"); err != nil {
			t.Error(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A caller who gives up while another's batch is under way has an answer at once, and is never written. The one under way
// is.
func TestCallerWhoGivesUpBeforeTheBatch(t *testing.T) {
	address := sqliteURL(t)
	store := withBlock(t, address)
	letGo := held(t, address)
	var callers sync.WaitGroup
	underWay := make(chan error, 1)
	callers.Go(func() {
		_, err := store.Apply(t.Context(), numbered(4, 1))
		underWay <- err
	})
	// Of many, at most one is taken along with the first; the others wait, and give up.
	const others = 20
	var unavailable atomic.Int64
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	for n := 2; n < 2+others; n++ {
		callers.Go(func() {
			if _, err := store.Apply(ctx, numbered(4, n)); errors.Is(err, domain.StoreUnavailable) {
				unavailable.Add(1)
			}
		})
	}
	letGo()
	callers.Wait()
	if err := <-underWay; err != nil {
		t.Error(err)
	}
	if n := unavailable.Load(); n != others {
		t.Errorf("%d of %d who gave up were told so", n, others)
	}
	if err := store.Close(); err != nil { // whatever was taken along has been written then
		t.Error(err)
	}
	if n := len(tables.At(t, address).Apartments); n != 1 {
		t.Errorf("%d apartments", n)
	}
}

// A row that the database refuses fails alone: here, of a block that is not there. The others of its batch are written.
func TestOneBadRowInABatch(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		store := withBlock(t, address)
		const callers, missing = 200, 404
		var done sync.WaitGroup
		var bad atomic.Int64
		for n := 1; n <= callers; n++ {
			done.Go(func() {
				block := domain.BlockID(4)
				if n%10 == 0 {
					block = missing
				}
				outcome, err := register(t.Context(), store, numbered(block, n))
				switch {
				case block == missing && errors.Is(err, domain.NotFound):
					bad.Add(1)
				case block == missing || err != nil || outcome != registered:
					t.Errorf("%s: number %d of block %d: outcome %q, %v", name, n, block, outcome, err)
				}
			})
		}
		done.Wait()
		rows := tables.At(t, address)
		if bad.Load() != callers/10 || len(rows.Apartments) != callers*9/10 {
			t.Errorf("%s: %d refused, %d kept", name, bad.Load(), len(rows.Apartments))
		}
		for _, c := range rows.Contradictions() {
			t.Errorf("%s: %s", name, c)
		}
	})
}

// What waits when the store is closed is written or refused, and nobody is left waiting.
func TestCloseAnswersWhoWaits(t *testing.T) {
	address := sqliteURL(t)
	store := withBlock(t, address)
	letGo := held(t, address)
	const callers = 100
	var kept atomic.Int64
	var done sync.WaitGroup
	for n := 1; n <= callers; n++ {
		done.Go(func() {
			switch _, err := store.Apply(t.Context(), numbered(4, n)); {
			case err == nil:
				kept.Add(1)
			case !errors.Is(err, domain.StoreUnavailable):
				t.Errorf("number %d: %v", n, err)
			}
		})
	}
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	letGo()
	done.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if n := len(tables.At(t, address).Apartments); n != int(kept.Load()) {
		t.Errorf("%d were told that they are kept, %d are", kept.Load(), n)
	}
}

// Someone holds a block, as an import does. Its registrations wait, and are told so in time; those of other blocks are
// written meanwhile.
func TestLockedBlockDoesNotHoldUpOthers(t *testing.T) {
	onEveryServer(t, testLockedBlockDoesNotHoldUpOthers)
}

func testLockedBlockDoesNotHoldUpOthers(t *testing.T, engine *databases.Engine) {
	address := engine.NewDatabase(t)
	store := withBlock(t, address)
	addBlock(t, store, must(domain.NewBlock(5, "Nile Tower", domain.BlockActive)))
	holder := must(tables.Open(t, address).BeginTx(t.Context(), nil))
	if _, err := holder.ExecContext(t.Context(), "SELECT id FROM blocks WHERE id = 4 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	const callers = 60
	var done sync.WaitGroup
	for n := 1; n <= callers; n++ {
		if n == callers/2 { // the second half comes when the first has been answered
			done.Wait()
		}
		block := domain.BlockID(4 + n%2)
		done.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := store.Apply(ctx, numbered(block, n))
			if block == 5 && err != nil || block == 4 && !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("number %d of block %d: %v", n, block, err)
			}
		})
	}
	done.Wait()
	if err := holder.Rollback(); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= callers; n++ { // asked again, each is written, or was
		if _, err := store.Apply(t.Context(), numbered(domain.BlockID(4+n%2), n)); err != nil {
			t.Errorf("number %d, once the block is free: %v", n, err)
		}
	}
	rows := tables.At(t, address)
	if len(rows.Apartments) != callers {
		t.Errorf("%d apartments, want %d", len(rows.Apartments), callers)
	}
	for _, c := range rows.Contradictions() {
		t.Error(c)
	}
}

// together registers several at once, so that they share batches, and returns what each was told, by number.
func together(t *testing.T, store *sqlstore.Store, all []domain.ChangeSet) map[int]string {
	t.Helper()
	told := make([]string, len(all))
	var done sync.WaitGroup
	for i, r := range all {
		done.Go(func() {
			outcome, err := register(t.Context(), store, r)
			told[i] = string(outcome)
			if code, ok := errors.AsType[domain.Code](err); ok {
				told[i] = string(code)
			} else if err != nil {
				told[i] = err.Error()
			}
		})
	}
	done.Wait()
	byNumber := map[int]string{}
	for i, r := range all {
		byNumber[r.Changes()[0].Number().Int()] = told[i]
	}
	return byNumber
}
