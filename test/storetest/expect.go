package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// wantRegister checks the answer to one registration: an outcome, or an error.
func wantRegister(t *testing.T, s Subject, r domain.Registration, outcome application.Outcome, refusal error) {
	t.Helper()
	if got, err := s.Register(t.Context(), r); got != outcome || !errors.Is(err, refusal) {
		t.Errorf("registration %s: outcome %d, %v; want %d, %v", r.ID(), got, err, outcome, refusal)
	}
}

// update writes changes to the register as an import does.
func update(t *testing.T, s Subject, changes application.Changes) {
	t.Helper()
	plan := func(application.Kept) (application.Changes, error) { return changes, nil }
	if err := s.UpdateRegister(t.Context(), scopeOf(changes), plan, nil); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// wantConsistent checks that nothing of what is kept contradicts the rest.
func wantConsistent(t *testing.T, s Subject) {
	t.Helper()
	for _, wrong := range s.Rows(t).Contradictions() {
		t.Error(wrong)
	}
}

// wantRows checks that these rows are kept, and nothing else.
func wantRows(t *testing.T, s Subject, want Rows) {
	t.Helper()
	got, want := s.Rows(t).sorted(), want.sorted()
	wantSame(t, "blocks", got.Blocks, want.Blocks)
	wantSame(t, "apartments", got.Apartments, want.Apartments)
	wantSame(t, "memberships", got.Memberships, want.Memberships)
	wantSame(t, "logs", got.Logs, want.Logs)
}

func wantSame[Row any](t *testing.T, what string, got, want []Row) {
	t.Helper()
	if wrong := difference(what, got, want); wrong != "" {
		t.Error(wrong)
	}
}

// difference says how rows in the same order differ, or nothing.
func difference[Row any](what string, got, want []Row) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d %s are kept, want %d", len(got), what, len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			return fmt.Sprintf("%s: kept\n%+v, want\n%+v", what, readable(got[i]), readable(want[i]))
		}
	}
	return ""
}

// readable shows what pointers point to.
func readable(row any) any {
	v := reflect.ValueOf(row)
	if v.Kind() != reflect.Struct {
		return row
	}
	shown := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			return row
		}
		value := v.Field(i)
		if value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
		shown[field.Name] = value.Interface()
	}
	return shown
}

// wantRegistrations checks that just these registrations are kept, beside what was imported, and both rows of each, column
// by column.
func wantRegistrations(t *testing.T, s Subject, want ...domain.Registration) {
	t.Helper()
	rows := s.Rows(t)
	registered := rows.registrations()
	var wantApartments []ApartmentRow
	var wantLogs []LogRow
	for _, r := range want {
		a, entry := rowsOfRegistration(r, registered[r.ID()].ID)
		wantApartments, wantLogs = append(wantApartments, a), append(wantLogs, entry)
	}
	rows.Apartments = slices.DeleteFunc(rows.Apartments, func(a ApartmentRow) bool { return a.Registration == nil && a.RegisteredBy == nil })
	got, wanted := rows.sorted(), Rows{Apartments: wantApartments, Logs: wantLogs}.sorted()
	wantSame(t, "registered apartments", got.Apartments, wanted.Apartments)
	wantSame(t, "logs", got.Logs, wanted.Logs)
}

// rowsOfRegistration is what is kept of a registration under the apartment's id.
func rowsOfRegistration(r domain.Registration, apartment domain.ApartmentID) (ApartmentRow, LogRow) {
	a := ApartmentRow{
		ID: apartment, Registration: new(r.ID()), Block: r.Apartment().Block(), Floor: r.Apartment().Floor().Level(),
		Number: r.Apartment().Number().Int(), RegisteredBy: new(r.By()), RegisteredAt: r.At(),
	}
	entry := LogRow{
		Registration: new(r.ID()), User: r.By(), Action: "CreateApartment", Block: a.Block, Record: apartment, CreatedAt: r.At(),
	}
	if r.Through() != 0 {
		entry.Apartment = new(r.Through())
	}
	if degrees, ok := r.Location().Longitude(); ok {
		entry.Longitude = new(degrees)
	}
	if degrees, ok := r.Location().Latitude(); ok {
		entry.Latitude = new(degrees)
	}
	return a, entry
}

// endedContexts are the contexts of callers who are gone.
func endedContexts(t *testing.T) map[string]context.Context {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancel)
	return map[string]context.Context{"cancelled": cancelled, "expired": expired}
}

// atOnce calls f for 0 to n-1, all at the same time, and returns their results.
func atOnce[Result any](n int, f func(i int) Result) []Result {
	results := make([]Result, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			results[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return results
}

// answer is what a registration was answered with.
type answer struct {
	outcome application.Outcome
	err     error
}

func register(ctx context.Context, s Subject, r domain.Registration) answer {
	outcome, err := s.Register(ctx, r)
	return answer{outcome, err}
}

// untilAnswered registers again, under the same id, while the store cannot tell: what a caller does (application.Registrar).
func untilAnswered(ctx context.Context, s Subject, r domain.Registration) answer {
	const tries = 20
	var last answer
	for range tries {
		if last = register(ctx, s, r); !errors.Is(last.err, domain.StoreUnavailable) {
			break
		}
	}
	return last
}

// wantAnswers checks how often each answer was given.
func wantAnswers(t *testing.T, answers []answer, want map[answer]int) {
	t.Helper()
	got := map[answer]int{}
	for _, a := range answers {
		got[answer{a.outcome, bare(a.err)}]++
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
}

// bare returns the refusal that an error wraps, or the error.
func bare(err error) error {
	for _, code := range []domain.Code{domain.NumberTaken, domain.KeyReused, domain.StoreUnavailable} {
		if errors.Is(err, code) {
			return code
		}
	}
	return err
}

// unique returns the ids in order, each once.
func unique[ID cmp.Ordered](ids []ID) []ID {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// withoutRegistered returns the apartments that were imported.
func withoutRegistered(apartments []ApartmentRow) []ApartmentRow {
	return slices.DeleteFunc(slices.Clone(apartments), func(a ApartmentRow) bool { return a.Registration != nil })
}
