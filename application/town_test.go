package application_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	return must(domain.RestoreApartment(domain.ApartmentRecord{ID: id, Block: block, State: at(floor, number)}))
}

func retired(a domain.Apartment) domain.Apartment {
	return a.WithState(must(domain.RestoreState(a.Floor().Level(), a.Number().Int(), domain.ApartmentRetired)))
}

// at is the state of an apartment in use.
func at(floor, number int) domain.State {
	return must(domain.RestoreState(floor, number, domain.ApartmentRegistered))
}

func floorAt(level int64) domain.Floor { return must(domain.NewFloor(level)) }

func numbered(n int64) domain.Number { return must(domain.NewNumber(n)) }

func membership(
	user domain.UserID, block domain.BlockID, through domain.ApartmentID, role domain.Role, status domain.MembershipStatus,
) domain.Membership {
	return must(domain.NewMembership(user, block, through, role, status))
}

// manages and livesIn are active memberships.
func manages(user domain.UserID, block domain.BlockID, through domain.ApartmentID) domain.Membership {
	return membership(user, block, through, manager, active)
}

func livesIn(user domain.UserID, block domain.BlockID, through domain.ApartmentID) domain.Membership {
	return membership(user, block, through, resident, active)
}

// rows are the rows of one list of a register.
func rows[T any](values ...T) []T { return values }

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

// newStore returns a store with a register in it.
func newStore(t *testing.T, register application.Register) *memstore.Store {
	t.Helper()
	store := memstore.New()
	mustImport(t, store, register)
	return store
}

func importIn(store application.Importer) *application.ImportRegister {
	return application.NewImportRegister(store, clock, application.UUIDv7(clock))
}

func mustImport(t *testing.T, store application.Importer, register application.Register) application.Summary {
	t.Helper()
	summary, err := importIn(store).Import(t.Context(), register, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// now is a time as clocks give it: in some zone, to the nanosecond. kept is the same as a register keeps it.
var (
	now  = time.Date(2026, 3, 4, 5, 6, 7, 123_456_789, time.FixedZone("Cairo", 2*60*60))
	kept = time.Date(2026, 3, 4, 3, 6, 7, 123_456_000, time.UTC)
)

func clock() time.Time { return now }

// over returns the use cases over a store, at a time that stands still, with change sets numbered from 1.
func over(store application.Store) *application.Application {
	var last byte
	draw := func() domain.ChangeSetID {
		last++
		return changeSet(last)
	}
	return application.New(store, application.WithClock(clock), application.WithChangeSetIDs(draw))
}

func changeSet(n byte) domain.ChangeSetID { return domain.ChangeSetID{15: n} }

func key(text string) application.IdempotencyKey { return must(application.NewIdempotencyKey(text)) }

func register(floor, number int64) domain.Change {
	return must(domain.NewRegister(floorAt(floor), numbered(number)))
}

func renumber(id domain.ApartmentID, number int64) domain.Change {
	return must(domain.NewCorrect(id, domain.Floor{}, numbered(number), 0))
}

func retire(id domain.ApartmentID) domain.Change { return must(domain.NewRetire(id, 0)) }

func restore(id domain.ApartmentID) domain.Change { return must(domain.NewRestore(id, 0)) }

// by is user 7, the manager of block 4, with a key unless it is "".
func by(text string) application.Caller {
	caller := application.Caller{User: 7}
	if text != "" {
		caller.Key = key(text)
	}
	return caller
}

// change makes changes in block 4 by user 7.
func change(t *testing.T, app *application.Application, changes ...domain.Change) application.ChangeSetOutput {
	t.Helper()
	out, err := app.ApplyChangeSet.Apply(t.Context(), application.ApplyChangeSetInput{Caller: by(""), Block: 4, Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ledger spells the ledger of a block, an entry a line.
func ledger(store *memstore.Store, block domain.BlockID) string {
	var lines []string
	for _, e := range store.LedgerEntries() {
		if e.Block == block {
			lines = append(lines, fmt.Sprintf("%d %s #%d %s > %s by %d (%s)",
				e.Sequence, string(e.Kind), e.Apartment, spelled(e.Before), spelled(e.After), e.Origin.By, string(e.Origin.Source)))
		}
	}
	return strings.Join(lines, "\n")
}

func spelled(s domain.State) string {
	if s.IsZero() {
		return "-"
	}
	text := fmt.Sprintf("%d/%d", s.Floor().Level(), s.Number().Int())
	if s.Status() == domain.ApartmentRetired {
		text += " retired"
	}
	return text
}

// wantLedger checks what has come to the ledger of block 4 since the import of the town, which made two entries.
func wantLedger(t *testing.T, store *memstore.Store, want ...string) {
	t.Helper()
	got := strings.Split(ledger(store, 4), "\n")[2:]
	if !slices.Equal(got, want) {
		t.Errorf("the ledger has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// wantApartment checks what came of one change.
func wantApartment(t *testing.T, out application.ApartmentOutput, err error, want string) {
	t.Helper()
	got := fmt.Sprintf("%s #%d %s v%d", string(out.Outcome), out.Apartment.ID(), spelled(out.Apartment.State()), out.Apartment.Version())
	if out.Replayed {
		got += " replayed"
	}
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// wantChanges checks what came of a change set.
func wantChanges(t *testing.T, out application.ChangeSetOutput, err error, want string) {
	t.Helper()
	if err != nil {
		t.Errorf("%v, want %s", err, want)
		return
	}
	var changes []string
	for _, c := range out.Changes {
		changes = append(changes, fmt.Sprintf("%s %s #%d %s > %s", string(c.Outcome), string(c.Kind), c.Apartment.ID(), spelled(c.Before), spelled(c.Apartment.State())))
	}
	got := fmt.Sprintf("v%d: %s", out.Version, strings.Join(changes, "; "))
	if out.Replayed {
		got += " (replayed)"
	}
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// wantNothing checks that a use case has refused, and returned nothing beside its error.
func wantNothing[T any](t *testing.T, out T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
	if got, zero := fmt.Sprintf("%+v", out), fmt.Sprintf("%+v", *new(T)); got != zero {
		t.Errorf("%s beside the error %v", got, err)
	}
}

// failing is a store of which one port cannot answer.
type failing struct {
	*memstore.Store
	port string
}

func (f failing) check(port string) error {
	if port == f.port {
		return fmt.Errorf("%w: the port %s is down", domain.StoreUnavailable, port)
	}
	return nil
}

func (f failing) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	if err := f.check("MembersOf"); err != nil {
		return nil, err
	}
	return f.Store.MembersOf(ctx, user, block)
}

func (f failing) Apply(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if err := f.check("Apply"); err != nil {
		return domain.Applied{}, err
	}
	return f.Store.Apply(ctx, set)
}

func (f failing) DryRun(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
	if err := f.check("DryRun"); err != nil {
		return domain.Applied{}, err
	}
	return f.Store.DryRun(ctx, set)
}

func (f failing) BlocksByID(ctx context.Context, ids []domain.BlockID) ([]application.BlockSummary, error) {
	if err := f.check("BlocksByID"); err != nil {
		return nil, err
	}
	return f.Store.BlocksByID(ctx, ids)
}

func (f failing) ApartmentsByID(ctx context.Context, block domain.BlockID, ids []domain.ApartmentID) ([]domain.Apartment, error) {
	if err := f.check("ApartmentsByID"); err != nil {
		return nil, err
	}
	return f.Store.ApartmentsByID(ctx, block, ids)
}

func (f failing) FindApartments(ctx context.Context, q application.ApartmentQuery) (application.Page[domain.Apartment, application.ApartmentCursor], error) {
	if err := f.check("FindApartments"); err != nil {
		return application.Page[domain.Apartment, application.ApartmentCursor]{}, err
	}
	return f.Store.FindApartments(ctx, q)
}

func (f failing) FindChanges(ctx context.Context, q application.LedgerQuery) (application.Page[domain.LedgerEntry, domain.Sequence], error) {
	if err := f.check("FindChanges"); err != nil {
		return application.Page[domain.LedgerEntry, domain.Sequence]{}, err
	}
	return f.Store.FindChanges(ctx, q)
}

func (f failing) ChangeSetEntries(ctx context.Context, block domain.BlockID, id domain.ChangeSetID) ([]domain.LedgerEntry, error) {
	if err := f.check("ChangeSetEntries"); err != nil {
		return nil, err
	}
	return f.Store.ChangeSetEntries(ctx, block, id)
}

func (f failing) UpdateRegister(
	ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), progress func(int),
) error {
	if err := f.check("UpdateRegister"); err != nil {
		return err
	}
	return f.Store.UpdateRegister(ctx, scope, plan, progress)
}

func (f failing) ExportRegister(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
	if err := f.check("ExportRegister"); err != nil {
		return err
	}
	return f.Store.ExportRegister(ctx, blocks, to)
}
