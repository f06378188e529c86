package sqlstore_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// What a request asks of the store, by one caller and by 64, one by one and together. Statements/op are those that are told
// of: on MySQL, round trips. Compare within one run.
func BenchmarkCreateApartment(b *testing.B) {
	for _, database := range kinds {
		for _, size := range []int{1, 64} {
			for _, callers := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("%s/together=%d/callers=%d", database.name, size, callers), func(b *testing.B) {
					benchmarkCreateApartment(b, database.empty(b), size, callers)
				})
			}
		}
	}
}

func benchmarkCreateApartment(b *testing.B, url string, size, callers int) {
	var statements atomic.Int64
	store := must(sqlstore.Open(b.Context(), url, sqlstore.Options{
		BatchSize:   size,
		OnStatement: func(context.Context, string, time.Time, error) { statements.Add(1) },
	}))
	defer store.Close() //nolint:errcheck // nothing is at stake
	must(store.Migrate(b.Context()))
	clock := func() time.Time { return noon }
	var kept application.Register
	for id := domain.BlockID(1); id <= 64; id++ {
		kept.Blocks = append(kept.Blocks, must(domain.NewBlock(id, "Block", domain.BlockActive)))
		kept.Memberships = append(kept.Memberships, must(domain.NewMembership(domain.UserID(id), id, 0, domain.RoleManager, domain.MembershipActive)))
	}
	must(application.NewImportRegister(store, clock, application.UUIDv7(clock)).Import(b.Context(), kept, nil))
	create := application.NewCreateApartment(store, store, clock, application.UUIDv7(time.Now))
	var next atomic.Int64
	statements.Store(0)
	b.ReportAllocs()
	b.ResetTimer()
	var running sync.WaitGroup
	for i := range callers {
		running.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				id := int64(i%64 + 1)
				_, err := create.Create(b.Context(), application.CreateApartmentInput{
					User: domain.UserID(id), Block: domain.BlockID(id), Floor: must(domain.NewFloor(1)), Number: must(domain.NewNumber(n)),
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	b.ReportMetric(float64(statements.Load())/float64(b.N), "statements/op")
}
