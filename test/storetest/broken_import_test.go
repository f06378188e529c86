package storetest_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var importerBreakages = []breakage{
	{"the plan's error is wrapped", "^Importer$/as_it_is", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			err := b.Store.UpdateRegister(ctx, scope, plan, progress)
			return errors.Join(err)
		}
	}},
	{"changes written although the plan failed", "^Importer$/as_it_is", func(b *broken) {
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
	{"changes written for a caller who is gone", "^Importer$/nothing_is_written_for_a_caller", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			return b.Store.UpdateRegister(context.WithoutCancel(ctx), scope, plan, progress)
		}
	}},
	{"a plan's panic is swallowed", "^Importer$/panics", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			defer func() { _ = recover() }()
			return b.Store.UpdateRegister(ctx, scope, plan, progress)
		}
	}},
	{"the plan sees all but the named apartments", "^Importer$/within_the_scope", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			return b.Store.UpdateRegister(ctx, application.Scope{Blocks: scope.Blocks}, plan, progress)
		}
	}},
	{"what a user has changed counts as imported", "^Importer$/an_import_changed_last", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			return b.Store.UpdateRegister(ctx, scope, func(kept application.Kept) (application.Changes, error) {
				for i, a := range kept.Apartments {
					kept.Apartments[i].Imported = a.Apartment.RegisteredBy() == 0
				}
				return plan(kept)
			}, progress)
		}
	}},
	{"progress is not told", "^Importer$/progress", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, _ func(int)) error {
			return b.Store.UpdateRegister(ctx, scope, plan, nil)
		}
	}},
	{"changed apartments are not written", "^Importer$/change_places", func(b *broken) {
		b.update = func(ctx context.Context, scope application.Scope, plan plan, progress func(int)) error {
			return b.Store.UpdateRegister(ctx, scope, func(kept application.Kept) (application.Changes, error) {
				changes, err := plan(kept)
				changes.ChangedApartments = nil
				return changes, err
			}, progress)
		}
	}},
	{"the plan is made before the transaction", "^Importer$/does_not_change_before", func(b *broken) {
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
}

var exporterBreakages = []breakage{
	{"an export of all blocks", "^Exporter$/of_some_blocks", func(b *broken) {
		b.export = func(ctx context.Context, _ []domain.BlockID, to application.RegisterReader) error {
			return b.Store.ExportRegister(ctx, nil, to)
		}
	}},
	{"an export without the retired", "^Exporter$/every_block", func(b *broken) {
		b.export = func(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
			apartment := to.Apartment
			to.Apartment = func(a domain.Apartment) error {
				if a.Status() == domain.ApartmentRetired {
					return nil
				}
				return apartment(a)
			}
			return b.Store.ExportRegister(ctx, blocks, to)
		}
	}},
	{"an export block by block", "^Exporter$/at_one_moment|^Exporter$/in_the_order", func(b *broken) {
		b.export = func(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
			for _, block := range b.Store.Blocks() {
				if blocks == nil || slices.Contains(blocks, block.ID()) {
					if err := b.Store.ExportRegister(ctx, []domain.BlockID{block.ID()}, to); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}},
	{"an export whose parts are of several moments", "^Exporter$/nobody_waits", func(b *broken) {
		b.export = func(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
			nothing := application.RegisterReader{
				Block: func(domain.Block) error { return nil }, Apartment: func(domain.Apartment) error { return nil },
				Membership: func(domain.Membership) error { return nil },
			}
			of, apartments, memberships := nothing, nothing, nothing
			of.Block, apartments.Apartment, memberships.Membership = to.Block, to.Apartment, to.Membership
			return errors.Join(b.Store.ExportRegister(ctx, blocks, of), b.Store.ExportRegister(ctx, blocks, apartments), b.Store.ExportRegister(ctx, blocks, memberships))
		}
	}},
	{"an export that goes on after an error", "^Exporter$/ends_with_the_first_error", func(b *broken) {
		b.export = func(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
			var first error
			block := to.Block
			to.Block = func(b domain.Block) error {
				if err := block(b); first == nil {
					first = err
				}
				return nil
			}
			if err := b.Store.ExportRegister(ctx, blocks, to); err != nil {
				return err
			}
			return first
		}
	}},
}
