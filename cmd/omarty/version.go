package main

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// version and commit are set by the linker.
var version, commit string

// versionLine is what the version command and --version print.
func versionLine() string {
	return fmt.Sprintf("omarty %s (commit %s, %s)", cmp.Or(version, "devel"), cmp.Or(commit, "unknown"), runtime.Version())
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionLine())
			return err
		}),
	}
}
