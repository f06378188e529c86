package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
)

func importCommand(env environment, load settings) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Bring blocks, apartments and memberships into the register",
		Long: `Import reads a YAML or JSON file of blocks, apartments and memberships, adds
what the register lacks and updates what it has: all of it or, where anything is
wrong with the file, nothing. Importing it again changes nothing.

A block or an apartment is known by its id, a membership by user, block,
apartment and role. Nothing is deleted: dismiss a manager by giving the
membership the status banned.

With --check it prints what it would add and change, and writes nothing. That
may run beside a server.`,
		Example: `  omarty import --check register.yaml
  omarty import register.yaml`,
		Args: oneFile,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			config, err := loadPersistent(load)
			if err != nil {
				return err
			}
			file, err := readRegister(args[0])
			if err != nil {
				return err
			}
			if check {
				return checkImport(cmd.Context(), cmd.OutOrStdout(), config.Database, args[0], file)
			}
			importer, cleanup, err := newImporter(cmd.Context(), config, slog.New(newLogHandler(env.stderr, config.Log)))
			if err != nil {
				return err
			}
			defer cleanup()
			summary, err := runImport(cmd.Context(), importer, file, env.stderr)
			if err != nil {
				return notImported(args[0], err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Imported %s: %d added, %d changed, %d unchanged.\n", args[0], summary.Added, summary.Changed, summary.Unchanged)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&check, "check", false, "print what would change, and write nothing")
	return cmd
}

// readRegister reads a register file, before anything is opened or made.
func readRegister(path string) (*registerfile.File, error) {
	file, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	read, err := registerfile.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return read, nil
}

// runImport imports a register file, and shows how far it is where progress is shown to a person.
func runImport(ctx context.Context, importer *application.ImportRegister, file *registerfile.File, progress io.Writer) (application.Summary, error) {
	show, end := progressOn(progress)
	defer end()
	return file.Import(ctx, importer, show)
}

// notImported says of a register file that nothing of it was kept.
func notImported(path string, err error) error {
	return fmt.Errorf("%s was not imported:\n%w", path, err)
}

// fewRows are imported before a person wonders.
const fewRows = 5000

// progressOn returns what shows progress in one line of a terminal, and what ends that line: nil and nothing where w is
// no terminal.
func progressOn(w io.Writer) (show func(done, total int), end func()) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil, func() {}
	}
	shown := false
	show = func(done, total int) {
		if total >= fewRows {
			shown = true
			fmt.Fprintf(w, "\rImporting: %d of %d rows", done, total)
		}
	}
	return show, func() {
		if shown {
			fmt.Fprintln(w)
		}
	}
}
