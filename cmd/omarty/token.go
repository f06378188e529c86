package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/configs"
	"omarty.net/registry/domain"
)

func tokenCommand(load settings) *cobra.Command {
	var user userFlag
	var ttl time.Duration
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "Mint an access token, for development",
		Long:    `Token prints an access token for a user, signed with the configured HS256 secret.`,
		Example: `  omarty token --user 7 --ttl 1h`,
		Args:    noArguments,
		PreRunE: func(*cobra.Command, []string) error {
			if user == 0 {
				return errors.New("whose token? Name a user, such as --user 7")
			}
			if ttl < time.Second {
				return errors.New("--ttl must be a second or longer, such as 1h")
			}
			return nil
		},
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			config, err := load(configs.NeedsSecret)
			if err != nil {
				return err
			}
			token, err := jwtauth.Mint([]byte(config.Auth.HS256Secret.Reveal()), domain.UserID(user), ttl, time.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		}),
	}
	cmd.Flags().Var(&user, "user", "the `id` of the user, required")
	cmd.Flags().DurationVar(&ttl, "ttl", time.Hour, "how long the token lives")
	return cmd
}

// userFlag is a user's id on the command line, 0 where none was given.
type userFlag domain.UserID

// Set reads the id.
func (u *userFlag) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return errors.New("must be a whole number above 0")
	}
	*u = userFlag(n)
	return nil
}

// String is what help shows as the default: nothing.
func (u *userFlag) String() string { return "" }

// Type is what help calls the value.
func (u *userFlag) Type() string { return "id" }
