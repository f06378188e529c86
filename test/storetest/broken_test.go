package storetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/storetest"
	"omarty.net/registry/test/tables/inmemory"
)

// broken is a store that breaks one promise: what is not nil replaces the ports and the rows of a good one.
type broken struct {
	*memstore.Store
	register func(context.Context, domain.Registration) (application.Outcome, error)
	members  func(context.Context, domain.UserID, domain.BlockID) ([]domain.Member, error)
	update   func(context.Context, application.Scope, plan, func(int)) error
	rows     func(storetest.Rows) storetest.Rows
}

type plan = func(application.Kept) (application.Changes, error)

func (b *broken) Register(ctx context.Context, r domain.Registration) (application.Outcome, error) {
	if b.register != nil {
		return b.register(ctx, r)
	}
	return b.Store.Register(ctx, r)
}

func (b *broken) MembersOf(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
	if b.members != nil {
		return b.members(ctx, user, block)
	}
	return b.Store.MembersOf(ctx, user, block)
}

func (b *broken) UpdateRegister(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
	if b.update != nil {
		return b.update(ctx, scope, plan, progress)
	}
	return b.Store.UpdateRegister(ctx, scope, plan, progress)
}

// meet returns once two callers are here.
func meet(met chan struct{}) {
	select {
	case met <- struct{}{}:
	case <-met:
	}
}

// breakages are ways to break a promise, each with the case that must notice.
var breakages = []struct {
	name     string
	noticed  string
	breaking func(b *broken)
}{
	{"members of any block", "MembersOf/in_that_block_alone", func(b *broken) {
		b.members = func(ctx context.Context, user domain.UserID, _ domain.BlockID) ([]domain.Member, error) {
			return b.Store.MembersOf(ctx, user, 0)
		}
	}},
	{"members that are active alone", "MembersOf/every_membership", func(b *broken) {
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) (some []domain.Member, err error) {
			all, err := b.Store.MembersOf(ctx, user, block)
			for _, m := range all {
				if m.Membership.Status() == domain.MembershipActive {
					some = append(some, m)
				}
			}
			return some, err
		}
	}},
	{"members kept from an earlier call", "MembersOf/as_they_are_now", func(b *broken) {
		earlier := map[[2]int64][]domain.Member{}
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
			key := [2]int64{int64(user), int64(block)}
			if found, ok := earlier[key]; ok {
				return found, nil
			}
			all, err := b.Store.MembersOf(ctx, user, block)
			earlier[key] = all
			return all, err
		}
	}},
	{"members given out uncopied", "MembersOf/caller's_own", func(b *broken) {
		var kept []domain.Member
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) (_ []domain.Member, err error) {
			if kept == nil {
				kept, err = b.Store.MembersOf(ctx, user, block)
			}
			return kept, err
		}
	}},
	{"a caller who is gone is told there are no members", "MembersOf/gone", func(b *broken) {
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
			return b.Store.MembersOf(context.WithoutCancel(ctx), user, block)
		}
	}},
	{"a registration is lost", "Register$/column_by_column", func(b *broken) {
		b.register = func(_ context.Context, r domain.Registration) (application.Outcome, error) {
			return application.Registered, nil
		}
	}},
	{"each registration is a new one", "at_once/under_one_id", func(b *broken) {
		b.register = func(ctx context.Context, r domain.Registration) (application.Outcome, error) {
			if outcome, err := b.Store.Register(ctx, r); outcome != application.Replayed {
				return outcome, err
			}
			return 0, domain.NumberTaken
		}
	}},
	{"taken is told before the id's reuse", "Register$/before_the_number", func(b *broken) {
		b.register = func(ctx context.Context, r domain.Registration) (application.Outcome, error) {
			outcome, err := b.Store.Register(ctx, r)
			for _, a := range b.Store.Apartments() {
				if errors.Is(err, domain.KeyReused) && a.Block() == r.Apartment().Block() && a.Number() == r.Apartment().Number() {
					return 0, domain.NumberTaken
				}
			}
			return outcome, err
		}
	}},
	{"written for a caller who is gone", "Register$/gone", func(b *broken) {
		b.register = func(ctx context.Context, r domain.Registration) (application.Outcome, error) {
			outcome, err := b.Store.Register(context.WithoutCancel(ctx), r)
			if ctx.Err() != nil {
				return 0, domain.StoreUnavailable
			}
			return outcome, err
		}
	}},
	{"a check and an insert after it", "at_once/of_a_number", func(b *broken) {
		// Each is right alone; here two callers check, and then both insert.
		met := make(chan struct{})
		b.register = func(ctx context.Context, r domain.Registration) (application.Outcome, error) {
			free := true
			for _, a := range b.Store.Apartments() {
				free = free && (a.Block() != r.Apartment().Block() || a.Number() != r.Apartment().Number())
			}
			meet(met)
			if free {
				_, _ = b.Store.Register(ctx, r)
				return application.Registered, nil
			}
			return 0, domain.NumberTaken
		}
	}},
	{"absent coordinates kept as 0", "Register$/absent", func(b *broken) {
		b.rows = func(rows storetest.Rows) storetest.Rows {
			for i := range rows.Logs {
				if rows.Logs[i].Longitude == nil {
					rows.Logs[i].Longitude = new(float64)
				}
			}
			return rows
		}
	}},
	{"coordinates kept in 32 bits", "Register$/coordinates", func(b *broken) {
		b.rows = func(rows storetest.Rows) storetest.Rows {
			for i := range rows.Logs {
				if l := rows.Logs[i].Longitude; l != nil {
					rows.Logs[i].Longitude = new(float64(float32(*l)))
				}
			}
			return rows
		}
	}},
	{"users kept in 53 bits", "Register$/limits", func(b *broken) {
		b.rows = func(rows storetest.Rows) storetest.Rows {
			for i := range rows.Logs {
				rows.Logs[i].User = domain.UserID(float64(rows.Logs[i].User))
			}
			return rows
		}
	}},
	{"times kept to the millisecond", "Register$/times", func(b *broken) {
		b.rows = func(rows storetest.Rows) storetest.Rows {
			for i := range rows.Logs {
				rows.Logs[i].CreatedAt = rows.Logs[i].CreatedAt.Truncate(time.Millisecond)
			}
			return rows
		}
	}},
	{"a row of the log twice", "Register$/column_by_column", func(b *broken) {
		b.rows = func(rows storetest.Rows) storetest.Rows {
			if len(rows.Logs) > 0 {
				rows.Logs = append(rows.Logs, rows.Logs[0])
			}
			return rows
		}
	}},
	{"the plan's error is wrapped", "UpdateRegister$/as_it_is", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			err := b.Store.UpdateRegister(ctx, scope, plan, progress)
			return errors.Join(err)
		}
	}},
	{"changes written although the plan failed", "UpdateRegister$/as_it_is", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			var failed error
			err := b.Store.UpdateRegister(ctx, scope, func(kept application.Kept) (application.Changes, error) {
				var changes application.Changes
				changes, failed = plan(kept)
				return changes, nil
			}, nil)
			return errors.Join(failed, err)
		}
	}},
	{"changes written for a caller who is gone", "UpdateRegister$/nothing_is_written_for_a_caller", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			return b.Store.UpdateRegister(context.WithoutCancel(ctx), scope, plan, progress)
		}
	}},
	{"a plan's panic is swallowed", "UpdateRegister$/panics", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			defer func() { _ = recover() }()
			return b.Store.UpdateRegister(ctx, scope, plan, progress)
		}
	}},
	{"the plan sees all but the named apartments", "UpdateRegister$/within_the_scope", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			return b.Store.UpdateRegister(ctx, application.Scope{Blocks: scope.Blocks}, plan, progress)
		}
	}},
	{"progress is not told", "UpdateRegister$/progress", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, _ func(int)) error {
			return b.Store.UpdateRegister(ctx, scope, plan, nil)
		}
	}},
	{"the plan is made before the transaction", "UpdateRegister_at_once/does_not_change", func(b *broken) {
		met := make(chan struct{})
		var calls atomic.Int32
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			var changes application.Changes
			err := b.Store.UpdateRegister(ctx, scope, func(kept application.Kept) (_ application.Changes, err error) {
				changes, err = plan(kept)
				return application.Changes{}, err
			}, nil)
			if err != nil {
				return err
			}
			if calls.Add(1) > 1 { // the first is the case's beginning, alone
				meet(met)
			}
			return b.Store.UpdateRegister(ctx, scope, func(application.Kept) (application.Changes, error) { return changes, nil }, progress)
		}
	}},
	{"some registrations are lost", "all_together/storm", func(b *broken) {
		b.register = func(ctx context.Context, r domain.Registration) (application.Outcome, error) {
			if r.ID()[15]%16 == 0 && ctx.Err() == nil {
				return application.Registered, nil
			}
			return b.Store.Register(ctx, r)
		}
	}},
	{"floors are no part of a place", "all_together/model", func(b *broken) {
		b.register = func(ctx context.Context, r domain.Registration) (application.Outcome, error) {
			outcome, err := b.Store.Register(ctx, r)
			for _, a := range b.Store.Apartments() {
				if errors.Is(err, domain.KeyReused) && a.Registration == r.ID() && a.Block() == r.Apartment().Block() && a.Number() == r.Apartment().Number() {
					return application.Replayed, nil
				}
			}
			return outcome, err
		}
	}},
}

const breakage = "STORETEST_BREAKAGE"

// TestBroken runs the suite on the store that the environment names, for TestSuiteNotices, in a process of its own: it is
// to fail.
func TestBroken(t *testing.T) {
	for _, b := range breakages {
		if b.name == os.Getenv(breakage) {
			storetest.Run(t, func(*testing.T) storetest.Subject {
				store := &broken{Store: memstore.New()}
				b.breaking(store)
				return storetest.Subject{Store: store, Rows: func(testing.TB) storetest.Rows {
					rows := inmemory.Rows(store.Store)
					if store.rows != nil {
						rows = store.rows(rows)
					}
					return rows
				}}
			})
		}
	}
}

// A suite that passes a store which breaks a promise promises nothing.
func TestSuiteNotices(t *testing.T) {
	if os.Getenv(breakage) != "" {
		return
	}
	for _, b := range breakages {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			suite := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBroken$/"+b.noticed, "-rapid.nofailfile") // #nosec G204 -- this very test
			suite.Env = append(os.Environ(), breakage+"="+b.name)
			output, err := suite.CombinedOutput()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || !strings.Contains(string(output), "--- FAIL: TestBroken/") || strings.Contains(string(output), "panic:") {
				t.Errorf("%s passes it: %v\n%s", b.noticed, err, output)
			}
		})
	}
}
