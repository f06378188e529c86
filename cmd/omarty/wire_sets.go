//go:build wireinject

package main

import (
	"github.com/google/wire"

	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// storeSet provides the store and the port of imports.
var storeSet = wire.NewSet(
	wire.FieldsOf(new(configs.Config), "Database"),
	newMetrics,
	openStore,
	wire.Bind(new(application.Importer), new(store)),
	wire.Bind(new(telemetry.Ports), new(store)),
)

// watchedSet provides the ports that requests use, counted and traced.
var watchedSet = wire.NewSet(
	wire.FieldsOf(new(configs.Config), "Tracing"),
	newTracing,
	telemetry.NewStore,
)

// useCaseSet provides the use cases, with their clock and source of ids.
var useCaseSet = wire.NewSet(
	systemClock,
	application.UUIDv7,
	newApplication,
	importerOf,
)

// httpSet provides the server.
var httpSet = wire.NewSet(
	wire.FieldsOf(new(configs.Config), "HTTP", "Auth"),
	newReadiness,
	tracedCreateApartment,
	tracedUseCases,
	newPageSecret,
	newSurfaces,
	newHandler,
	newServer,
	newConnections,
)
