package sqlstore_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/mariadb"
	"omarty.net/registry/test/tables"
)

// numbered asks for a number of a block, under an id that is the number.
func numbered(block domain.BlockID, number int) domain.Registration {
	var id domain.RegistrationID
	binary.BigEndian.PutUint64(id[8:], uint64(number))
	a := must(domain.NewApartment(block, must(domain.NewFloor(1)), must(domain.NewNumber(int64(number)))))
	return must(domain.NewRegistration(id, a, 7, 0, domain.Location{}, noon))
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
		_, err := store.Register(t.Context(), numbered(4, 1))
		underWay <- err
	})
	// Of many, at most one is taken along with the first; the others wait, and give up.
	const others = 20
	var unavailable atomic.Int64
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	for n := 2; n < 2+others; n++ {
		callers.Go(func() {
			if _, err := store.Register(ctx, numbered(4, n)); errors.Is(err, domain.StoreUnavailable) {
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
	if n := len(tables.At(t, address).Apartments); n != 1 {
		t.Errorf("%d apartments", n)
	}
}

// A row that the database refuses fails alone: here, of a block that is not there. Whoever rides with it is written.
func TestOneBadRowInABatch(t *testing.T) {
	for name, address := range everyDatabase(t) {
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
				outcome, err := store.Register(t.Context(), numbered(block, n))
				switch {
				case block == missing && err != nil && !errors.Is(err, domain.Taken):
					bad.Add(1)
				case block == missing || err != nil || outcome != application.Registered:
					t.Errorf("%s: number %d of block %d: outcome %d, %v", name, n, block, outcome, err)
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
	}
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
			switch _, err := store.Register(t.Context(), numbered(4, n)); {
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

// Registrations by 64 callers, in batches and one by one. Compare the two within one run.
func BenchmarkRegister(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func() string
	}{
		{"SQLite", func() string { return "sqlite://" + b.TempDir() + "/register.db" }},
		{"MariaDB", func() string { return mariadb.NewDatabase(b) }},
	} {
		for _, size := range []int{1, 64} {
			for _, callers := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/batch=%d/callers=%d", database.name, size, callers), func(b *testing.B) {
					store := must(sqlstore.Open(b.Context(), database.url(), sqlstore.Options{BatchSize: size}))
					defer store.Close()
					must(store.Migrate(b.Context()))
					kept := application.Register{Blocks: []application.Row[domain.Block]{{Value: must(domain.NewBlock(4, "", domain.BlockActive))}}}
					must(application.NewImportRegister(store, func() time.Time { return noon }).Import(b.Context(), kept, nil))
					var next atomic.Int64
					b.ResetTimer()
					var running sync.WaitGroup
					for range callers {
						running.Go(func() {
							for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
								if _, err := store.Register(b.Context(), numbered(4, int(n))); err != nil {
									b.Error(err)
									return
								}
							}
						})
					}
					running.Wait()
				})
			}
		}
	}
}
