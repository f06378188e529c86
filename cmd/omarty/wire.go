//go:build wireinject

package main

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// newService wires what serve runs. The function that it returns closes the store, and sends the last traces.
func newService(ctx context.Context, config configs.Config, auth httpapi.Authenticator, logger *slog.Logger) (*service, func(), error) {
	panic(wire.Build(storeSet, watchedSet, useCaseSet, httpSet, wire.Struct(new(service), "*")))
}

// newImporter wires what import runs. The function that it returns closes the store.
func newImporter(ctx context.Context, config configs.Config, logger *slog.Logger) (*application.ImportRegister, func(), error) {
	panic(wire.Build(storeSet, noTracing, systemClock, application.UUIDv7, application.NewImportRegister))
}
