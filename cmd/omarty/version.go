package main

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// version and commit are set by the linker.
var version, commit string

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "omarty %s (commit %s, %s)\n",
				cmp.Or(version, "devel"), cmp.Or(commit, "unknown"), runtime.Version())
			return err
		}),
	}
}
