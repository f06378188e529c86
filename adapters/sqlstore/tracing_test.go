package sqlstore_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/domain"
)

// on is the key of what a context belongs to.
type on struct{}

// Statements are told of under the context that they were made for, in words that hold no value.
func TestStatementsAreTold(t *testing.T) {
	for _, k := range kinds {
		for batches, size := range eachBatchSize {
			t.Run(k.name+" "+batches, func(t *testing.T) { testStatementsAreTold(t, k.empty(t), size) })
		}
	}
}

func testStatementsAreTold(t *testing.T, url string, size int) {
	told := map[string][]string{}
	begun, ended := 0, 0
	store := must(sqlstore.Open(t.Context(), url, sqlstore.Options{
		BatchSize: size,
		OnStatement: func(ctx context.Context, statement string, began time.Time, err error) {
			if err != nil {
				statement += ", failed"
			}
			if began.IsZero() || began.After(time.Now()) {
				t.Errorf("%s began at %s", statement, began)
			}
			work, _ := ctx.Value(on{}).(string)
			told[work] = append(told[work], statement)
		},
		OnBatch: func(callers []context.Context) (context.Context, func()) {
			begun++
			ctx, cancel := context.WithCancel(context.WithValue(callers[0], on{}, callers[0].Value(on{}).(string)+" in a batch"))
			cancel() // the batch goes on all the same
			return ctx, func() { ended++ }
		},
	}))
	defer store.Close() //nolint:errcheck // nothing is at stake
	must(store.Migrate(t.Context()))
	addBlock(t, store, must(domain.NewBlock(4, "Block 4", domain.BlockActive)))
	clear(told)

	doing := func(work string) context.Context { return context.WithValue(t.Context(), on{}, work) }
	must(store.MembersOf(doing("reading"), 7, 4))
	must(store.Apply(doing("writing"), registration(1, 4711)))
	if _, err := store.Apply(doing("taken"), registration(2, 4711)); err == nil {
		t.Fatal("registered twice")
	}
	if begun != 0 || ended != 0 { // of one each, there are none
		t.Errorf("%d batches began and %d ended", begun, ended)
	}
	want := map[string][]string{
		"reading": {"SELECT memberships"},
		"writing": {"UPDATE blocks", "INSERT apartments", "INSERT changes"},
		"taken":   {"UPDATE blocks", "INSERT apartments, failed", "SELECT blocks", "SELECT changes", "SELECT apartments"},
	}
	if strings.HasPrefix(url, "mysql:") { // one round trip
		want["writing"] = []string{"UPDATE blocks, INSERT apartments, INSERT changes, SELECT blocks"}
		want["taken"] = []string{"UPDATE blocks, INSERT apartments, INSERT changes, SELECT blocks, failed", "SELECT blocks", "SELECT changes", "SELECT apartments", "COMMIT"}
	}
	if !maps.EqualFunc(told, want, slices.Equal) {
		t.Errorf("got %q, want %q", told, want)
	}
}
