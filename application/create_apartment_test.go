package application_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// must is for values that a test only needs: one that cannot be built is a fault of the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

const (
	manager  = domain.RoleManager
	resident = domain.RoleResident
	active   = domain.MembershipActive
	banned   = domain.MembershipBanned
)

func block(id domain.BlockID, name string, status domain.BlockStatus) domain.Block {
	return must(domain.NewBlock(id, name, status))
}

func apartment(id domain.ApartmentID, block domain.BlockID, floor, number int) domain.Apartment {
	return must(domain.RestoreApartment(id, block, floor, number))
}

func membership(
	user domain.UserID, block domain.BlockID, through domain.ApartmentID, role domain.Role, status domain.MembershipStatus,
) domain.Membership {
	return must(domain.NewMembership(user, block, through, role, status))
}

// rows are the rows of one list of a register.
func rows[T any](values ...T) []T { return values }

// newStore returns a store with a register in it.
func newStore(t *testing.T, register application.Register) *memstore.Store {
	t.Helper()
	store := memstore.New()
	mustImport(t, store, register)
	return store
}

func mustImport(t *testing.T, store application.Importer, register application.Register) application.Summary {
	t.Helper()
	summary, err := application.NewImportRegister(store, clock).Import(t.Context(), register, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// town has two blocks with apartments, managed by users 7 and 10, of whom 10 manages both, and one that is suspended.
func town() application.Register {
	return application.Register{
		Blocks: rows(
			block(4, "Block 4", domain.BlockActive),
			block(5, "Block 5", domain.BlockSuspended),
			block(6, "Block 6", domain.BlockActive),
		),
		Apartments: rows(
			apartment(1, 4, 1, 1),
			apartment(2, 4, 1, 3),
			apartment(3, 6, 0, 10),
			apartment(4, 5, 0, 1),
		),
		Memberships: rows(
			membership(7, 4, 1, manager, active),
			membership(8, 4, 2, resident, active),
			membership(9, 4, 2, manager, domain.MembershipPending),
			membership(10, 4, 0, manager, active),
			membership(10, 6, 3, manager, active),
			membership(12, 5, 4, manager, active),
		),
	}
}

// now is a time as clocks give it: in some zone, to the nanosecond. kept is the same as a register keeps it.
var (
	now  = time.Date(2026, 3, 4, 5, 6, 7, 123_456_789, time.FixedZone("Cairo", 2*60*60))
	kept = time.Date(2026, 3, 4, 3, 6, 7, 123_456_000, time.UTC)
)

func clock() time.Time { return now }

func createIn(store *memstore.Store) *application.CreateApartment {
	return application.NewCreateApartment(store, store, clock, application.UUIDv7(clock))
}

func place(user domain.UserID, block domain.BlockID, floor, number int64) application.CreateApartmentInput {
	return application.CreateApartmentInput{
		User: user, Block: block, Floor: must(domain.NewFloor(floor)), Number: must(domain.NewNumber(number)),
	}
}

func withKey(in application.CreateApartmentInput, key string) application.CreateApartmentInput {
	in.Key = must(application.NewIdempotencyKey(key))
	return in
}

func through(in application.CreateApartmentInput, own domain.ApartmentID) application.CreateApartmentInput {
	in.Apartment = own
	return in
}

func wantOutcome(t *testing.T, store *memstore.Store, in application.CreateApartmentInput, want application.Outcome) {
	t.Helper()
	if got, err := createIn(store).Create(t.Context(), in); err != nil || got.Outcome != want {
		t.Errorf("outcome %d, %v, want %d", got.Outcome, err, want)
	}
}

func wantRefused(t *testing.T, store *memstore.Store, in application.CreateApartmentInput, want error) {
	t.Helper()
	if got, err := createIn(store).Create(t.Context(), in); !errors.Is(err, want) || got.Outcome != 0 {
		t.Errorf("outcome %d, %v, want refused: %v", got.Outcome, err, want)
	}
}

// wantWritten checks how many apartments were registered since the import, and that each has one row of the log.
func wantWritten(t *testing.T, store *memstore.Store, want int) {
	t.Helper()
	var registered, logged []domain.RegistrationID
	for _, a := range store.Apartments() {
		if a.RegisteredBy != 0 {
			registered = append(registered, a.Registration)
		}
	}
	for _, entry := range store.Logs() {
		logged = append(logged, entry.Registration)
	}
	if len(registered) != want || !slices.Equal(registered, logged) {
		t.Errorf("registered %v, logged %v, want %d of each", registered, logged, want)
	}
}

func TestCreateKeepsTheApartmentAndLogsIt(t *testing.T) {
	store := newStore(t, town())
	ids := []domain.RegistrationID{{15: 1}, {15: 2}}
	draw := func() domain.RegistrationID {
		id := ids[0]
		ids = ids[1:]
		return id
	}
	create := application.NewCreateApartment(store, store, clock, draw)

	full := through(place(7, 4, -1, 2), 1)
	full.Location = must(domain.NewLocation(new(31.25), new(30.05)))
	bare := place(7, 0, 0, 999_999)
	for _, in := range []application.CreateApartmentInput{full, bare} {
		if out, err := create.Create(t.Context(), in); err != nil || out.Outcome != application.Registered {
			t.Fatal(out, err)
		}
	}

	wantApartments := []memstore.Apartment{
		{Apartment: apartment(5, 4, -1, 2), Registration: domain.RegistrationID{15: 1}, RegisteredBy: 7, RegisteredAt: kept},
		{Apartment: apartment(6, 4, 0, 999_999), Registration: domain.RegistrationID{15: 2}, RegisteredBy: 7, RegisteredAt: kept},
	}
	if got := store.Apartments()[4:]; !slices.Equal(got, wantApartments) {
		t.Errorf("apartments %+v\nwant %+v", got, wantApartments)
	}
	wantLogs := []memstore.LogEntry{
		{
			Registration: domain.RegistrationID{15: 1}, User: 7, Action: "CreateApartment", Block: 4, Apartment: 1, Record: 5,
			Location: full.Location, CreatedAt: kept,
		},
		{Registration: domain.RegistrationID{15: 2}, User: 7, Action: "CreateApartment", Block: 4, Record: 6, CreatedAt: kept},
	}
	if got := store.Logs(); !slices.Equal(got, wantLogs) {
		t.Errorf("logs %+v\nwant %+v", got, wantLogs)
	}
}

// Each request is refused by what it names first, whatever else is wrong with it, and nothing is written.
func TestCreateRefusesInTheContractsOrder(t *testing.T) {
	store := newStore(t, town())
	wantOutcome(t, store, withKey(place(10, 4, 2, 20), "used"), application.Registered)

	for _, c := range []struct {
		what string
		in   application.CreateApartmentInput
		want error
	}{
		{"several blocks, a key used", withKey(place(10, 0, 2, 21), "used"), domain.BlockRequired},
		{"several blocks, no floor or number", application.CreateApartmentInput{User: 10}, domain.BlockRequired},
		{"a resident, number taken", place(8, 4, 1, 1), domain.NotPermitted},
		{"a pending manager", place(9, 4, 1, 2), domain.NotPermitted},
		{"a suspended block", place(12, 5, 1, 2), domain.NotPermitted},
		{"another's block", place(7, 6, 1, 2), domain.NotPermitted},
		{"no such block", place(7, 99, 1, 2), domain.NotPermitted},
		{"a block that cannot exist", place(7, domain.NoSuchBlock, 1, 2), domain.NotPermitted},
		{"another's apartment", through(place(7, 4, 1, 2), 2), domain.NotPermitted},
		{"an apartment that cannot exist", through(place(7, 4, 1, 2), domain.NoSuchApartment), domain.NotPermitted},
		{"a stranger, no floor or number", application.CreateApartmentInput{User: 99, Block: 4}, domain.NotPermitted},
		{"nobody", place(0, 4, 1, 2), domain.NotPermitted},
		{"no floor or number", application.CreateApartmentInput{User: 7, Block: 4}, domain.Missing},
		{"a key used for another number, taken", withKey(place(10, 4, 2, 1), "used"), domain.KeyReused},
		{"a key used for another number, free", withKey(place(10, 4, 2, 21), "used"), domain.KeyReused},
		{"a key used for another floor", withKey(place(10, 4, 3, 20), "used"), domain.KeyReused},
		{"a key used for another block", withKey(place(10, 6, 2, 20), "used"), domain.KeyReused},
		{"a number taken by an import", place(7, 4, 1, 1), domain.NumberTaken},
		{"a number taken on another floor", place(7, 4, 9, 1), domain.NumberTaken},
		{"a number taken by a registration", place(7, 4, 2, 20), domain.NumberTaken},
		{"the same with another key", withKey(place(10, 4, 2, 20), "fresh"), domain.NumberTaken},
	} {
		out, err := createIn(store).Create(t.Context(), c.in)
		if !errors.Is(err, c.want) || out.Outcome != 0 {
			t.Errorf("%s: outcome %d, %v, want refused: %v", c.what, out.Outcome, err, c.want)
		}
	}
	wantWritten(t, store, 1)
	wantOutcome(t, store, place(10, 6, 2, 20), application.Registered) // the number is free in another block
}

func TestCreateTellsTheBlock(t *testing.T) {
	for _, c := range []struct {
		what string
		in   application.CreateApartmentInput
		want domain.BlockID
	}{
		{"named", place(10, 6, 1, 50), 6},
		{"named, through an apartment", through(place(7, 4, 1, 50), 1), 4},
		{"by the apartment", through(place(10, 0, 1, 50), 3), 6},
		{"by what the user manages", place(7, 0, 1, 50), 4},
	} {
		store := newStore(t, town())
		for _, refusal := range []error{nil, domain.NumberTaken} { // asked twice; the block is told either way
			out, err := createIn(store).Create(t.Context(), c.in)
			if !errors.Is(err, refusal) || out.Apartment != apartment(1, c.want, 1, 50).WithID(0) {
				t.Errorf("%s: %+v, %v, want block %d", c.what, out, err, c.want)
			}
		}
		if got := store.Apartments()[4]; got.Block() != c.want {
			t.Errorf("%s: block %d, want %d", c.what, got.Block(), c.want)
		}
	}
}

func TestCreateAskedAgain(t *testing.T) {
	store := newStore(t, town())
	first := withKey(place(7, 4, 2, 20), "k")
	wantOutcome(t, store, first, application.Registered)
	wantOutcome(t, store, first, application.Replayed)

	// What does not tell another apartment does not tell another request.
	again := through(first, 1)
	again.Block, again.Location = 0, must(domain.NewLocation(new(1.0), nil))
	wantOutcome(t, store, again, application.Replayed)
	wantWritten(t, store, 1)

	// The same key of another user is another key; without a key there is no asking again.
	wantRefused(t, store, withKey(place(10, 4, 2, 20), "k"), domain.NumberTaken)
	wantOutcome(t, store, withKey(place(10, 4, 2, 21), "k"), application.Registered)
	wantOutcome(t, store, place(7, 4, 2, 22), application.Registered)
	wantRefused(t, store, place(7, 4, 2, 22), domain.NumberTaken)
	wantWritten(t, store, 3)

	// A refusal is not kept: the key that was refused registers something else.
	wantRefused(t, store, withKey(place(7, 4, 1, 1), "refused"), domain.NumberTaken)
	wantRefused(t, store, withKey(place(7, 4, 1, 1), "refused"), domain.NumberTaken)
	wantOutcome(t, store, withKey(place(7, 4, 1, 2), "refused"), application.Registered)

	// The permission is judged each time.
	role := func(status domain.MembershipStatus) {
		mustImport(t, store, application.Register{Memberships: rows(membership(7, 4, 1, manager, status))})
	}
	role(banned)
	wantRefused(t, store, first, domain.NotPermitted)
	wantRefused(t, store, withKey(place(7, 4, 2, 99), "k"), domain.NotPermitted)
	role(active)
	wantOutcome(t, store, first, application.Replayed)
	wantWritten(t, store, 4)
}

// User 1 with the key "2k" and user 12 with the key "k" would be the same text, were they only put together.
func TestKeysOfTwoUsersAreTwoKeys(t *testing.T) {
	store := newStore(t, application.Register{
		Blocks: rows(block(4, "Block 4", domain.BlockActive)),
		Memberships: rows(
			membership(1, 4, 0, manager, active),
			membership(12, 4, 0, manager, active),
		),
	})
	wantOutcome(t, store, withKey(place(1, 4, 1, 1), "2k"), application.Registered)
	wantOutcome(t, store, withKey(place(12, 4, 1, 2), "k"), application.Registered)
	wantWritten(t, store, 2)
}

func TestOneOfManyAtOnceRegisters(t *testing.T) {
	const clients = 24
	type answer struct {
		outcome application.Outcome
		err     error
	}
	for _, c := range []struct {
		in   application.CreateApartmentInput
		late answer
	}{
		{place(7, 4, 2, 20), answer{0, domain.NumberTaken}},
		{withKey(place(7, 4, 2, 20), "k"), answer{application.Replayed, nil}},
	} {
		store := newStore(t, town())
		create := createIn(store)
		answers := make(chan answer, clients)
		var asking sync.WaitGroup
		for range clients {
			asking.Go(func() {
				out, err := create.Create(t.Context(), c.in)
				answers <- answer{out.Outcome, err}
			})
		}
		asking.Wait()
		close(answers)
		counts := map[answer]int{}
		for a := range answers {
			counts[a]++
		}
		if want := map[answer]int{{application.Registered, nil}: 1, c.late: clients - 1}; !maps.Equal(counts, want) {
			t.Errorf("answers %v, want %v", counts, want)
		}
		wantWritten(t, store, 1)
	}
}

func TestCreateNamesWhatWasNotBuiltByItsConstructor(t *testing.T) {
	for _, c := range []struct {
		in   application.CreateApartmentInput
		want domain.Field
	}{
		{application.CreateApartmentInput{User: 7}, domain.FieldFloor},
		{application.CreateApartmentInput{User: 7, Number: must(domain.NewNumber(2))}, domain.FieldFloor},
		{application.CreateApartmentInput{User: 7, Floor: must(domain.NewFloor(0))}, domain.FieldNumber},
	} {
		store := newStore(t, town())
		out, err := createIn(store).Create(t.Context(), c.in)
		var refusal *domain.FieldError
		if !errors.As(err, &refusal) || *refusal != (domain.FieldError{Field: c.want, Code: domain.Missing}) || out.Outcome != 0 {
			t.Errorf("outcome %d, %v, want %s is required", out.Outcome, err, c.want)
		}
		wantWritten(t, store, 0)
	}
}

// Without an id or a time, nothing is written.
func TestCreateWithoutAnIDOrATime(t *testing.T) {
	draw := application.UUIDv7(clock)
	for _, c := range []struct {
		what string
		now  application.Clock
		draw application.NewRegistrationID
		want error
	}{
		{"no id", clock, func() domain.RegistrationID { return domain.RegistrationID{} }, domain.Missing},
		{"no time", func() time.Time { return time.Time{} }, draw, domain.Missing},
	} {
		store := newStore(t, town())
		out, err := application.NewCreateApartment(store, store, c.now, c.draw).Create(t.Context(), place(7, 4, 2, 20))
		if !errors.Is(err, c.want) || out.Outcome != 0 {
			t.Errorf("%s: outcome %d, %v, want %v", c.what, out.Outcome, err, c.want)
		}
		wantWritten(t, store, 0)
	}
}

// A store that cannot answer says so, whether it was to be read or, once the time was drawn, written. User 99, a stranger,
// would be refused, had it been read.
func TestCreateOfACallerWhoIsGone(t *testing.T) {
	for user, goneAlready := range map[domain.UserID]bool{99: true, 7: false} {
		store := newStore(t, town())
		ctx, leave := context.WithCancel(t.Context())
		if goneAlready {
			leave()
		}
		leaving := func() time.Time { leave(); return now }
		create := application.NewCreateApartment(store, store, leaving, application.UUIDv7(clock))
		out, err := create.Create(ctx, place(user, 4, 2, 20))
		if !errors.Is(err, domain.StoreUnavailable) || out.Outcome != 0 {
			t.Errorf("gone already %t: outcome %d, %v", goneAlready, out.Outcome, err)
		}
		wantWritten(t, store, 0)
	}
}

// watched is a store that notes what it is asked.
type watched struct {
	*memstore.Store
	asked []any
}

func (w *watched) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	w.asked = append(w.asked, user, block)
	return w.Store.MembersOf(ctx, user, block)
}

func (w *watched) Register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	w.asked = append(w.asked, r.Apartment())
	return w.Store.Register(ctx, r)
}

func TestCreateAsksTheStoreOnceToReadAndOnceToWrite(t *testing.T) {
	for _, named := range []domain.BlockID{0, 4} {
		store := &watched{Store: newStore(t, town())}
		create := application.NewCreateApartment(store, store, clock, application.UUIDv7(clock))
		if _, err := create.Create(t.Context(), place(7, named, 2, 20)); err != nil {
			t.Fatal(err)
		}
		want := []any{domain.UserID(7), named, apartment(1, 4, 2, 20).WithID(0)}
		if !slices.Equal(store.asked, want) {
			t.Errorf("asked %v, want %v", store.asked, want)
		}
	}
}
