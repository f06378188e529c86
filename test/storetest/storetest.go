package storetest

import (
	"testing"

	"omarty.net/registry/application"
)

// SubjectOf is one empty store under test that has the ports of an interface.
type SubjectOf[Ports any] struct {
	Store Ports
	// Rows reads all that the store keeps, in any order, best by other means than the store's own code.
	Rows func(t testing.TB) Rows
}

// Subject is one empty store under test that has all ports.
type Subject = SubjectOf[application.Store]

// Filler is what every suite fills a store with, beside the port that it is about.
type Filler interface {
	application.Writer
	application.Importer
}

// The stores that the suites of ports other than Writer and Importer take.
type (
	// MembersStore is one for the suite Members.
	MembersStore interface {
		application.Members
		Filler
	}
	// BlocksStore is one for the suite Blocks.
	BlocksStore interface {
		application.Blocks
		Filler
	}
	// ApartmentsStore is one for the suite Apartments.
	ApartmentsStore interface {
		application.Apartments
		Filler
	}
	// LedgerStore is one for the suite Ledger.
	LedgerStore interface {
		application.Ledger
		Filler
	}
	// ExporterStore is one for the suite Exporter.
	ExporterStore interface {
		application.Exporter
		Filler
	}
)

// promise is one clause of a port, and what a store must do to keep it.
type promise[Ports Filler] struct {
	clause string
	check  func(t *testing.T, s *subject[Ports])
}

// Run checks that a store keeps every promise of its ports, each as a subtest with its clause for a name. Open returns a
// new and empty store for each, and has t.Cleanup end what it started. A store that answers domain.StoreUnavailable
// although it is up and the caller is still there does not pass.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Run("Members", func(t *testing.T) { Members(t, with[MembersStore](open)) })
	t.Run("Writer", func(t *testing.T) { Writer(t, with[Filler](open)) })
	t.Run("Blocks", func(t *testing.T) { Blocks(t, with[BlocksStore](open)) })
	t.Run("Apartments", func(t *testing.T) { Apartments(t, with[ApartmentsStore](open)) })
	t.Run("Ledger", func(t *testing.T) { Ledger(t, with[LedgerStore](open)) })
	t.Run("Importer", func(t *testing.T) { Importer(t, with[Filler](open)) })
	t.Run("Exporter", func(t *testing.T) { Exporter(t, with[ExporterStore](open)) })
	t.Run("all together", func(t *testing.T) { runAll(t, togetherPromises, open) })
}

// with shows a store with all ports as one with some.
func with[Ports any](open func(t *testing.T) Subject) func(t *testing.T) SubjectOf[Ports] {
	return func(t *testing.T) SubjectOf[Ports] {
		s := open(t)
		return SubjectOf[Ports]{Store: s.Store.(Ports), Rows: s.Rows}
	}
}

// Members checks application.Members, as Run does for all ports; so do the functions that follow for theirs.
func Members(t *testing.T, open func(t *testing.T) SubjectOf[MembersStore]) {
	runAll(t, membersPromises, open)
}

// Writer checks application.Writer.
func Writer(t *testing.T, open func(t *testing.T) SubjectOf[Filler]) {
	runAll(t, writerPromises, open)
}

// Blocks checks application.Blocks.
func Blocks(t *testing.T, open func(t *testing.T) SubjectOf[BlocksStore]) {
	runAll(t, blocksPromises, open)
}

// Apartments checks application.Apartments.
func Apartments(t *testing.T, open func(t *testing.T) SubjectOf[ApartmentsStore]) {
	runAll(t, apartmentsPromises, open)
}

// Ledger checks application.Ledger.
func Ledger(t *testing.T, open func(t *testing.T) SubjectOf[LedgerStore]) {
	runAll(t, ledgerPromises, open)
}

// Importer checks application.Importer.
func Importer(t *testing.T, open func(t *testing.T) SubjectOf[Filler]) {
	runAll(t, importerPromises, open)
}

// Exporter checks application.Exporter.
func Exporter(t *testing.T, open func(t *testing.T) SubjectOf[ExporterStore]) {
	runAll(t, exporterPromises, open)
}

func runAll[Ports Filler](t *testing.T, promises []promise[Ports], open func(t *testing.T) SubjectOf[Ports]) {
	for _, p := range promises {
		t.Run(p.clause, func(t *testing.T) {
			opened := open(t)
			s := &subject[Ports]{Store: opened.Store, kept: &kept{store: opened.Store, rows: opened.Rows, model: newModel()}}
			p.check(t, s)
			s.wantKept(t)
		})
	}
}
