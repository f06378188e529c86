package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/configs"
)

// checkTimeout bounds the look at the database. A server that starts after it has waited for less.
const checkTimeout = 20 * time.Second

func checkCommand(load settings) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Say whether the server would serve as it is set up",
		Long: `Check looks at the configuration, the keys and the database, and prints what it
finds. It changes nothing, and may run beside a server. It exits with 0 if serve
would serve, with 2 if the configuration or a key is wrong, and with 1 if the
database cannot be used.

What only a start can show is left to it: whether the addresses are free, and
whether another process has the SQLite file.`,
		Example: `  omarty check --config /etc/omarty/omarty.yaml`,
		Args:    noArguments,
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			return check(cmd.Context(), cmd.OutOrStdout(), load)
		}),
	}
}

// errTold ends a command that has said what is wrong, with its exit code.
type errTold int

func (errTold) Error() string { return "it has been told" }

// check prints a line for each part that serving needs.
func check(ctx context.Context, w io.Writer, load settings) error {
	list := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	code := exitOK
	report := func(part string, err error, found string, whenWrong int) {
		state := "ok"
		if err != nil {
			state, found, code = "WRONG", strings.Join(strings.Split(err.Error(), "\n"), "\n\t\t"), max(code, whenWrong)
		}
		fmt.Fprintf(list, "%s\t%s\t%s\n", part, state, found)
	}
	// Each part is judged by itself, so that all that is wrong is told at once.
	_, err := load()
	report("configuration", err, "", exitUsage)
	found, err := checkKeys(load)
	report("keys", err, found, exitUsage)
	found, whenWrong, err := checkDatabase(ctx, load)
	report("database", err, found, whenWrong)
	if err := list.Flush(); err != nil {
		return err
	}
	if code != exitOK {
		return errTold(code)
	}
	return nil
}

func checkKeys(load settings) (found string, err error) {
	config, err := loadFor(load, configs.NeedsKeys)
	if err != nil {
		return "", err
	}
	_, ring, err := newVerifier(config.Auth, systemClock())
	if err != nil {
		return "", err
	}
	if len(ring.keys()) == 0 {
		return "none: every token is refused", nil
	}
	return counted(len(ring.keys()), "key"), nil
}

func checkDatabase(ctx context.Context, load settings) (found string, whenWrong int, err error) {
	config, err := loadFor(load, configs.NeedsDatabase)
	if err != nil {
		return "", exitUsage, err
	}
	url := config.Database.URL.Reveal()
	if url == memoryURL {
		return "kept in memory, until the program ends", exitOK, nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	state, err := sqlstore.Check(ctx, url, sqlstore.Options{AnyEngine: !config.Database.EngineCheck})
	if err != nil {
		if _, wrong := errors.AsType[sqlstore.URLError](err); wrong {
			return "", exitUsage, problemOfURL(err)
		}
		return "", exitFailure, err
	}
	switch {
	case state.Absent:
		return state.Database + " is not there: serve makes an empty one", exitOK, nil
	case len(state.Missing) > 0:
		return fmt.Sprintf("%s: serve applies %s first: %s", state.Database,
			counted(len(state.Missing), "migration"), strings.Join(state.Missing, ", ")), exitOK, nil
	default:
		return state.Database + ": can be read and written, its schema is current", exitOK, nil
	}
}

// errElsewhere is of a part that needs a configuration that is wrong.
var errElsewhere = errors.New("not looked at: mend the configuration first")

// loadFor loads the configuration with what a part needs. Where it is wrong without that need, it has been told.
func loadFor(load settings, need configs.Need) (configs.Config, error) {
	if _, err := load(); err != nil {
		return configs.Config{}, errElsewhere
	}
	return load(need)
}

// counted returns a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
