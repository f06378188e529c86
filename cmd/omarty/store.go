package main

import (
	"context"
	"errors"
	"log/slog"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// store is a register, whatever keeps it.
type store interface {
	application.Store
	Ping(ctx context.Context) error
}

// memoryURL is the database URL of a register that ends with the program.
const memoryURL = "memory:"

// errMemory refuses a register in memory.
var errMemory = configs.Problems{"database.url is memory:, which ends with the program: set it (or OMARTY_DATABASE_URL) to sqlite:// or mysql://"}

// loadPersistent loads the configuration of a command whose work is lost with a register in memory.
func loadPersistent(load settings) (configs.Config, error) {
	config, err := load(configs.NeedsDatabase)
	if err == nil && config.Database.URL.Reveal() == memoryURL {
		err = errMemory
	}
	return config, err
}

// openSQL opens a configured database. What is wrong with its URL is a problem of the configuration.
func openSQL(ctx context.Context, c configs.Database, o sqlstore.Options) (*sqlstore.Store, error) {
	o.MaxConnections, o.BatchSize, o.Committers, o.AnyEngine = c.MaxConnections, c.BatchSize, c.Committers, !c.EngineCheck
	opened, err := sqlstore.Open(ctx, c.URL.Reveal(), o)
	return opened, problemOfURL(err)
}

// openPreview opens a configured database to be read beside a server.
func openPreview(ctx context.Context, c configs.Database) (*sqlstore.Preview, error) {
	opened, err := sqlstore.OpenPreview(ctx, c.URL.Reveal(), sqlstore.Options{MaxConnections: 2, AnyEngine: !c.EngineCheck})
	return opened, problemOfURL(err)
}

// problemOfURL makes a malformed URL a problem of the configuration.
func problemOfURL(err error) error {
	if wrong, ok := errors.AsType[sqlstore.URLError](err); ok {
		return configs.Problems{"database.url: " + wrong.Error()}
	}
	return err
}

// openStore opens the configured database and migrates it.
func openStore(ctx context.Context, c configs.Database, m *telemetry.Metrics, t *telemetry.Tracing, logger *slog.Logger) (store, func(), error) {
	if c.URL.Reveal() == memoryURL {
		return memstore.New(), func() {}, nil
	}
	options := sqlstore.Options{
		Logger: logger, OnRetry: m.Retried,
		OnMigrating: func(progress string) { logger.Info("migrating", "progress", progress) },
	}
	if t != nil {
		options.OnStatement, options.OnBatch = t.Statement, t.Batch
	}
	opened, err := openSQL(ctx, c, options)
	if err != nil {
		return nil, nil, err
	}
	logger.Info("opened the database", "engine", opened.Engine())
	for name, pool := range opened.Pools() {
		m.WatchPool(name, pool)
	}
	closeStore := func() {
		if err := opened.Close(); err != nil {
			logger.Error("close the database", "cause", err)
		}
	}
	applied, err := opened.Migrate(ctx)
	for _, a := range applied {
		logger.Info("applied a migration", "name", a.Name)
	}
	if err != nil {
		closeStore()
		return nil, nil, err
	}
	return opened, closeStore, nil
}
