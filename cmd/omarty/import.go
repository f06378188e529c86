package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

func importCommand(env environment, load settings) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Bring blocks, apartments and memberships into the register",
		Long: `Import reads a YAML or JSON file of blocks, apartments and memberships, adds what the register lacks and updates
what it has: all of it or, where anything is wrong with the file, nothing. Importing it again changes nothing. A block or
an apartment is known by its id, a membership by user, block, apartment and role. Nothing is deleted: dismiss a manager
by giving the membership the status banned.`,
		Example: `  omarty import register.yaml`,
		Args:    cobra.ExactArgs(1),
		RunE: does(func(cmd *cobra.Command, args []string) error {
			config, err := load(configs.NeedsDatabase)
			if err != nil {
				return err
			}
			if config.Database.URL.Reveal() == memoryURL {
				return errMemory
			}
			importer, cleanup, err := newImporter(cmd.Context(), config, newLogger(env.stderr, config.Log))
			if err != nil {
				return err
			}
			defer cleanup()
			summary, err := importFile(cmd.Context(), importer, args[0], env.stderr)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Imported %s: %d added, %d changed, %d unchanged.\n", args[0], summary.Added, summary.Changed, summary.Unchanged)
			return nil
		}),
	}
}

// importFile imports a register file, and shows how far it is where progress is shown to a person.
func importFile(ctx context.Context, importer *application.ImportRegister, path string, progress io.Writer) (application.Summary, error) {
	file, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return application.Summary{}, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	register, err := registerfile.Read(file)
	if err != nil {
		return application.Summary{}, fmt.Errorf("%s: %w", path, err)
	}
	summary, err := importer.Import(ctx, register, progressOn(progress))
	if err != nil {
		return application.Summary{}, fmt.Errorf("%s was not imported:\n%w", path, err)
	}
	return summary, nil
}

// fewRows are imported before a person wonders.
const fewRows = 5000

// progressOn returns what shows progress in one line of a terminal, or nil where w is none.
func progressOn(w io.Writer) func(done, total int) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return func(done, total int) {
		if total < fewRows {
			return
		}
		fmt.Fprintf(w, "\rImporting: %d of %d rows", done, total)
		if done == total {
			fmt.Fprintln(w)
		}
	}
}
