package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/configs"
	"omarty.net/registry/domain"
)

func tokenCommand(load settings) *cobra.Command {
	var user idFlag
	var ttl time.Duration
	var kid string
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Mint an access token, for development",
		Long: `Token prints an access token for a user, signed with the configured HS256 secret
or, with --kid, with the secret (kty oct) that the configured JSON Web Key Set
has under that id.`,
		Example: `  omarty token --user 7 --ttl 1h
  omarty token --user 7 --kid 2027`,
		Args: noArguments,
		PreRunE: func(*cobra.Command, []string) error {
			if user == 0 {
				return errors.New("whose token? Name a user, such as --user 7")
			}
			if ttl < time.Second {
				return errors.New("--ttl must be a second or longer, such as 1h")
			}
			return nil
		},
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			token, err := mintToken(load, kid, domain.UserID(user), ttl)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		}),
	}
	cmd.Flags().Var(&user, "user", "the `id` of the user, required")
	cmd.Flags().DurationVar(&ttl, "ttl", time.Hour, "how long the token lives")
	cmd.Flags().StringVar(&kid, "kid", "", "sign with the secret of this `id` in auth.jwks_file")
	return cmd
}

// mintToken signs with the secret of an id in the key set, with the plain secret where the id is "".
func mintToken(load settings, kid string, user domain.UserID, ttl time.Duration) (string, error) {
	if kid == "" {
		config, err := load(configs.NeedsSecret)
		if err != nil {
			return "", err
		}
		return jwtauth.Mint([]byte(config.Auth.HS256Secret.Reveal()), user, ttl, time.Now())
	}
	config, err := load(configs.NeedsKeySet)
	if err != nil {
		return "", err
	}
	set, err := configs.ReadSmallFile(config.Auth.JWKSFile)
	if err != nil {
		return "", configs.Problems{"auth.jwks_file: " + err.Error()}
	}
	token, err := jwtauth.MintWithSet(set, kid, user, ttl, time.Now())
	if err != nil {
		return "", fmt.Errorf("%s: %w", config.Auth.JWKSFile, err)
	}
	return token, nil
}
