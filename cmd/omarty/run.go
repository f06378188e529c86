package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

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
	code, complaint := judge(ctx, command, err)
	writeLast(env.stderr, complaint)
	return code
}

// judge returns the exit code for an error of a command, and what there is to say of it.
func judge(ctx context.Context, command *cobra.Command, err error) (code int, complaint string) {
	var problems configs.Problems
	var failed failure
	var told errTold
	switch {
	case err == nil:
		return exitOK, ""
	case errors.As(err, &told):
		return int(told), ""
	case errors.As(err, &problems):
		return exitUsage, complain("the configuration is wrong:", problems)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitFailure, complain("stopped by a signal before it was done:", err)
	case errors.As(err, &failed):
		return exitFailure, complain("", failed)
	default:
		return exitUsage, complain("", err) + fmt.Sprintf("Run '%s --help' to see how to use it.\n", command.CommandPath())
	}
}

// complain says an error, each of its lines indented where there are several.
func complain(heading string, err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if heading == "" && len(lines) == 1 {
		return fmt.Sprintf("omarty: %s\n", lines[0])
	}
	if heading == "" {
		heading, lines = lines[0], lines[1:]
	}
	return fmt.Sprintf("omarty: %s\n  %s\n", heading, strings.Join(lines, "\n  "))
}

// writeLast writes a text before the program ends, and waits no longer than logPatience for its reader.
func writeLast(w io.Writer, text string) {
	if text == "" {
		return
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(w, text) // nobody is left to tell
	}()
	select {
	case <-written:
	case <-time.After(logPatience):
	}
}

// action wraps the action of a command, so that its errors differ from those of wrong use.
func action(run func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := run(cmd, args); err != nil {
			return failure{err}
		}
		return nil
	}
}
