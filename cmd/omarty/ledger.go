package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"omarty.net/registry/application"
	"omarty.net/registry/configs"
	"omarty.net/registry/domain"
)

// ledgerRequest is what ledger is asked for.
type ledgerRequest struct {
	block, apartment, by idFlag
	after                int64
	since, until         momentFlag
	last                 int
	all                  bool
	format               choiceFlag
}

// The bounds of --last, whose entries are held in memory.
const (
	defaultLast = 50
	maxLast     = 10_000
)

func ledgerCommand(env environment, load settings) *cobra.Command {
	r := ledgerRequest{
		since: momentFlag{now: systemClock()}, until: momentFlag{now: systemClock()},
		format: choiceFlag{word: formatTable, words: []string{formatTable, formatCSV, formatJSON}},
	}
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Print who changed what in a block",
		Long: `Ledger prints the last changes to the apartments of a block, the newest at the
end: when, what happened, by which user, through the app, the API, an import or
an undo, and the id of the request, by which the log has it. APT is the
apartment's id, for --apartment. A terminal's lines are cut to its width.

Csv is for a spreadsheet, json has an object a line; both have all there is. It
may run beside a server.`,
		Example: `  omarty ledger --block 4
  omarty ledger --block 4 --since 2h --by 7
  omarty ledger --block 4 --all --format csv > ledger.csv`,
		Args: noArguments,
		PreRunE: func(*cobra.Command, []string) error {
			switch {
			case r.block == 0:
				return errors.New("which block? Name it, such as --block 4")
			case r.last < 1 || r.last > maxLast:
				return fmt.Errorf("--last must be from 1 to %d: use --all for more", maxLast)
			case r.after < 0:
				return errors.New("--after must be 0 or above")
			default:
				return nil
			}
		},
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			config, err := loadPersistent(load)
			if err != nil {
				return err
			}
			return r.run(cmd.Context(), config.Database, env.stdout)
		}),
	}
	flags := cmd.Flags()
	flags.Var(&r.block, "block", "the `id` of the block, required")
	flags.Var(&r.apartment, "apartment", "changes to this apartment alone, by its `id`")
	flags.Var(&r.by, "by", "changes by this user alone, by the user's `id`")
	flags.Int64Var(&r.after, "after", 0, "changes after this `sequence` alone")
	flags.Var(&r.since, "since", "changes from this `time` on, in UTC, or so long ago: 2026-11-24, 2h")
	flags.Var(&r.until, "until", "changes before this `time`")
	flags.IntVar(&r.last, "last", defaultLast, "print this `many`")
	flags.BoolVar(&r.all, "all", false, "print all")
	flags.Var(&r.format, "format", "table, csv or json")
	return cmd
}

// run prints the entries that were asked for.
func (r *ledgerRequest) run(ctx context.Context, database configs.Database, w io.Writer) (err error) {
	register, err := openPreview(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, register.Close()) }()
	blocks, err := register.BlocksByID(ctx, []domain.BlockID{domain.BlockID(r.block)})
	if err != nil {
		return err
	}
	if len(blocks) == 0 {
		return notThere(domain.BlockID(r.block))
	}
	query := application.LedgerQuery{
		Block: domain.BlockID(r.block), Apartment: domain.ApartmentID(r.apartment), By: domain.UserID(r.by),
		Since: r.since.Time, Until: r.until.Time, Limit: application.MaxPageSize,
	}
	if r.all {
		query.After = new(domain.Sequence(r.after))
		return r.print(w, blocks[0].Block, false, application.LedgerEntries(ctx, register, query))
	}
	query.Descending, query.Limit = true, r.last+1 // or a full page, if that is less
	var last []domain.LedgerEntry                  // one more than is printed
	for e, err := range application.LedgerEntries(ctx, register, query) {
		if err != nil {
			return err
		}
		if e.Sequence <= domain.Sequence(r.after) || len(last) > r.last {
			break
		}
		last = append(last, e)
	}
	more := len(last) > r.last
	last = last[:min(len(last), r.last)]
	return r.print(w, blocks[0].Block, more, func(yield func(domain.LedgerEntry, error) bool) {
		for _, e := range slices.Backward(last) {
			if !yield(e, nil) {
				return
			}
		}
	})
}
