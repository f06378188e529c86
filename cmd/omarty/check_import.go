package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"text/tabwriter"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// shownDifferences is how many rows of an import are shown one by one.
const shownDifferences = 50

// checkImport prints what an import would change, and writes nothing.
func checkImport(ctx context.Context, w io.Writer, database configs.Database, path string, file *registerfile.File) (err error) {
	kept, closeKept, err := openPreviewOrNothing(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, closeKept()) }()
	summary, differences, err := file.Check(ctx, application.NewImportRegister(kept, systemClock(), application.UUIDv7(systemClock())))
	if err != nil {
		return fmt.Errorf("%s would not be imported:\n%w", path, err)
	}
	fmt.Fprintf(w, "%s: %d to add, %d to change, %d unchanged. Nothing was written.\n", path, summary.Added, summary.Changed, summary.Unchanged)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range differences[:min(shownDifferences, len(differences))] {
		if d.Before == "" {
			fmt.Fprintf(table, "add\t%s\t%s\n", d.What, d.After)
		} else {
			fmt.Fprintf(table, "change\t%s\t%s, was %s\n", d.What, d.After, d.Before)
		}
	}
	if more := len(differences) - shownDifferences; more > 0 {
		fmt.Fprintf(table, "and %d more\n", more)
	}
	return table.Flush()
}

// openPreviewOrNothing opens the register to be read alone. One that is not there yet is empty.
func openPreviewOrNothing(ctx context.Context, c configs.Database) (application.Importer, func() error, error) {
	kept, err := openPreview(ctx, c)
	if errors.Is(err, fs.ErrNotExist) {
		return memstore.New(), func() error { return nil }, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return kept, kept.Close, nil
}
