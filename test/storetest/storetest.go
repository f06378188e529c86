package storetest

import (
	"testing"

	"omarty.net/registry/application"
)

// Store is the ports that a store implements.
type Store interface {
	application.Members
	application.Registrar
	application.Importer
}

// Subject is one empty store under test.
type Subject struct {
	Store
	// Rows reads all that the store keeps, in any order, best by other means than the store's own code.
	Rows func(t testing.TB) Rows
}

// promise is one clause of a port, and what a store must do to keep it.
type promise struct {
	clause string
	check  func(t *testing.T, s Subject)
}

// Run checks that a store keeps every promise of its ports, each as a subtest with its clause for a name. Open returns a
// new and empty store for each, and has t.Cleanup end what it started. A store that answers domain.StoreUnavailable
// although it is up and the caller is still there does not pass.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for _, port := range []struct {
		name     string
		promises []promise
	}{
		{"MembersOf", membersPromises},
		{"Register", registerPromises},
		{"Register at once", registerAtOncePromises},
		{"UpdateRegister", updatePromises},
		{"UpdateRegister at once", updateAtOncePromises},
		{"all together", togetherPromises},
	} {
		t.Run(port.name, func(t *testing.T) {
			for _, p := range port.promises {
				t.Run(p.clause, func(t *testing.T) {
					s := open(t)
					p.check(t, s)
					wantConsistent(t, s)
				})
			}
		})
	}
}
