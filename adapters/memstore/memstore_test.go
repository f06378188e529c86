package memstore_test

import (
	"context"
	"errors"
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables/inmemory"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Subject {
		store := memstore.New()
		return storetest.Subject{Store: store, Rows: func(testing.TB) storetest.Rows { return inmemory.Rows(store) }}
	})
}

func TestPing(t *testing.T) {
	store := memstore.New()
	if err := store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Ping(ctx); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("a caller who is gone: %v", err)
	}
}
