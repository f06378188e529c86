package storetest_test

import (
	"context"
	"errors"
	"sync"

	"omarty.net/registry/domain"
)

var membersBreakages = []breakage{
	{"members of any block", "^Members$/in_that_block_alone", func(b *broken) {
		b.members = func(ctx context.Context, user domain.UserID, _ domain.BlockID) ([]domain.Member, error) {
			return b.Store.MembersOf(ctx, user, 0)
		}
	}},
	{"members that are active alone", "^Members$/every_membership", func(b *broken) {
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
	{"members kept from an earlier call", "^Members$/as_they_are_now", func(b *broken) {
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
	{"members without their block's version", "^Members$/as_they_are_now", func(b *broken) {
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
			all, err := b.Store.MembersOf(ctx, user, block)
			for i := range all {
				all[i].Version = 0
			}
			return all, err
		}
	}},
	{"members given out uncopied", "^Members$/caller's_own", func(b *broken) {
		var kept []domain.Member
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) (_ []domain.Member, err error) {
			if kept == nil {
				kept, err = b.Store.MembersOf(ctx, user, block)
			}
			return kept, err
		}
	}},
	{"a caller who is gone is told there are no members", "^Members$/gone", func(b *broken) {
		b.members = func(ctx context.Context, user domain.UserID, block domain.BlockID) ([]domain.Member, error) {
			return b.Store.MembersOf(context.WithoutCancel(ctx), user, block)
		}
	}},
}

// meet returns once two callers are here.
func meet(met chan struct{}) {
	select {
	case met <- struct{}{}:
	case <-met:
	}
}

// again makes a set anew, with other changes.
func again(set domain.ChangeSet, changes []domain.Change) domain.ChangeSet {
	return must(domain.NewChangeSet(domain.ChangeSetSpec{ID: set.ID(), Block: set.Block(), Changes: changes, Origin: set.Origin()}))
}

var writerBreakages = []breakage{
	{"a set is lost", "^Writer$/each_kind", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			return b.Store.DryRun(ctx, set)
		}
	}},
	{"some acknowledged sets are lost", "all_together/many_callers", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.DryRun(ctx, set)
			if set.ID()[15]%16 != 0 || err != nil || applied.Replayed {
				return b.Store.Apply(ctx, set)
			}
			for i := range applied.Changes {
				c := &applied.Changes[i]
				applied.Version++
				c.Outcome, c.Sequence = domain.Done, applied.Version
				if c.Before.IsZero() {
					c.Apartment = c.Apartment.WithID(1_000_000)
				}
			}
			return applied, nil
		}
	}},
	{"half a set is written", "^Writer$/all_refusals_at_once", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			if len(set.Changes()) > 1 && errors.Is(err, domain.ChangeRefused) {
				_, _ = b.Store.Apply(ctx, again(set, set.Changes()[:1]))
			}
			return applied, err
		}
	}},
	{"only the first refusal is told", "^Writer$/all_refusals_at_once", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			var refused *domain.ChangeSetError
			if errors.As(err, &refused) {
				refused.Changes = refused.Changes[:1]
			}
			return applied, err
		}
	}},
	{"who has the number is not told", "^Writer$/a_number_is_in_a_block_once", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			var refused *domain.ChangeSetError
			if errors.As(err, &refused) {
				refused.Changes[0].Existing = domain.Apartment{}
			}
			return applied, err
		}
	}},
	{"numbers are freed only by what comes before in the set", "^Writer$/change_places_within_a_set", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			for i := range set.Changes() {
				if _, err := b.Store.DryRun(ctx, again(set, set.Changes()[:i+1])); errors.Is(err, domain.NumberTaken) {
					return domain.Applied{}, err
				}
			}
			return b.Store.Apply(ctx, set)
		}
	}},
	{"a number stays that of a retired apartment", "^Writer$/frees_its_number", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			for _, a := range b.Store.Apartments() {
				for i, c := range set.Changes() {
					if a.Status() == domain.ApartmentRetired && c.Kind() == domain.ChangeRegister && c.Number() == a.Number() && a.Block() == set.Block() {
						return domain.Applied{}, &domain.ChangeSetError{Changes: []*domain.ChangeError{{Index: i, Code: domain.NumberTaken, Existing: a}}}
					}
				}
			}
			return b.Store.Apply(ctx, set)
		}
	}},
	{"a known set is refused", "^Writer$/under_one_id,_one_is_written", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			if applied, err := b.Store.Apply(ctx, set); !applied.Replayed {
				return applied, err
			}
			return domain.Applied{}, domain.KeyReused
		}
	}},
	{"a known set is compared with what the apartment has become", "^Writer$/not_what_the_apartment_has_become", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			for _, c := range applied.Changes {
				kept, _ := b.Store.ApartmentsByID(ctx, set.Block(), []domain.ApartmentID{c.Apartment.ID()})
				if applied.Replayed && len(kept) > 0 && kept[0].State() != c.Apartment.State() {
					return domain.Applied{}, domain.KeyReused
				}
			}
			return applied, err
		}
	}},
	{"a known set is answered with what the apartment has become", "^Writer$/not_what_the_apartment_has_become", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			for i, c := range applied.Changes {
				if kept, _ := b.Store.ApartmentsByID(ctx, set.Block(), []domain.ApartmentID{c.Apartment.ID()}); len(kept) > 0 {
					applied.Changes[i].Apartment = kept[0]
				}
			}
			return applied, err
		}
	}},
	{"an id is one of its block", "^Writer$/not_used_for_something_else", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			if entries, _ := b.Store.ChangeSetEntries(ctx, set.Block(), set.ID()); errors.Is(err, domain.KeyReused) && len(entries) == 0 {
				return b.Store.DryRun(ctx, must(domain.NewChangeSet(domain.ChangeSetSpec{
					ID: domain.ChangeSetID{0: 1, 15: 77}, Block: set.Block(), Changes: set.Changes(), Origin: set.Origin(),
				})))
			}
			return applied, err
		}
	}},
	{"a stale version is told before an id's reuse", "^Writer$/the_expected_version_of_a_block", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			if blocks, _ := b.Store.BlocksByID(ctx, []domain.BlockID{set.Block()}); applied.Replayed && len(blocks) > 0 {
				return domain.Applied{}, &domain.StaleBlockError{Current: blocks[0].Version}
			}
			return applied, err
		}
	}},
	{"expected versions are not looked at", "^Writer$/that_expect_one_version", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			return b.Store.Apply(ctx, again(set, set.Changes()))
		}
	}},
	{"written for a caller who is gone", "^Writer$/gone", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(context.WithoutCancel(ctx), set)
			if ctx.Err() != nil {
				return domain.Applied{}, domain.StoreUnavailable
			}
			return applied, err
		}
	}},
	{"a check and a write after it", "^Writer$/of_a_number", func(b *broken) {
		// Each is right alone; here two callers check, and then both are told that it is written.
		met := make(chan struct{})
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			planned, refused := b.Store.DryRun(ctx, set)
			meet(met)
			if refused != nil {
				return domain.Applied{}, refused
			}
			if applied, err := b.Store.Apply(ctx, set); err == nil {
				return applied, nil
			}
			planned.Version++
			planned.Changes[0].Outcome, planned.Changes[0].Sequence = domain.Done, planned.Version
			return planned, nil
		}
	}},
	{"a refusal that was right before the caller asked", "all_together/many_callers", func(b *broken) {
		// Once a caller has learned that a number is taken, all later ones are told so, though it has been freed.
		var mu sync.Mutex
		earlier := map[domain.BlockID]error{}
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			mu.Lock()
			defer mu.Unlock()
			if err, ok := earlier[set.Block()]; ok && ctx.Err() == nil && set.ID()[15]%4 == 0 {
				return domain.Applied{}, err
			}
			applied, err := b.Store.Apply(ctx, set)
			if errors.Is(err, domain.NumberTaken) && len(set.Changes()) == 1 {
				earlier[set.Block()] = err
			}
			return applied, err
		}
	}},
	{"a dry run writes", "^Writer$/dry_run_says", func(b *broken) {
		b.dryRun = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			planned, err := b.Store.DryRun(ctx, set)
			_, _ = b.Store.Apply(ctx, set)
			return planned, err
		}
	}},
	{"a dry run says done", "^Writer$/dry_run_says", func(b *broken) {
		b.dryRun = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			planned, err := b.Store.DryRun(ctx, set)
			for i := range planned.Changes {
				planned.Changes[i].Outcome = domain.Done
			}
			return planned, err
		}
	}},
	{"a dry run looks at the first change alone", "^Writer$/dry_run_agrees", func(b *broken) {
		b.dryRun = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			planned, err := b.Store.DryRun(ctx, set)
			if _, alone := b.Store.DryRun(ctx, again(set, set.Changes()[:1])); err != nil && alone == nil {
				return domain.Applied{Changes: make([]domain.AppliedChange, len(set.Changes()))}, nil
			}
			return planned, err
		}
	}},
	{"what changes nothing has an entry", "all_together/random_commands", func(b *broken) {
		b.apply = func(ctx context.Context, set domain.ChangeSet) (domain.Applied, error) {
			applied, err := b.Store.Apply(ctx, set)
			for i, c := range applied.Changes {
				if c.Outcome == domain.Unchanged && !applied.Replayed {
					applied.Changes[i].Outcome = domain.Done
				}
			}
			return applied, err
		}
	}},
}
