package main

import (
	"context"
	"log/slog"

	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// store is a register, whatever keeps it.
type store interface {
	application.Members
	application.Registrar
	application.Importer
}

// memoryURL is the database URL of a register that ends with the program.
const memoryURL = "memory:"

// errMemory is for the commands whose work would be lost at once.
var errMemory = configs.Problems{"database.url is memory:, which ends with the program: set it (or OMARTY_DATABASE_URL) to sqlite:// or mysql://"}

// openStore opens the configured database and migrates it.
func openStore(ctx context.Context, c configs.Database, logger *slog.Logger) (store, func(), error) {
	if c.URL.Reveal() == memoryURL {
		return memstore.New(), func() {}, nil
	}
	opened, err := sqlstore.Open(ctx, c.URL.Reveal(), sqlstore.Options{MaxConnections: c.MaxConnections, Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	closeStore := func() {
		if err := opened.Close(); err != nil {
			logger.Error("close the database", "cause", err)
		}
	}
	applied, err := opened.Migrate(ctx)
	for _, m := range applied {
		logger.Info("applied a migration", "name", m.Name)
	}
	if err != nil {
		closeStore()
		return nil, nil, err
	}
	return opened, closeStore, nil
}
