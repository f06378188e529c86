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

func createIn(store application.Store) *application.CreateApartment {
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

// answer is what a caller is told of a registration.
type answer struct {
	outcome  domain.Outcome
	replayed bool
}

var (
	registered = answer{outcome: domain.Done}
	replayed   = answer{outcome: domain.Done, replayed: true}
)

func answerOf(out application.ApartmentOutput) answer { return answer{out.Outcome, out.Replayed} }

func wantOutcome(t *testing.T, store application.Store, in application.CreateApartmentInput, want answer) {
	t.Helper()
	if got, err := createIn(store).Create(t.Context(), in); err != nil || answerOf(got) != want {
		t.Errorf("outcome %+v, %v, want %+v", answerOf(got), err, want)
	}
}

func wantRefused(t *testing.T, store application.Store, in application.CreateApartmentInput, want error) {
	t.Helper()
	if got, err := createIn(store).Create(t.Context(), in); !errors.Is(err, want) || answerOf(got) != (answer{}) {
		t.Errorf("outcome %+v, %v, want refused: %v", answerOf(got), err, want)
	}
}

// wantWritten checks how many apartments were registered since the import, and that each has one entry of the ledger.
func wantWritten(t *testing.T, store *memstore.Store, want int) {
	t.Helper()
	var registered, logged []domain.ApartmentID
	for _, a := range store.Apartments() {
		if a.RegisteredBy() != 0 {
			registered = append(registered, a.ID())
		}
	}
	for _, e := range store.LedgerEntries() {
		if e.Kind == domain.ChangeRegister {
			logged = append(logged, e.Apartment)
		}
	}
	slices.Sort(logged)
	if len(registered) != want || !slices.Equal(registered, logged) {
		t.Errorf("registered %v, logged %v, want %d of each", registered, logged, want)
	}
}

func TestCreateKeepsTheApartmentAndLogsIt(t *testing.T) {
	store := newStore(t, town())
	create := over(store).CreateApartment

	full := through(place(7, 4, -1, 2), 1)
	full.Location = must(domain.NewLocation(new(31.25), new(30.05)))
	full.Source, full.RequestID = domain.SourceApp, "request"
	bare := place(7, 0, 0, 999_999)
	var told []domain.Apartment
	for _, in := range []application.CreateApartmentInput{full, bare} {
		out, err := create.Create(t.Context(), in)
		if err != nil || answerOf(out) != registered {
			t.Fatal(out, err)
		}
		told = append(told, out.Apartment)
	}

	wantApartments := []domain.Apartment{
		must(domain.RestoreApartment(domain.ApartmentRecord{ID: 5, Block: 4, State: at(-1, 2), RegisteredBy: 7, RegisteredAt: kept, Version: 3})),
		must(domain.RestoreApartment(domain.ApartmentRecord{ID: 6, Block: 4, State: at(0, 999_999), RegisteredBy: 7, RegisteredAt: kept, Version: 4})),
	}
	if got := store.Apartments()[4:]; !slices.Equal(got, wantApartments) || !slices.Equal(told, wantApartments) {
		t.Errorf("apartments %+v\ntold %+v\nwant %+v", got, told, wantApartments)
	}
	entry := domain.LedgerEntry{Block: 4, Kind: domain.ChangeRegister}
	first, second := entry, entry
	first.Sequence, first.ChangeSet, first.Apartment, first.After = 3, changeSet(1), 5, at(-1, 2)
	first.Origin = domain.Origin{By: 7, Through: 1, Location: full.Location, At: kept, Source: domain.SourceApp, RequestID: "request"}
	second.Sequence, second.ChangeSet, second.Apartment, second.After = 4, changeSet(2), 6, at(0, 999_999)
	second.Origin = domain.Origin{By: 7, At: kept, Source: domain.SourceAPI}
	got := slices.DeleteFunc(store.LedgerEntries(), func(e domain.LedgerEntry) bool { return e.Kind == domain.ChangeImport })
	if want := []domain.LedgerEntry{first, second}; !slices.Equal(got, want) {
		t.Errorf("ledger %+v\nwant %+v", got, want)
	}
}

// Each request is refused by what it names first, whatever else is wrong with it, and nothing is written.
func TestCreateRefusesInTheContractsOrder(t *testing.T) {
	store := newStore(t, town())
	wantOutcome(t, store, withKey(place(10, 4, 2, 20), "used"), registered)

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
		if !errors.Is(err, c.want) || answerOf(out) != (answer{}) {
			t.Errorf("%s: outcome %+v, %v, want refused: %v", c.what, answerOf(out), err, c.want)
		}
	}
	wantWritten(t, store, 1)
	wantOutcome(t, store, place(10, 6, 2, 20), registered) // the number is free in another block
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
			told := out.Apartment
			if refusal != nil && told.ID() != 0 || told.Block() != c.want || told.State() != at(1, 50) || !errors.Is(err, refusal) {
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
	wantOutcome(t, store, first, registered)
	wantOutcome(t, store, first, replayed)

	// What does not tell another apartment does not tell another request.
	again := through(first, 1)
	again.Block, again.Location = 0, must(domain.NewLocation(new(1.0), nil))
	wantOutcome(t, store, again, replayed)
	wantWritten(t, store, 1)

	// The same key of another user is another key; without a key there is no asking again.
	wantRefused(t, store, withKey(place(10, 4, 2, 20), "k"), domain.NumberTaken)
	wantOutcome(t, store, withKey(place(10, 4, 2, 21), "k"), registered)
	wantOutcome(t, store, place(7, 4, 2, 22), registered)
	wantRefused(t, store, place(7, 4, 2, 22), domain.NumberTaken)
	wantWritten(t, store, 3)

	// A refusal is not kept: the key that was refused registers something else.
	wantRefused(t, store, withKey(place(7, 4, 1, 1), "refused"), domain.NumberTaken)
	wantRefused(t, store, withKey(place(7, 4, 1, 1), "refused"), domain.NumberTaken)
	wantOutcome(t, store, withKey(place(7, 4, 1, 2), "refused"), registered)

	// The permission is judged each time.
	role := func(status domain.MembershipStatus) {
		mustImport(t, store, application.Register{Memberships: rows(membership(7, 4, 1, manager, status))})
	}
	role(banned)
	wantRefused(t, store, first, domain.NotPermitted)
	wantRefused(t, store, withKey(place(7, 4, 2, 99), "k"), domain.NotPermitted)
	role(active)
	wantOutcome(t, store, first, replayed)
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
	wantOutcome(t, store, withKey(place(1, 4, 1, 1), "2k"), registered)
	wantOutcome(t, store, withKey(place(12, 4, 1, 2), "k"), registered)
	wantWritten(t, store, 2)
}

func TestOneOfManyAtOnceRegisters(t *testing.T) {
	const clients = 24
	for _, c := range []struct {
		in      application.CreateApartmentInput
		late    answer
		refusal error
	}{
		{place(7, 4, 2, 20), answer{}, domain.NumberTaken},
		{withKey(place(7, 4, 2, 20), "k"), replayed, nil},
	} {
		store := newStore(t, town())
		create := createIn(store)
		answers := make(chan answer, clients)
		var asking sync.WaitGroup
		for range clients {
			asking.Go(func() {
				out, err := create.Create(t.Context(), c.in)
				if err != nil && !errors.Is(err, c.refusal) {
					t.Error(err)
				}
				answers <- answerOf(out)
			})
		}
		asking.Wait()
		close(answers)
		counts := map[answer]int{}
		for a := range answers {
			counts[a]++
		}
		if want := map[answer]int{registered: 1, c.late: clients - 1}; !maps.Equal(counts, want) {
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
		if !errors.As(err, &refusal) || *refusal != (domain.FieldError{Field: c.want, Code: domain.Missing}) || out != (application.ApartmentOutput{}) {
			t.Errorf("output %+v, %v, want %s is required", out, err, c.want)
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
		draw application.NewChangeSetID
		want error
	}{
		{"no id", clock, func() domain.ChangeSetID { return domain.ChangeSetID{} }, domain.Missing},
		{"no time", func() time.Time { return time.Time{} }, draw, domain.Missing},
	} {
		store := newStore(t, town())
		out, err := application.NewCreateApartment(store, store, c.now, c.draw).Create(t.Context(), place(7, 4, 2, 20))
		if !errors.Is(err, c.want) || answerOf(out) != (answer{}) {
			t.Errorf("%s: outcome %+v, %v, want %v", c.what, answerOf(out), err, c.want)
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
		if !errors.Is(err, domain.StoreUnavailable) || answerOf(out) != (answer{}) {
			t.Errorf("gone already %t: outcome %+v, %v", goneAlready, answerOf(out), err)
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

func (w *watched) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	w.asked = append(w.asked, set.Block(), set.RegistersOne())
	return w.Store.Apply(ctx, set)
}

func TestCreateAsksTheStoreOnceToReadAndOnceToWrite(t *testing.T) {
	for _, named := range []domain.BlockID{0, 4} {
		store := &watched{Store: newStore(t, town())}
		if _, err := createIn(store).Create(t.Context(), place(7, named, 2, 20)); err != nil {
			t.Fatal(err)
		}
		if want := []any{domain.UserID(7), named, domain.BlockID(4), true}; !slices.Equal(store.asked, want) {
			t.Errorf("asked %v, want %v", store.asked, want)
		}
	}
}

// The answer to a request that is asked again is the first one, whatever became of the apartment since.
func TestCreateAskedAgainAfterTheApartmentChanged(t *testing.T) {
	store := newStore(t, town())
	app := over(store)
	in := withKey(place(7, 4, 2, 20), "k")
	first, err := app.CreateApartment.Create(t.Context(), in)
	wantApartment(t, first, err, "done #5 2/20 v3")
	for _, since := range []domain.Change{renumber(5, 21), retire(5), restore(5), renumber(5, 22)} {
		change(t, app, since)
		again, err := app.CreateApartment.Create(t.Context(), in)
		wantApartment(t, again, err, "done #5 2/20 v3 replayed")
		if again.Apartment != first.Apartment {
			t.Errorf("again %+v, first %+v", again.Apartment, first.Apartment)
		}
	}
	// The number is free, and yet the key stands for what it was used for.
	out, err := app.CreateApartment.Create(t.Context(), withKey(place(7, 4, 3, 20), "k"))
	if !errors.Is(err, domain.KeyReused) || answerOf(out) != (answer{}) {
		t.Errorf("another floor under the key: %+v, %v", out, err)
	}
}

func TestCreateNamesWhoHasTheNumber(t *testing.T) {
	_, err := createIn(newStore(t, town())).Create(t.Context(), place(7, 4, 9, 1))
	var refusal *domain.ChangeError
	if !errors.As(err, &refusal) || refusal.Index != 0 || refusal.Existing.ID() != 1 || refusal.Existing.State() != at(1, 1) {
		t.Errorf("refusal %+v, %v", refusal, err)
	}
	var set *domain.ChangeSetError
	if errors.As(err, &set) || errors.Is(err, domain.ChangeRefused) {
		t.Error("one apartment is refused as a change set is")
	}
}
