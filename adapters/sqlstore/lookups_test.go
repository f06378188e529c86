package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// patiently ends what would never end.
func patiently(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// await returns the next value, or fails the test where none comes.
func await[T any](t *testing.T, ctx context.Context, what string, values <-chan T) T {
	t.Helper()
	select {
	case v := <-values:
		return v
	case <-ctx.Done():
		t.Fatalf("%s: none came", what)
		panic("not reached")
	}
}

// withMembers is a store on MariaDB, and another program's connections to its database. Of the blocks 1 to 6, block 6 is
// suspended. Of the users 1 to 40, each tenth is in no block; the others are in one to all of them, some of them more than
// once in a block.
func withMembers(t *testing.T, o sqlstore.Options) (store *sqlstore.Store, db *sql.DB, all []domain.Member) {
	t.Helper()
	address := databases.MariaDB.NewDatabase(t)
	store = must(sqlstore.Open(t.Context(), address, o))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	must(store.Migrate(t.Context()))
	db = tables.Open(t, address)
	for b := domain.BlockID(1); b <= 6; b++ {
		block := must(domain.NewBlock(b, fmt.Sprint("Block ", b), domain.BlockActive))
		if b == 6 {
			block = must(domain.NewBlock(b, "Block 6", domain.BlockSuspended))
		}
		addBlock(t, store, block)
		for user := domain.UserID(1); user <= 40; user++ {
			if user%10 == 0 || int64(b) > int64(user%6)+1 {
				continue
			}
			for _, role := range []domain.Role{domain.RoleManager, domain.RoleCashier}[:1+(int64(user)+int64(b))%2] {
				all = append(all, domain.Member{Membership: must(domain.NewMembership(user, b, 0, role, domain.MembershipActive)), Block: block})
			}
		}
	}
	for _, m := range all {
		m := m.Membership
		if _, err := db.ExecContext(t.Context(), "INSERT INTO memberships (user_id, block_id, role, status) VALUES (?, ?, ?, ?)", m.User(), m.Block(), m.Role(), m.Status()); err != nil {
			t.Fatal(err)
		}
	}
	return store, db, all
}

// lookedUp is what a caller asks for.
type lookedUp struct {
	user  domain.UserID
	block domain.BlockID
}

// wantMembers fails the test unless a caller got exactly those of all that were asked for.
func wantMembers(t *testing.T, l lookedUp, got, all []domain.Member) {
	t.Helper()
	counts := map[domain.Member]int{}
	for _, m := range got {
		counts[m]++
	}
	want := map[domain.Member]int{}
	for _, m := range all {
		if m.Membership.User() == l.user && (l.block == 0 || m.Membership.Block() == l.block) {
			want[m]++
		}
	}
	if !maps.Equal(counts, want) {
		t.Errorf("user %d in block %d: got %v, want %v", l.user, l.block, counts, want)
	}
}

// holdLookups keeps lookups waiting until they are let go.
func holdLookups(t *testing.T, db *sql.DB) (letGo func()) {
	t.Helper()
	conn := must(db.Conn(t.Context()))
	execute(t, conn, "LOCK TABLES memberships WRITE, blocks WRITE")
	letGo = sync.OnceFunc(func() {
		if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), "UNLOCK TABLES"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(letGo)
	return letGo
}

// asking is a caller's context that tells once someone waits for its end.
type asking struct {
	context.Context
	waits func()
}

func (a asking) Done() <-chan struct{} {
	a.waits()
	return a.Context.Done()
}

// asked is a lookup under way, and what it came to.
type asked struct {
	lookedUp
	members []domain.Member
	err     error
	ended   chan struct{}
}

// ask begins lookups, one after the other, and returns when each of them waits for its answer.
func ask(t *testing.T, ctx context.Context, store *sqlstore.Store, lookups ...lookedUp) []*asked {
	t.Helper()
	var all []*asked
	for _, l := range lookups {
		waits := make(chan struct{})
		ctx := asking{ctx, sync.OnceFunc(func() { close(waits) })}
		a := &asked{lookedUp: l, ended: make(chan struct{})}
		go func() {
			defer close(a.ended)
			a.members, a.err = store.MembersOf(ctx, l.user, l.block)
		}()
		await(t, patiently(t), "the wait of a caller", waits)
		all = append(all, a)
	}
	return all
}

// everywhere is no block in particular, each block, and some that are not there.
var everywhere = []domain.BlockID{0, 1, 2, 3, 4, 5, 6, 404, domain.NoSuchBlock}

// everyLookup asks everywhere for each user, and some that are nobody.
func everyLookup() (all []lookedUp) {
	for user := domain.UserID(1); user <= 42; user++ {
		for _, block := range everywhere {
			all = append(all, lookedUp{user, block})
		}
	}
	return all
}

// Whoever shares a query is answered as if alone: with their own members, and with a slice of their own.
func TestLookupsTogetherAreEachOnesOwn(t *testing.T) {
	ctx := patiently(t)
	store, db, all := withMembers(t, sqlstore.Options{})
	letGo := holdLookups(t, db)
	var twice []lookedUp
	for ofUser := range slices.Chunk(everyLookup(), len(everywhere)) {
		twice = append(twice, slices.Concat(ofUser, ofUser)...)
	}
	asked := ask(t, ctx, store, twice...)
	letGo()
	for _, a := range asked {
		await(t, ctx, "the answer", a.ended)
	}
	for _, a := range asked {
		if a.err != nil {
			t.Errorf("user %d in block %d: %v", a.user, a.block, a.err)
		}
		wantMembers(t, a.lookedUp, a.members, all)
		clear(a.members[:cap(a.members)]) // nobody else's
	}
}

// Each shares queries while others come and go.
func TestLookupsUnderLoadAreEachOnesOwn(t *testing.T) {
	ctx := patiently(t)
	store, _, all := withMembers(t, sqlstore.Options{BatchSize: 8})
	var done sync.WaitGroup
	lookups := everyLookup()
	for caller := range 32 {
		done.Go(func() {
			for i := range lookups {
				l := lookups[(i*37+caller*11)%len(lookups)]
				got, err := store.MembersOf(ctx, l.user, l.block)
				if err != nil {
					t.Errorf("user %d in block %d: %v", l.user, l.block, err)
				}
				wantMembers(t, l, got, all)
				clear(got[:cap(got)])
			}
		})
	}
	done.Wait()
}

// A row that cannot be fails the lookups that it is among, and no other that shares their query.
func TestLookupsBesideOneOfABadRow(t *testing.T) {
	ctx := patiently(t)
	store, db, all := withMembers(t, sqlstore.Options{})
	const user, block = 5, 3
	execute(t, db, "INSERT INTO apartments (id, block_id, floor, number, live, registered_at, version) VALUES (-9, 3, 1, 1, 1, '2026-03-04 12:00:00', 1)",
		fmt.Sprintf("UPDATE memberships SET apartment_id = -9 WHERE user_id = %d AND block_id = %d LIMIT 1", user, block))
	letGo := holdLookups(t, db)
	asked := ask(t, ctx, store, everyLookup()...)
	letGo()
	failed := 0
	for _, a := range asked {
		await(t, ctx, "the answer", a.ended)
		if a.user == user && (a.block == 0 || a.block == block) {
			failed++
			if code, isRefusal := errors.AsType[domain.Code](a.err); a.err == nil || isRefusal || len(a.members) > 0 {
				t.Errorf("in block %d, a row that cannot be: %v, %v, %q; want an unforeseen error", a.block, a.members, a.err, code)
			}
			continue
		}
		if a.err != nil {
			t.Errorf("user %d in block %d: %v", a.user, a.block, a.err)
		}
		wantMembers(t, a.lookedUp, a.members, all)
	}
	if failed != 2 {
		t.Errorf("%d lookups asked for the row", failed)
	}
}

// A dismissal holds for every lookup that begins after it, however many are under way.
func TestLookupsSeeADismissalAtOnce(t *testing.T) {
	ctx := patiently(t)
	store, db, all := withMembers(t, sqlstore.Options{})
	isActive := func(m domain.Member) bool { return m.Membership.Status() == domain.MembershipActive }
	var user atomic.Int64 // who is looked up
	dismissed := map[int64]*atomic.Bool{}
	for _, m := range all {
		dismissed[int64(m.Membership.User())] = new(atomic.Bool)
	}
	users := slices.Sorted(maps.Keys(dismissed))
	user.Store(users[0])
	lookUp := func(i int) {
		u := user.Load()
		was := dismissed[u].Load()
		got, err := store.MembersOf(ctx, domain.UserID(u), domain.BlockID(i%2)) // everybody is in block 1
		if err != nil || len(got) == 0 {
			t.Errorf("user %d: %v, %v", u, got, err)
		}
		if was && slices.ContainsFunc(got, isActive) {
			t.Errorf("user %d, who had been dismissed: %v", u, got)
		}
	}
	const callers = 48
	begun, end := make(chan struct{}, callers), make(chan struct{})
	var running sync.WaitGroup
	for caller := range callers {
		running.Go(func() {
			for i := caller; ; i++ {
				lookUp(i)
				select {
				case <-end:
					return
				case begun <- struct{}{}:
				default:
				}
			}
		})
	}
	var round sync.WaitGroup
	for _, u := range users {
		user.Store(u)
		for range 2 * callers { // by then, some have asked for this user
			await(t, ctx, "a lookup", begun)
		}
		if _, err := db.ExecContext(ctx, "UPDATE memberships SET status = 'banned' WHERE user_id = ?", u); err != nil {
			t.Error(err)
		}
		dismissed[u].Store(true)
		for i := range 8 {
			round.Go(func() { lookUp(i) })
		}
		round.Wait()
	}
	close(end)
	running.Wait()
}

// A caller who gives up has an answer at once: one whose query is its own, one in a batch and one who waits. The others are
// answered all the same.
func TestLookupsGivenUp(t *testing.T) {
	ctx := patiently(t)
	store, db, all := withMembers(t, sqlstore.Options{})
	letGo := holdLookups(t, db)
	type leaver struct {
		what   string
		giveUp func()
		*asked
	}
	var leavers []leaver
	var stayers []*asked
	for _, what := range []string{"alone", "in a batch", "waiting"} {
		leaves, giveUp := context.WithCancel(ctx)
		defer giveUp()
		leavers = append(leavers, leaver{what, giveUp, ask(t, leaves, store, lookedUp{7, 1})[0]})
	}
	stayers = append(stayers, ask(t, ctx, store, everyLookup()[:80]...)...)
	for _, l := range slices.Backward(leavers) {
		l.giveUp()
		await(t, ctx, l.what+": the answer, while lookups are held up", l.ended)
		if !errors.Is(l.err, domain.StoreUnavailable) || l.members != nil {
			t.Errorf("%s: %v, %v", l.what, l.members, l.err)
		}
		stayers = append(stayers, ask(t, ctx, store, lookedUp{7, 0})...)
	}
	expired, giveUp := context.WithCancel(ctx)
	giveUp()
	if got, err := store.MembersOf(expired, 7, 1); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("by a caller who is gone already: %v, %v", got, err)
	}
	letGo()
	for _, s := range stayers {
		await(t, ctx, "the answer", s.ended)
		if s.err != nil {
			t.Errorf("user %d in block %d, who stays: %v", s.user, s.block, s.err)
		}
		wantMembers(t, s.lookedUp, s.members, all)
	}
}

// What waits when the store is closed is answered, and what comes later is refused.
func TestLookupsWhenTheStoreIsClosed(t *testing.T) {
	ctx := patiently(t)
	store, db, all := withMembers(t, sqlstore.Options{BatchSize: 8})
	letGo := holdLookups(t, db)
	asked := ask(t, ctx, store, everyLookup()[:60]...)
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	letGo()
	if err := await(t, ctx, "the end of Close", closed); err != nil {
		t.Error(err)
	}
	for _, a := range asked {
		await(t, ctx, "the answer", a.ended)
		if a.err != nil {
			t.Errorf("user %d: %v", a.user, a.err)
		}
		wantMembers(t, a.lookedUp, a.members, all)
	}
	if _, err := store.MembersOf(ctx, 7, 1); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("once it is closed: %v", err)
	}
}

// Lookups that share a query are told of with their callers, and their query under the context that is theirs.
func TestLookupsTogetherAreTold(t *testing.T) {
	const size = 16
	type batch struct{ callers, queries, ended int }
	var mu sync.Mutex
	var batches []*batch
	alone := 0
	store, db, _ := withMembers(t, sqlstore.Options{
		BatchSize: size,
		OnBatch: func(callers []context.Context) (context.Context, func()) {
			mu.Lock()
			defer mu.Unlock()
			r := &batch{callers: len(callers)}
			batches = append(batches, r)
			for _, c := range callers {
				if c.Value(on{}) != "a caller" {
					t.Errorf("told of the caller %v", c.Value(on{}))
				}
			}
			ctx, cancel := context.WithCancel(context.WithValue(context.Background(), on{}, r))
			cancel() // the query runs all the same
			return ctx, func() {
				mu.Lock()
				defer mu.Unlock()
				r.ended++
			}
		},
		OnStatement: func(ctx context.Context, statement string, began time.Time, err error) {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Value(on{}) == nil { // of the test's own
				return
			}
			if statement != "SELECT memberships" || began.IsZero() || err != nil {
				t.Errorf("told of %q at %s, %v", statement, began, err)
			}
			if r, ok := ctx.Value(on{}).(*batch); ok {
				r.queries++
				if r.ended != 0 {
					t.Error("told of a query after its end")
				}
			} else {
				alone++
			}
		},
	})
	ctx := patiently(t)
	letGo := holdLookups(t, db)
	asked := ask(t, context.WithValue(ctx, on{}, "a caller"), store, everyLookup()[:100]...)
	letGo()
	for _, a := range asked {
		await(t, ctx, "the answer", a.ended)
		if a.err != nil {
			t.Error(a.err)
		}
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	riding := 0
	for _, r := range batches {
		riding += r.callers
		if r.queries != 1 || r.ended != 1 || r.callers > size {
			t.Errorf("told of %d queries and %d ends of a batch of %d", r.queries, r.ended, r.callers)
		}
	}
	if alone != 1 || riding != len(asked)-1 {
		t.Errorf("%d of %d rode and %d were alone; all but the first find one under way", riding, len(asked), alone)
	}
	if most := len(asked)/size + 2; len(batches) > most {
		t.Errorf("%d batches, want %d at most", len(batches), most)
	}
}
