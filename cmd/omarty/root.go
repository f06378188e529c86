package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"omarty.net/registry/configs"
)

// settings reads the configuration that a command needs.
type settings func(needs ...configs.Need) (configs.Config, error)

func rootCommand(env environment) *cobra.Command {
	var file string
	root := &cobra.Command{
		Use:   "omarty",
		Short: "The register of residential blocks and their apartments",
		Long: `Omarty keeps the apartments of residential blocks: a block's manager registers
an apartment from a phone, and a number is in a block once.

Every command is set up by environment variables OMARTY_..., over a file that
--config or OMARTY_CONFIG names, over defaults. The file configs/omarty.yaml
explains each setting.

To see the server at work, run: omarty serve --demo`,
		Version:       versionLine(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.PersistentFlags().StringVar(&file, "config", variable(env.variables, "OMARTY_CONFIG"), "a YAML `file` with settings")
	load := func(needs ...configs.Need) (configs.Config, error) {
		return configs.Load(file, env.variables, needs...)
	}
	root.AddCommand(
		serveCommand(env, load),
		checkCommand(load),
		migrateCommand(load),
		importCommand(env, load),
		exportCommand(load),
		ledgerCommand(env, load),
		backupCommand(load),
		healthCommand(load),
		tokenCommand(load),
		versionCommand(),
	)
	refuseUnknown(root)
	return root
}

func variable(variables []string, name string) string {
	i := slices.IndexFunc(variables, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	if i < 0 {
		return ""
	}
	return variables[i][len(name)+1:]
}
