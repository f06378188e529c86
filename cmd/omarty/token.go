package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/configs"
	"omarty.net/registry/domain"
)

func tokenCommand(load settings) *cobra.Command {
	var user int64
	var ttl time.Duration
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "Mint an access token, for development",
		Long:    `Token prints an access token for a user, signed with the configured HS256 secret.`,
		Example: `  omarty token --user 7 --ttl 1h`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if _, err := domain.NewUserID(user); err != nil {
				return fmt.Errorf("--%w", err)
			}
			if ttl < time.Second {
				return fmt.Errorf("--ttl must be a second or longer")
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
	cmd.Flags().Int64Var(&user, "user", 0, "the `id` of the user, required")
	cmd.Flags().DurationVar(&ttl, "ttl", time.Hour, "how long the token lives")
	return cmd
}
