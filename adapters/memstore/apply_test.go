package memstore_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/domain"
)

// A change to a large block takes no more memory than one to a small block.
func TestApplyDoesNotCopyItsBlock(t *testing.T) {
	var numbers []int
	for n := range 20_000 {
		numbers = append(numbers, 1+n)
	}
	store := memstore.New().WithBlock(4, "Largest", memstore.Apartments(1, numbers...)...)
	const sets = 50
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := range sets {
		if err := correctFloors(store, domain.ChangeSetID{0: 1, 15: byte(n)}); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / sets; each > 200_000 {
		t.Errorf("%d bytes for two changes", each)
	}
}

// correctFloors brings two apartments to a floor that the id says.
func correctFloors(store *memstore.Store, id domain.ChangeSetID) error {
	floor, err := domain.NewFloor(int64(id[15]))
	if err != nil {
		return err
	}
	var changes []domain.Change
	for _, apartment := range []domain.ApartmentID{1, 2} {
		c, err := domain.NewCorrect(apartment, floor, domain.Number{}, 0)
		if err != nil {
			return err
		}
		changes = append(changes, c)
	}
	set, err := domain.NewChangeSet(domain.ChangeSetSpec{
		ID: id, Block: 4, Changes: changes, Origin: domain.Origin{By: 7, At: time.Now(), Source: domain.SourceAPI},
	})
	if err != nil {
		return err
	}
	_, err = store.Apply(context.Background(), set)
	return err
}
