package storetest_test

import (
	"testing"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables/inmemory"
)

// openMine returns a new and empty store of the service that brings its own. Here that is the one in memory; a store on a
// database reads its tables in Rows.
func openMine(*testing.T) storetest.Subject {
	store := memstore.New()
	return storetest.Subject{
		Store: store,
		Rows:  func(testing.TB) storetest.Rows { return inmemory.Rows(store) },
	}
}

// A service that brings its own store has one test like this, which go test runs.
func Example() {
	TestMyStore := func(t *testing.T) {
		storetest.Run(t, openMine)
	}
	_ = TestMyStore
}

// A store with some of the ports runs their suites alone. Its type has the port and what the suite fills it with.
func Example_onePort() {
	TestMyMembers := func(t *testing.T) {
		storetest.Members(t, func(*testing.T) storetest.SubjectOf[storetest.MembersStore] {
			store := memstore.New()
			return storetest.SubjectOf[storetest.MembersStore]{
				Store: store,
				Rows:  func(testing.TB) storetest.Rows { return inmemory.Rows(store) },
			}
		})
	}
	_ = TestMyMembers
}
