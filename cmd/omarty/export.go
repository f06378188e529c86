package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
	"omarty.net/registry/domain"
)

// exportRequest is what export is asked for.
type exportRequest struct {
	path   string
	format choiceFlag
	blocks idsFlag
	force  bool
}

// toStdout is the path that stands for stdout.
const toStdout = "-"

func exportCommand(load settings) *cobra.Command {
	r := exportRequest{format: choiceFlag{words: []string{formatYAML, formatJSON, formatCSV}}}
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write the register to a file, as import reads it or for a spreadsheet",
		Long: `Export writes all blocks, apartments and memberships, as they are at one moment,
to a file that import reads: YAML or JSON by its ending. Importing that changes
nothing, or brings the register into an empty database. A file that ends in .csv
gets the apartments alone, with who registered them and when, for a spreadsheet.

It may run beside a server. The file appears when it is whole, for its owner
alone, and takes no other's place without --force. FILE - is stdout.`,
		Example: `  omarty export register.yaml
  omarty export --block 4 --block 5 apartments.csv
  omarty export --format json - | gzip > register.json.gz`,
		Args: oneFile,
		PreRunE: func(_ *cobra.Command, args []string) error {
			r.path = args[0]
			return r.check()
		},
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			config, err := loadPersistent(load)
			if err != nil {
				return err
			}
			return r.run(cmd.Context(), config.Database, cmd.OutOrStdout(), cmd.ErrOrStderr())
		}),
	}
	cmd.Flags().Var(&r.format, "format", "yaml, json or csv, whatever the file's ending")
	cmd.Flags().Var(&r.blocks, "block", "export this block alone, by its `id`; may be repeated")
	cmd.Flags().BoolVar(&r.force, "force", false, "replace the file if it exists")
	return cmd
}

// check refuses what can be told without a database, and settles the format.
func (r *exportRequest) check() error {
	if r.format.word != "" {
		return nil
	}
	if r.path == toStdout {
		r.format.word = formatYAML
		return nil
	}
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(r.path), "."))
	if ending == "yml" {
		ending = formatYAML
	}
	if r.format.Set(ending) != nil {
		return fmt.Errorf("%s does not end in .yaml, .json or .csv: name it so, or say --format", r.path)
	}
	return nil
}

func (r *exportRequest) run(ctx context.Context, database configs.Database, stdout, stderr io.Writer) error {
	var done exported
	write := func(to io.Writer) (err error) {
		done, err = r.write(ctx, database, to)
		return err
	}
	var err error
	if r.path == toStdout {
		err = write(stdout)
	} else {
		err = writeWhole(r.path, r.force, write)
	}
	if err != nil {
		return err
	}
	if done.size > registerfile.MaxSize {
		fmt.Fprintf(stderr, "omarty: the export has %d MiB, and import reads files of up to %d: export in parts, with --block\n",
			done.size>>20, registerfile.MaxSize>>20)
	}
	if r.path != toStdout {
		_, err = fmt.Fprintf(stdout, "Wrote %s: %s.\n", r.path, done.counts(r.format.word))
	}
	return err
}

// exported is what was written.
type exported struct {
	blocks, apartments, memberships int
	size                            int64 // of a register file
}

// counts tells what a file of a format has.
func (e exported) counts(format string) string {
	apartments := counted(e.apartments, "apartment")
	if format == formatCSV {
		return apartments
	}
	return fmt.Sprintf("%s, %s, %s", counted(e.blocks, "block"), apartments, counted(e.memberships, "membership"))
}

// write writes the register, and tells what that was.
func (r *exportRequest) write(ctx context.Context, database configs.Database, to io.Writer) (done exported, err error) {
	register, err := openPreview(ctx, database)
	if err != nil {
		return done, err
	}
	defer func() { err = cmp.Or(err, register.Close()) }()
	missing := map[domain.BlockID]bool{}
	for _, id := range r.blocks {
		missing[id] = true
	}
	format, err := newExportFormat(r.format.word, to)
	if err != nil {
		return done, err
	}
	rows := format.Reader()
	err = application.NewExportRegister(register).Export(ctx, application.RegisterReader{
		Block: func(b domain.Block) error {
			done.blocks++
			delete(missing, b.ID())
			return rows.Block(b)
		},
		Apartment: func(a domain.Apartment) error {
			done.apartments++
			return rows.Apartment(a)
		},
		Membership: func(m domain.Membership) error {
			done.memberships++
			return rows.Membership(m)
		},
	}, r.blocks...)
	if err != nil {
		return done, err
	}
	for id := range missing {
		return done, notThere(id)
	}
	if err := format.Close(); err != nil {
		return done, err
	}
	if file, ok := format.(*registerfile.Writer); ok {
		done.size = file.Size()
	}
	return done, nil
}

// notThere says that the register has no such block.
func notThere(block domain.BlockID) error { return fmt.Errorf("block %d is not there", block) }
