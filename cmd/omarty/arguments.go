package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"
)

// noArguments is for commands that take flags alone.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments: leave out %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// oneFile is for commands that take the path of a file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the path of one file, not %d", cmd.CommandPath(), len(args))
	}
	return nil
}

// refuseUnknown makes the commands that come with the command library refuse a word that they do not know, as the others
// do, where they would show help and end well.
func refuseUnknown(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err == nil && len(rest) > 0 {
					err = fmt.Errorf("unknown command %q for %q", rest[0], found.CommandPath())
				}
				return err
			}
		}
	}
}

// unreadable says which file could not be read, and why.
func unreadable(path string, err error) error {
	if step, ok := errors.AsType[*fs.PathError](err); ok {
		err = step.Err
	}
	return fmt.Errorf("%s cannot be read: %w", path, err)
}
