package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/spf13/cobra"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/logging"
	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// service is what serve runs.
type service struct {
	server      *http.Server
	connections *httpapi.Connections
	ready       *readiness
	importer    *application.ImportRegister
	metrics     *telemetry.Metrics
}

func serveCommand(env environment, load settings) *cobra.Command {
	var registerFile string
	var demo bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Serve answers POST /omartyapis/Create/ until SIGINT or SIGTERM (Ctrl-C), then
finishes what is in flight; a second signal ends it at once. It migrates the
database first; several may start at once on MySQL.

It needs a key to check access tokens with, and says which settings give one.`,
		Example: `  omarty serve --demo

  OMARTY_AUTH_HS256_SECRET_FILE=/etc/omarty/secret \
  OMARTY_DATABASE_URL=sqlite:///var/lib/omarty.db omarty serve`,
		Args: noArguments,
		PreRunE: func(*cobra.Command, []string) error {
			if demo && registerFile != "" {
				return errors.New("--demo comes with a register of its own: leave out --import")
			}
			return nil
		},
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			if demo {
				return serveDemo(cmd.Context(), env)
			}
			return serve(cmd.Context(), env, load, registerFile)
		}),
	}
	cmd.Flags().StringVar(&registerFile, "import", "", "import this register `file` before serving")
	cmd.Flags().BoolVar(&demo, "demo", false, "serve a small register in a temporary database, and print how to try it")
	return cmd
}

func serve(ctx context.Context, env environment, load settings, registerFile string) error {
	config, err := load(configs.NeedsDatabase, configs.NeedsKeys)
	if err != nil {
		return err
	}
	hangup, stop := hangups()
	defer stop()
	log := newServerLog(env.stderr, config.Log)
	defer log.Close(logPatience)
	auth, keys, err := newVerifier(config.Auth, systemClock())
	if err != nil {
		return err
	}
	var file *registerfile.File
	if registerFile != "" {
		if file, err = readRegister(registerFile); err != nil {
			return err
		}
	}
	// The port comes before the database: where it is in use, nothing has happened yet.
	listener, err := listen(ctx, config.HTTP.Address, httpAddress)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server has closed it, or the program ends
	var background sync.WaitGroup
	defer background.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return serveOn(ctx, listener, config, auth, log, func(ctx context.Context, s *service) error {
		keeper := &keyKeeper{
			verifier: auth, metrics: s.metrics.WatchKeys(), logger: log.Logger, auth: config.Auth, ring: keys,
			load: func() (configs.Auth, error) {
				again, err := load(configs.NeedsKeys)
				return again.Auth, err
			},
		}
		background.Go(func() { keeper.run(ctx, hangup) })
		if registerFile == "" {
			return nil
		}
		summary, err := runImport(ctx, s.importer, file, env.stderr)
		if err != nil {
			return notImported(registerFile, err)
		}
		log.Info("imported", "added", summary.Added, "changed", summary.Changed, "unchanged", summary.Unchanged)
		return nil
	})
}

// httpAddress names the setting of the server's address.
const httpAddress = "http.address (OMARTY_HTTP_ADDRESS)"

// listen listens on an address that a setting gives.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		if step, ok := errors.AsType[*net.OpError](err); ok {
			err = step.Err // the rest of it is the address again
		}
		return nil, fmt.Errorf("cannot listen on %s: %w: set %s to a free address of this machine", address, err, setting)
	}
	return listener, nil
}

// serveOn makes the service, prepares it and serves until ctx is done.
func serveOn(ctx context.Context, l net.Listener, config configs.Config, auth httpapi.Authenticator, log *logging.Log, prepare func(context.Context, *service) error) error {
	s, cleanup, err := newService(ctx, config, auth, log.Logger)
	if err != nil {
		return err
	}
	defer cleanup()
	s.metrics.WatchLog(log.Dropped, log.LeftOut)
	watch(s, config)
	endAdmin, err := serveAdmin(ctx, config.Admin, s.metrics, log.Logger)
	if err != nil {
		return err
	}
	defer endAdmin()
	if err := prepare(ctx, s); err != nil {
		return err
	}
	boundMemory(config.HTTP)
	log.Info("serving", "address", l.Addr().String(), "version", cmp.Or(version, "devel"))
	err = serveUntil(ctx, s, l, config.HTTP, log.Logger)
	log.Info("stopped")
	return err
}
