package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"omarty.net/registry/configs"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2 // wrong use or configuration
)

// environment is what a command has of the process.
type environment struct {
	stdout, stderr io.Writer
	variables      []string
}

// failure is an error of a command that was used rightly.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// run runs the command that the arguments name, and returns the exit code.
func run(ctx context.Context, args []string, env environment) int {
	root := rootCommand(env)
	root.SetArgs(args)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	command, err := root.ExecuteContextC(ctx)
	var problems configs.Problems
	var failed failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &problems):
		complain(env.stderr, "the configuration is wrong:", problems)
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		complain(env.stderr, "stopped by a signal before it was done:", err)
		return exitFailure
	case errors.As(err, &failed):
		complain(env.stderr, "", failed)
		return exitFailure
	default:
		complain(env.stderr, "", err)
		fmt.Fprintf(env.stderr, "Run '%s --help' to see how to use it.\n", command.CommandPath())
		return exitUsage
	}
}

// complain prints an error, each of its lines indented where there are several.
func complain(w io.Writer, heading string, err error) {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if heading == "" && len(lines) == 1 {
		fmt.Fprintf(w, "omarty: %s\n", lines[0])
		return
	}
	if heading == "" {
		heading, lines = lines[0], lines[1:]
	}
	fmt.Fprintf(w, "omarty: %s\n  %s\n", heading, strings.Join(lines, "\n  "))
}

// does wraps what a command does, so that its errors are told from those of wrong use.
func does(action func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := action(cmd, args); err != nil {
			return failure{err}
		}
		return nil
	}
}
