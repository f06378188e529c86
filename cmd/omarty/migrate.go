package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/configs"
)

func migrateCommand(load settings) *cobra.Command {
	var status bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Migrate applies the migrations that the database lacks, as serve and import do
by themselves. With --status it lists them instead, changes nothing, and may run
beside a server.`,
		Args: noArguments,
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			config, err := loadPersistent(load)
			if err != nil {
				return err
			}
			if status {
				return printMigrations(cmd.Context(), cmd.OutOrStdout(), config.Database.URL.Reveal())
			}
			return migrate(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), config)
		}),
	}
	cmd.Flags().BoolVar(&status, "status", false, "list the migrations, and when each was applied")
	return cmd
}

func migrate(ctx context.Context, w, progress io.Writer, config configs.Config) (err error) {
	opened, err := openSQL(ctx, config.Database, sqlstore.Options{
		OnMigrating: func(line string) { fmt.Fprintln(progress, line) },
	})
	if err != nil {
		return err
	}
	applied, err := opened.Migrate(ctx)
	for _, m := range applied {
		fmt.Fprintf(w, "applied %s\n", m.Name)
	}
	if closed := opened.Close(); err == nil {
		err = closed
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(w, "The schema is up to date.")
	}
	return err
}

func printMigrations(ctx context.Context, w io.Writer, url string) error {
	all, err := sqlstore.Migrations(ctx, url)
	if err != nil {
		return problemOfURL(err)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MIGRATION\tAPPLIED")
	for _, m := range all {
		applied := "not yet"
		if !m.AppliedAt.IsZero() {
			applied = m.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\n", m.Name, applied)
	}
	return table.Flush()
}
