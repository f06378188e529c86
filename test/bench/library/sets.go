package main

import (
	"context"
	"fmt"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// applySets registers apartments in sets, one in a block after the other, each tried by a dry run first.
func applySets(ctx context.Context, store application.Store, o options) ([]figure, error) {
	apply := application.New(store).ApplyChangeSet
	var runs, dryRuns stopwatch
	for set, ends := 0, time.Now().Add(o.duration); set == 0 || time.Now().Before(ends); set++ {
		in, err := registrations(set, o)
		if err != nil {
			return nil, err
		}
		for _, dry := range []bool{true, false} {
			in.DryRun = dry
			watch := &runs
			if dry {
				watch = &dryRuns
			}
			err := watch.measure(func() (int, error) {
				out, err := apply.Apply(ctx, in)
				return len(out.Changes), err
			})
			if err != nil {
				return nil, fmt.Errorf("set %d: %w", set, err)
			}
		}
	}
	run := runs.figure("run")
	run.Kept = runs.n
	return []figure{run, dryRuns.figure("dry run")}, nil
}

// registrations is the nth set, of apartments that its block does not have.
func registrations(n int, o options) (application.ApplyChangeSetInput, error) {
	block := n%o.blocks + 1
	in := application.ApplyChangeSetInput{Caller: application.Caller{User: domain.UserID(block)}, Block: domain.BlockID(block)}
	first := 2 + n/o.blocks*o.apartments
	for i := range o.apartments {
		floor, err := domain.NewFloor(int64(i % 40))
		if err != nil {
			return in, err
		}
		number, err := domain.NewNumber(int64(first + i))
		if err != nil {
			return in, err
		}
		register, err := domain.NewRegister(floor, number)
		if err != nil {
			return in, err
		}
		in.Changes = append(in.Changes, register)
	}
	return in, nil
}
