package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/sqlstore"
)

func backupCommand(load settings) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy an SQLite register while it is in use",
		Long: `Backup writes a consistent copy of an SQLite register to a new file, beside a
server that may be using it. To restore it, stop the server, move the database
and the files ending in -wal and -shm away, put the copy in the database's place,
and start the server.

A register on MySQL is backed up by MySQL's own tools.`,
		Example: `  omarty backup /backups/omarty-2026-11-24.db`,
		Args:    oneFile,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			config, err := loadPersistent(load)
			if err != nil {
				return err
			}
			if err := sqlstore.Backup(cmd.Context(), config.Database.URL.Reveal(), args[0]); err != nil {
				return problemOfURL(err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s.\n", args[0])
			return nil
		}),
	}
}
