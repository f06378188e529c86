//go:build wireinject

package main

import (
	"github.com/google/wire"

	"omarty.net/registry/application"
	"omarty.net/registry/configs"
)

// storeSet provides the register and the ports that it stands behind.
var storeSet = wire.NewSet(
	wire.FieldsOf(new(configs.Config), "Database"),
	newMetrics,
	openStore,
	wire.Bind(new(application.Importer), new(store)),
)

// watchedSet provides the ports of requests, counted and traced.
var watchedSet = wire.NewSet(
	wire.FieldsOf(new(configs.Config), "Tracing"),
	newTracing,
	watchedMembers,
	watchedRegistrar,
)

// useCaseSet provides the use cases, and the time and ids that they are handed.
var useCaseSet = wire.NewSet(
	systemClock,
	application.UUIDv7,
	application.NewCreateApartment,
	application.NewImportRegister,
)

// httpSet provides the server.
var httpSet = wire.NewSet(
	wire.FieldsOf(new(configs.Config), "HTTP"),
	newReadiness,
	tracedCreateApartment,
	newHandler,
	newServer,
	newConnections,
)
